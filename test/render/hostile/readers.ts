import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Dialect } from "../../../src/openstack/component.ts";
import type { Json } from "../../../src/schema/json.ts";
import { judge, missingPython } from "../../support/python.ts";
import { without } from "../../support/servers.ts";

/** What a reader makes of a file: every place with its value, in the file's order; or why it refuses the file. */
export type Read = readonly (readonly [place: string, value: string])[] | { readonly error: string };

/** Reads many files of one dialect with what reads them in an image. `directory` is the reader's own, and stays empty of files that it did not make. */
type Reader = (texts: readonly string[], directory: string) => readonly Read[];

const script = (name: string): URL => new URL(`../judges/${name}`, import.meta.url);
const python =
  (name: string): Reader =>
  (texts) =>
    judge<readonly Read[]>(script(name), texts);

function saved(texts: readonly string[], directory: string): readonly string[] {
  return texts.map((text, index) => {
    const path = join(directory, `${index}.conf`);
    writeFileSync(path, text);
    return path;
  });
}

function run(command: string, words: readonly string[], directory: string) {
  const ended = spawnSync(command, words, {
    cwd: directory,
    encoding: "utf8",
    timeout: 60_000,
    killSignal: "SIGKILL",
    maxBuffer: 1 << 28,
    env: { PATH: `${process.env["PATH"]}:/usr/sbin:/usr/bin`, HOME: "/the/home", LANG: "C.UTF-8" },
  });
  if (ended.error) throw ended.error;
  return ended;
}

function flat(value: Json, place = ""): [string, string][] {
  if (value === null || typeof value !== "object") return [[place, String(value)]];
  // A mapping's names are values, too: somebody chose them.
  return Object.entries(value).flatMap(([name, child], index) => [
    ...(Array.isArray(value) ? [] : [[`${place}/${index} name`, name] as [string, string]]),
    ...flat(child as Json, `${place}/${index}`),
  ]);
}

const json: Reader = (texts) =>
  texts.map((text) => {
    try {
      return flat(JSON.parse(text));
    } catch (error) {
      return { error: (error as Error).message };
    }
  });

/** Every variable that the file leaves behind, by a shell that begins with none. */
const sh: Reader = (texts, directory) =>
  saved(texts, directory).map((path) => {
    const words = ["-i", "sh", "-euac", '. "$1"; unset PWD; exec /usr/bin/env -0', "sh", path];
    const { stdout, stderr, status } = run("env", words, directory);
    if (status !== 0) return { error: stderr };
    return stdout
      .split("\0")
      .filter((line) => line !== "" && !/^(?:OLDPWD|_)=/.test(line))
      .map((line): [string, string] => [line.split("=")[0] ?? "", line.split("=").slice(1).join("=")]);
  });

const mysql: Reader = (texts, directory) =>
  saved(texts, directory).map((path) => {
    const { stdout, stderr, status } = run(
      "my_print_defaults",
      [`--defaults-file=${path}`, "client", "mysqld"],
      directory,
    );
    if (status !== 0) return { error: stderr };
    const lines = stdout.split("\n").filter((line) => line !== "");
    return lines.map((line, index): [string, string] => {
      const [, name = "", value = ""] = /^(--[\w-]+)(?:=(.*))?$/s.exec(line) ?? ["", "?", line];
      return [`${index} ${name}`, value];
    });
  });

const plugins = (): string => {
  const root = "/usr/lib/rabbitmq/lib";
  return join(root, readdirSync(root).find((name) => name.startsWith("rabbitmq_server-")) ?? "", "plugins");
};

const rabbitmq: Reader = (texts, directory) => {
  const of = (name: string): string =>
    join(plugins(), readdirSync(plugins()).find((one) => new RegExp(`^${name}-\\d`).test(one)) ?? name);
  // What RabbitMQ 4 has to be told, an older one on this machine does not know.
  const files = saved(
    texts.map((text) => text.replace(/^deprecated_features.*\n/m, "")),
    directory,
  );
  const words = ["cuttlefish", "getopt", "rabbit", "rabbit_common", "rabbitmq_prelaunch"]
    .map(of)
    .flatMap((path) => ["-pa", join(path, "ebin")]);
  const schema = join(of("rabbit"), "priv/schema/rabbit.schema");
  // An escript takes no -pa: the flags go by the environment.
  const ended = spawnSync("escript", [script("rabbitmq_whole.escript").pathname, schema, ...files], {
    cwd: directory,
    encoding: "utf8",
    timeout: 120_000,
    env: { PATH: process.env["PATH"] ?? "", HOME: directory, ERL_FLAGS: words.join(" ") },
  });
  if (ended.status !== 0) throw new Error(`escript: ${ended.stderr} ${ended.stdout}`);
  return ended.stdout.split("\n=\n").map((output) => {
    const lines = output.split("\n").filter((line) => line !== "");
    const wrong = lines.find((line) => line.startsWith("!"));
    if (wrong !== undefined) return { error: wrong };
    return lines.map((line): [string, string] => [line.split("\t")[0] ?? "", line.split("\t").slice(1).join("\t")]);
  });
};

/** HAProxy splits lines into words as its configuration.txt says in 2.2; whether it takes them, it says itself. */
const haproxy: Reader = (texts, directory) =>
  // No question to a server of names: only what is written counts here.
  saved(
    texts.map((text) => text.replaceAll("init-addr libc,none", "init-addr none")),
    directory,
  ).map((path, index) => {
    const { status, stderr } = run("haproxy", ["-c", "-f", path], directory);
    if (status !== 0) return { error: stderr };
    return (texts[index] as string)
      .split("\n")
      .flatMap((line, number) =>
        [...line.matchAll(/(?:'[^']*'|\\.|[^\s#'\\"])+|#.*/g)]
          .filter(([word]) => !word.startsWith("#"))
          .map(([word], at): [string, string] => [
            `${number + 1} ${at}`,
            word.replace(/'([^']*)'|\\(.)/g, (_, quoted, escaped) => quoted ?? escaped),
          ]),
      );
  });

/** It shows its options before it would use them; a directory that is not there ends it then. */
const uwsgi: Reader = (texts, directory) =>
  saved(texts, directory).map((path) => {
    const { stdout, stderr } = run("uwsgi", ["--show-config", "--chdir", "/nonexistent", "--ini", path], directory);
    const shown = /^\[uwsgi\]\n(.*)^;end of configuration$/ms.exec(stdout + stderr)?.[1];
    if (shown === undefined) return { error: stderr };
    return shown
      .split("\n")
      .filter((line) => line !== "" && !/^(show-config|chdir|ini|start-time) = /.test(line))
      .map((line, index): [string, string] => [
        `${index} ${line.split(" = ")[0]}`,
        line.split(" = ").slice(1).join(" = "),
      ]);
  });

export const readers: Readonly<Record<Exclude<Dialect, "sql" | "yaml" | "text">, Reader>> = {
  oslo: python("oslo_whole.py"),
  python: python("python_whole.py"),
  libvirt: python("libvirt_whole.py"),
  json,
  sh,
  mysql,
  rabbitmq,
  haproxy,
  uwsgi,
};

const program = (name: string, debianPackage: string): string | false =>
  without({ program: name, debianPackage, command: () => [name] });

/** Why a dialect's reader cannot be asked here, or false. On CI none is skipped. */
export const missing: Readonly<Record<keyof typeof readers, string | false>> = {
  oslo: missingPython("oslo_config"),
  python: missingPython("ast"),
  libvirt: missingPython("ctypes; ctypes.CDLL('libvirt.so.0')"),
  json: false,
  sh: false,
  mysql: program("my_print_defaults", "mariadb-server"),
  rabbitmq: program("escript", "rabbitmq-server"),
  haproxy: program("haproxy", "haproxy"),
  uwsgi: program("uwsgi", "uwsgi-core"),
};
