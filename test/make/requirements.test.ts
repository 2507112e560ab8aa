/** What make says where something is missing: make itself, in a directory with its file and the tables only. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { workDirectory } from "../support/plinth.ts";

const directory = workDirectory();
const requirements = "scripts/requirements";
const lines = (file: string): readonly string[] => readFileSync(join(requirements, file), "utf8").split("\n");
const targets = lines("targets").flatMap((line) => {
  const [, name = "", things = ""] = /^([\w-]+):(.*)$/.exec(line) ?? [];
  return name === "" ? [] : [{ name, things: things.trim().split(/\s+/) }];
});

const makefile = readFileSync("Makefile", "utf8");
const isThere = (target: string): boolean => new RegExp(`^${target}:`, "m").test(makefile);

/** What every machine has that make is on. */
const basics = ["awk", "bash", "cat", "dirname", "env", "find", "id", "make", "mkdir", "sh", "touch", "uname"];
const others = [
  ...[
    "npm",
    "git",
    "openssl",
    "docker",
    "podman",
    "kubectl",
    "chromium",
    "python3",
    "reclass",
    "memcached",
    "mariadbd",
  ],
  ...["mariadb-install-db", "rabbitmq-server", "epmd", "etcd", "etcdctl", "shellcheck", "go", "ssh-keygen"],
];

type Case = {
  readonly title: string;
  readonly target: string;
  /** Programs that are not there. */
  readonly without?: readonly string[];
  /** Programs that are there, as shell scripts. */
  readonly programs?: Readonly<Record<string, string>>;
  readonly words?: readonly string[];
  /** npm has not run yet. */
  readonly fresh?: boolean;
  /** Each line but make's own. */
  readonly said: readonly RegExp[];
};

const refused = "echo 'permission denied while trying to connect to the Docker daemon socket' >&2; exit 1";
const silent = "echo 'Cannot connect to the Docker daemon. Is it running?' >&2; exit 1";
const noCompose = '[ "$1" != compose ] || { echo "docker: \'compose\' is not a docker command." >&2; exit 1; }';

const cases: readonly Case[] = [
  {
    title: "without kubectl",
    target: "kubernetes-down",
    without: ["kubectl"],
    said: [/kubectl is missing \(https:\/\/kubernetes\.io\/docs\/tasks\/tools\/\)\.$/],
  },
  {
    title: "a kubectl that knows no cluster",
    target: "kubernetes-down",
    programs: { kubectl: "echo 'error: current-context is not set' >&2; exit 1" },
    said: [/kubectl knows no cluster: set KUBECONFIG to the file that names one\.$/],
  },
  {
    title: "another system",
    target: "check",
    programs: { uname: '[ "$1" = -m ] && echo x86_64 || echo Darwin' },
    said: [/on Linux, and this is Darwin\.$/],
  },
  {
    title: "another processor",
    target: "check",
    programs: { uname: '[ "$1" = -m ] && echo riscv64 || echo Linux' },
    said: [/x86_64 and arm64, and this is riscv64\.$/],
  },
  { title: "no npm", target: "run", without: ["npm"], fresh: true, said: [/npm is missing \(Debian's package npm\)/] },
  {
    title: "no npm, no Docker",
    target: "up",
    without: ["npm", "docker"],
    fresh: true,
    said: [
      /npm is missing/,
      /Docker is missing \(Debian's packages docker\.io and docker-cli/,
      /Compose v2 is missing/,
    ],
  },
  {
    title: "npm without optional packages",
    target: "check",
    fresh: true,
    said: [/npm left out its optional packages/],
  },
  {
    title: "a C library that is too old",
    target: "check",
    fresh: true,
    programs: { node: "echo \"/lib/libc.so.6: version 'GLIBC_2.28' not found\" >&2; exit 1" },
    said: [/does not run here, which wants glibc 2\.28 or newer: .*GLIBC_2\.28/],
  },
  ...targets
    .filter(({ name, things }) => isThere(name) && things.some((thing) => thing === "engine" || thing === "builder"))
    .map(({ name: target, things }) => ({
      title: "no Docker",
      target,
      without: ["docker"],
      said: [
        /Docker is missing \(Debian's packages docker\.io and docker-cli; Ubuntu's docker\.io\)/,
        ...(things.includes("compose") ? [/Compose v2 is missing/] : []),
      ],
    })),
  ...["up", "images"].flatMap((target) => [
    {
      title: "a Docker that is not ours",
      target,
      programs: { docker: `[ "$1" = compose ] || { ${refused}; }` },
      said: [/may not talk to Docker: sudo usermod -aG docker \S+, then log in again\.$/],
    },
    {
      title: "a Docker that is down",
      target,
      programs: { docker: `[ "$1" = compose ] || { ${silent}; }` },
      said: [
        /ocker does not answer \(where it is not running: sudo systemctl start docker\): Cannot connect to the Docker daemon\. Is it running\?$/,
      ],
    },
  ]),
  {
    title: "no Compose",
    target: "up",
    programs: { docker: noCompose },
    said: [/Compose v2 is missing.*\(Debian 13's package docker-compose; Ubuntu's docker-compose-v2/],
  },
  {
    title: "Compose of version 1 only",
    target: "up",
    programs: { docker: noCompose, "docker-compose": "echo 1.29.2" },
    said: [/A docker-compose of version 1 will not do/],
  },
  {
    title: "podman for the stack",
    target: "up",
    words: ["ENGINE=podman"],
    said: [/podman builds images .*, and only Docker runs the stack\.$/],
  },
  {
    title: "no podman",
    target: "images",
    words: ["ENGINE=podman"],
    without: ["podman"],
    said: [/Podman is missing \(Debian's package podman\)/],
  },
  {
    title: "a podman that does not answer",
    target: "images",
    words: ["ENGINE=podman"],
    programs: { podman: "echo 'cannot clone' >&2; exit 125" },
    said: [/podman does not answer .*: cannot clone$/],
  },
  { title: "no git", target: "test", without: ["git"], said: [/git is missing \(Debian's package git\)/] },
  {
    title: "no openssl",
    target: "test",
    without: ["openssl"],
    said: [/openssl is missing \(Debian's package openssl\)/],
  },
  {
    title: "no chromium",
    target: "e2e",
    without: ["chromium"],
    said: [/chromium is missing \(Debian's package chromium\)/],
  },
  {
    title: "no Python",
    target: "bench",
    without: ["python3"],
    said: [/python3 is missing \(Debian's package python3\)/],
  },
  {
    title: "no memcached",
    target: "bench",
    without: ["memcached"],
    said: [/memcached is missing \(Debian's package memcached\)/],
  },
  {
    title: "no MariaDB",
    target: "bench",
    without: ["mariadbd"],
    said: [/MariaDB is missing \(Debian's package mariadb-server\)/],
  },
  {
    title: "no RabbitMQ",
    target: "bench",
    without: ["rabbitmq-server"],
    said: [/RabbitMQ is missing \(Debian's package rabbitmq-server\)/],
  },
  {
    title: "no etcd",
    target: "bench",
    without: ["etcdctl"],
    said: [/etcd is missing \(Debian's packages etcd-server and etcd-client\)/],
  },
  {
    title: "no reclass",
    target: "bench-model",
    without: ["reclass"],
    said: [/reclass is missing \(Debian's package reclass\)/],
  },
  {
    title: "no pip",
    target: "lint",
    programs: { python3: '[ "$2" != pip ]' },
    said: [/pip is missing \(Debian's package python3-pip\)/],
  },
  {
    title: "no pip",
    target: "site",
    programs: { python3: '[ "$2" != pip ]' },
    said: [/pip is missing \(Debian's package python3-pip\)/],
  },
  {
    title: "no Python",
    target: "site",
    without: ["python3"],
    said: [/python3 is missing/, /pip is missing/],
  },
  {
    title: "a Python that is too old",
    target: "site",
    programs: { python3: '[ "$1" != -c ]' },
    said: [/python3 is older than 3\.11/],
  },
  {
    title: "no shellcheck and no go",
    target: "lint",
    without: ["shellcheck", "go"],
    said: [/shellcheck is missing \(Debian's package shellcheck\)/, /go is missing \(Debian's package golang-go\)/],
  },
  {
    title: "nothing that signs",
    target: "release",
    without: ["ssh-keygen"],
    words: ["SIGN=key"],
    said: [/ssh-keygen is missing \(Debian's package openssh-client\)/],
  },
];

const found = (program: string): string =>
  spawnSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).stdout.trim();

/** A directory as it is after a clone, and one with all programs but those that are missing. */
function lay({ without = [], programs = {}, fresh = false }: Case, name: string) {
  const [clone, bin] = [join(directory, name, "clone"), join(directory, name, "bin")];
  mkdirSync(join(clone, requirements), { recursive: true });
  mkdirSync(bin, { recursive: true });
  for (const file of ["Makefile", "package-lock.json"]) cpSync(file, join(clone, file));
  cpSync(requirements, join(clone, requirements), { recursive: true });
  if (!fresh) {
    mkdirSync(join(clone, "node_modules"));
    writeFileSync(join(clone, "node_modules/.ready"), "");
  }
  for (const program of basics) symlinkSync(found(program), join(bin, program));
  const scripts = { ...Object.fromEntries(others.map((program) => [program, ""])), ...programs };
  for (const [program, script] of Object.entries(scripts)) {
    if (without.includes(program)) continue;
    rmSync(join(bin, program), { force: true });
    writeFileSync(join(bin, program), `#!/bin/bash\n${script}\n`);
    chmodSync(join(bin, program), 0o755);
  }
  return { clone, bin };
}

for (const [index, each] of cases.entries()) {
  test(`make ${each.target}, ${each.title}: a line says so, and nothing is made`, () => {
    const { clone, bin } = lay(each, `${index}`);
    const before = readdirSync(clone, { recursive: true }).length;
    const { status, stdout, stderr } = spawnSync("make", [each.target, ...(each.words ?? [])], {
      cwd: clone,
      encoding: "utf8",
      // A socket as standard input has bash read its start-up files, as for rsh(1).
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: bin, SBIN: "", HOME: directory },
    });
    assert.equal(status, 2, stderr);
    assert.equal(stdout, "");
    const said = stderr.split("\n").filter((line) => line !== "" && !/^make(\[\d\])?: \*\*\*/.test(line));
    assert.equal(said.length, each.said.length, stderr);
    for (const [at, pattern] of each.said.entries()) {
      assert.match(said[at] ?? "", pattern);
      assert.match(said[at] ?? "", /^make [\w-]+: /);
    }
    assert.equal(readdirSync(clone, { recursive: true }).length, before);
    assert.ok(!existsSync(join(clone, "build")));
  });
}

test("every message of the table appears in one of these cases", () => {
  const said = cases.flatMap((each) => each.said);
  const messages = lines("things").flatMap((line) => (line.startsWith("say: ") ? [line.slice(5)] : []));
  assert.ok(messages.length >= 20);
  // What a message takes from the machine stands for itself there.
  const filled = (message: string): string =>
    message
      .replace("$(uname -s)", "Darwin")
      .replace("$(uname -m)", "riscv64")
      .replace("$(id -un)", "me")
      .replace(
        "$answer",
        message.startsWith("Node") ? "GLIBC_2.28" : "Cannot connect to the Docker daemon. Is it running?",
      );
  for (const message of messages) {
    const texts = ["docker", "podman"].map((engine) => filled(message).replaceAll("$ENGINE", engine));
    assert.ok(
      texts.some((text) => said.some((pattern) => pattern.test(text))),
      message,
    );
  }
});

test("every target checks first for what it needs, and its needs are in the table", () => {
  const things = lines("things").flatMap((line) => /^\[(.*)\]$/.exec(line)?.[1] ?? []);
  for (const target of targets) {
    for (const thing of target.things) assert.ok(things.includes(thing), `${target.name}: ${thing}`);
  }
  const listed = [...makefile.matchAll(/^([a-z0-9-]+):(.*?) ## /gm)].map(([, name = "", before = ""]) => ({
    name,
    before,
  }));
  for (const { name, before } of listed) {
    if (name === "help" || name === "clean") continue;
    assert.equal(before.trim().split(" ")[0], `needs-${name}`);
  }
});
