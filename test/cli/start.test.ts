import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  bakeInto,
  binary,
  plinth,
  plinthRunning,
  sampleEnvironment,
  withoutBinary,
  workDirectory,
} from "../support/plinth.ts";

const work = workDirectory();
chmodSync(work, 0o755);
const image = bakeInto(work, "nova-controller", "2025.1");
const isRoot = process.geteuid?.() === 0;
const own = `${process.geteuid?.()}:${process.getegid?.()}`;
const start = (directory: string, ...words: string[]): string[] => [
  "start",
  "conductor",
  "--image",
  image,
  "--root",
  join(work, directory),
  "--no-wait",
  "--user",
  own,
  ...words,
];

/** What a program sees of itself. */
const status = ["--", "/bin/cat", "/proc/self/status"];
const fieldOf = (text: string, name: string): string =>
  new RegExp(`^${name}:\\s*(.*)$`, "m").exec(text)?.[1]?.trim() ?? "";

test("the service takes plinth's place: the same process, no signal ignored or blocked", {
  skip: withoutBinary,
}, () => {
  const { pid, stdout } = spawnSync(binary, start("same", ...status), {
    env: { ...sampleEnvironment },
    encoding: "utf8",
  });
  assert.equal(fieldOf(stdout, "Pid"), String(pid));
  // Signal 32 aside: posix_spawn of some parents (make) leaves it ignored, and it is the C library's own.
  assert.equal(BigInt(`0x${fieldOf(stdout, "SigIgn")}`) & 0x7fffffffn, 0n);
  assert.equal(fieldOf(stdout, "SigBlk"), "0000000000000000");
  assert.equal(fieldOf(stdout, "Name"), "cat");
});

test("root becomes the service's user with its groups; HOME is the user's", {
  skip: !isRoot && "only root can become somebody else",
}, () => {
  const words = [
    "start",
    "conductor",
    "--image",
    image,
    "--root",
    join(work, "nobody"),
    "--no-wait",
    "--user",
    "65534:65534",
  ];
  const seen = plinth([...words, ...status], { env: sampleEnvironment });
  assert.equal(fieldOf(seen.stdout, "Uid"), "65534\t65534\t65534\t65534");
  assert.equal(fieldOf(seen.stdout, "Gid"), "65534\t65534\t65534\t65534");
  assert.equal(fieldOf(seen.stdout, "Groups"), "65534");
  assert.equal(fieldOf(seen.stdout, "CapEff"), "0000000000000000");
  const home = plinth([...words, "--", "/usr/bin/printenv", "HOME"], { env: sampleEnvironment });
  assert.equal(home.stdout, "/nonexistent\n");
});

test("a uid that is not root stays itself, and needs no account", {
  skip: !isRoot && "needs root to be another uid",
}, () => {
  const directory = join(work, "other");
  mkdirSync(directory);
  chmodSync(directory, 0o777);
  const words = ["start", "conductor", "--image", image, "--root", directory, "--no-wait", ...status];
  const { stdout, status: code } = plinth(words, { env: sampleEnvironment, uid: 54321, gid: 54321 });
  assert.equal(code, 0);
  assert.equal(fieldOf(stdout, "Uid"), "54321\t54321\t54321\t54321");
});

test("a user that does not exist is reported, and the service does not run", {
  skip: !isRoot && "only root looks for the account",
}, () => {
  const ended = plinth(
    [
      "start",
      "conductor",
      "--image",
      image,
      "--root",
      join(work, "nouser"),
      "--no-wait",
      "--user",
      "nobody-of-this-name",
      "--",
      "/bin/echo",
      "ran",
    ],
    { env: sampleEnvironment },
  );
  assert.equal(ended.status, 126);
  assert.deepEqual(
    ended.log.map((line) => line.code),
    ["no-such-user"],
  );
  assert.equal(ended.stdout, "");
});

test("files have mode 0640, and their directory contains nothing else", () => {
  plinth(start("mode", "--", "/bin/true"), { env: sampleEnvironment });
  const directory = join(work, "mode/etc/nova");
  assert.equal(statSync(join(directory, "nova.conf")).mode & 0o7777, 0o640);
  assert.deepEqual(readdirSync(directory), ["nova.conf"]);
});

test("plinth writes through a link to its target", () => {
  const etc = join(work, "linked/etc/nova");
  mkdirSync(etc, { recursive: true });
  symlinkSync(join(work, "linked/run/plinth/nova.conf"), join(etc, "nova.conf"));
  assert.equal(plinth(start("linked", "--", "/bin/true"), { env: sampleEnvironment }).status, 0);
  assert.ok(lstatSync(join(etc, "nova.conf")).isSymbolicLink());
  assert.ok(lstatSync(join(work, "linked/run/plinth/nova.conf")).isFile());
});

test("a file with the right contents is not rewritten", () => {
  const file = join(work, "twice/etc/nova/nova.conf");
  plinth(start("twice", "--", "/bin/true"), { env: sampleEnvironment });
  const first = statSync(file);
  const again = plinth(start("twice", "--", "/bin/true"), { env: sampleEnvironment });
  assert.equal(statSync(file).ino, first.ino);
  assert.deepEqual(again.log.at(-1)?.["files"], [`${file} (unchanged)`]);
  plinth(start("twice", "--", "/bin/true"), { env: { ...sampleEnvironment, DEBUG: "true" } });
  assert.notEqual(statSync(file).ino, first.ino);
});

test("the service gets the environment without plinth's variables and without the secrets", () => {
  const given = { ...sampleEnvironment, OTHER: "kept", PLINTH_WAIT_TIMEOUT: "3" };
  const { stdout } = plinth(start("env", "--", "/usr/bin/env"), { env: given });
  assert.match(stdout, /^OTHER=kept$/m);
  assert.match(stdout, /^SERVICE_DATABASE_HOST=192\.0\.2\.10$/m);
  assert.doesNotMatch(stdout, /PASSWORD|PLINTH_/);
  const kept = plinth(start("env", "--keep-secrets", "--", "/usr/bin/env"), { env: given });
  assert.match(kept.stdout, /^SERVICE_DATABASE_PASSWORD=sample-database-password$/m);
});

test("a secret can come from a file, and the service does not get its path", () => {
  const secret = join(work, "secret");
  writeFileSync(secret, "from-a-file\n");
  const { SERVICE_DATABASE_PASSWORD: _, ...others } = sampleEnvironment;
  const { stdout } = plinth(start("file", "--", "/usr/bin/env"), {
    env: { ...others, SERVICE_DATABASE_PASSWORD_FILE: secret },
  });
  assert.match(readFileSync(join(work, "file/etc/nova/nova.conf"), "utf8"), /:from-a-file@/);
  assert.doesNotMatch(stdout, /SERVICE_DATABASE_PASSWORD/);
});

test("the service's exit status is the container's", () => {
  assert.equal(plinth(start("exit", "--", "/bin/sh", "-c", "exit 7"), { env: sampleEnvironment }).status, 7);
});

test("/entrypoint.sh SERVICE is plinth start SERVICE", { skip: withoutBinary }, () => {
  const link = join(work, "entrypoint.sh");
  symlinkSync(binary, link);
  const words = [
    "conductor",
    "--image",
    image,
    "--root",
    join(work, "link"),
    "--no-wait",
    "--user",
    own,
    "--",
    "/bin/echo",
    "became",
  ];
  const { stdout } = spawnSync(link, words, { env: { ...sampleEnvironment }, encoding: "utf8" });
  assert.equal(stdout, "became\n");
});

const script = (name: string, text: string, mode = 0o755): string => {
  const path = join(work, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};

for (const [title, command, expected, code] of [
  ["a program that is not in PATH", () => "no-such-program", 127, "command-not-found"],
  ["a program that is not at its path", () => "/no/such/program", 127, "command-not-found"],
  ["a directory", () => "/etc", 127, "command-not-found"],
  ["a file that is not a program", () => script("garbage", "neither\n"), 126, "command-not-executable"],
  ["an empty file", () => script("empty", ""), 126, "command-not-executable"],
  [
    "a script whose interpreter is missing",
    () => script("lost", "#!/no/such/interpreter\n"),
    126,
    "command-not-executable",
  ],
  ["a file without the right to run it", () => script("plain", "#!/bin/sh\n", 0o644), 126, "command-not-executable"],
] as const) {
  test(`${title} ends with ${expected} and a message, never an abort`, () => {
    const ended = plinth(start("exec", "--", command()), { env: sampleEnvironment });
    assert.equal(ended.status, expected);
    assert.equal(ended.log.at(-1)?.code, code);
  });
}

test("SIGTERM while waiting ends plinth within 100 ms with 143, whatever it waits for", {
  skip: withoutBinary,
}, async (context) => {
  const silent = createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
  context.after(() => silent.close());
  await once(silent, "listening");
  const { port } = silent.address() as { port: number };
  const given = { ...sampleEnvironment, SERVICE_DATABASE_HOST: "127.0.0.1", SERVICE_DATABASE_PORT: String(port) };
  const words = start("term", "--", "/bin/true").filter((word) => word !== "--no-wait");
  const env = { ...given, SERVICE_MESSAGE_QUEUE_HOST: "127.0.0.1", SERVICE_MESSAGE_QUEUE_PORT: "1" };
  const took: number[] = [];
  // Other files run beside this one: the quickest of some tries counts.
  while (took.length < 4 && !took.some((ms) => ms < 100)) {
    const { child, ended, stderr } = plinthRunning(words, { env });
    while (!stderr().includes("waiting for")) await sleep(10);
    const sent = performance.now();
    child.kill("SIGTERM");
    const { status: code, log } = await ended;
    took.push(Math.round(performance.now() - sent));
    assert.equal(code, 143);
    assert.match(log.at(-1)?.msg ?? "", /ended by SIGTERM while waiting for .*mysql/);
  }
  assert.ok(Math.min(...took) < 100, `took ${took.join(", ")} ms`);
});

test("a dependency that never appears ends the start with 75; the message names each, and no service runs", () => {
  const nowhere = Object.fromEntries(
    Object.keys(sampleEnvironment)
      .filter((name) => name.endsWith("_HOST"))
      .map((name) => [name, "127.0.0.1"]),
  );
  const ports = { SERVICE_DATABASE_PORT: "1", SERVICE_MESSAGE_QUEUE_PORT: "2", SERVICE_MEMCACHED_PORT: "3" };
  const words = start("late", "--timeout", "0.5", "--", "/bin/echo", "ran").filter((word) => word !== "--no-wait");
  const ended = plinth(words, { env: { ...sampleEnvironment, ...nowhere, ...ports } });
  assert.equal(ended.status, 75);
  const failures = ended.log.filter((line) => line.level === "error");
  for (const name of ["mysql nova@127.0.0.1:1/nova", "amqp openstack@127.0.0.1:2"]) {
    assert.ok(
      failures.some((line) => line.msg.startsWith(name)),
      `${name} in ${failures.map((line) => line.msg).join("; ")}`,
    );
  }
  assert.ok(!failures.some((line) => line.msg.startsWith("memcached")), "nova can do without its cache");
  assert.equal(ended.stdout, "");
});

test("no process of plinth is left beside the service", async () => {
  const { child, ended } = plinthRunning(start("alone", "--", "/bin/sleep", "3"), { env: sampleEnvironment });
  const comm = (): string => readFileSync(`/proc/${child.pid}/comm`, "utf8");
  for (let left = 100; left > 0 && comm() !== "sleep\n"; left--) await sleep(20);
  const tasks = readdirSync(`/proc/${child.pid}/task`);
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8");
  assert.equal(comm(), "sleep\n");
  assert.deepEqual([tasks.length, children], [1, ""]);
  await ended;
});
