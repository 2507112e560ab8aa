/** What a signal does to a plinth that computes, writes or is about to become a service. While it waits: outside.test.ts. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { constants } from "node:os";
import { join, resolve } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { bakeInto, binary, sampleEnvironment, workDirectory } from "../support/plinth.ts";

const work = workDirectory();
const withoutStrace = spawnSync("strace", ["-V"]).status !== 0 && "needs strace";
const withoutNamespace =
  spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "true"]).status !== 0 && "needs root and unshare";

/** Seconds of reading: a node with classes of 3 MB. */
const heavy = join(work, "heavy");
for (const directory of ["nodes", "classes", "config-templates"])
  mkdirSync(join(heavy, directory), { recursive: true });
const classes = Array.from({ length: 8 }, (_, index) => `c${index}`);
for (const name of classes) {
  const lines = Array.from({ length: 60_000 }, (_, index) => `  ${name}_${index}: {a: [1, 2, x], b: text}\n`);
  writeFileSync(join(heavy, `classes/${name}.yml`), `parameters:\n${lines.join("")}`);
}
writeFileSync(join(heavy, "nodes/n1.yml"), `classes: [${classes}]\n`);
const git = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-C", heavy];
for (const words of [
  ["init", "-q"],
  ["add", "-A"],
  ["commit", "-qm", "first"],
]) {
  assert.equal(spawnSync("git", [...git, ...words]).status, 0);
}

const output = join(work, "output");
const ofModel = ["--model", heavy];
const ofNode = [...ofModel, "--node", "n1", "--templates", "config-templates"];

const computing: readonly (readonly string[])[] = [
  ["model", "show", "n1", ...ofModel],
  ["model", "show", "n1", "--json", ...ofModel],
  ["model", "show", "--all", "--json", ...ofModel],
  ["model", "explain", "n1", "c0_1:a", ...ofModel],
  ["model", "classes", "n1", ...ofModel],
  ["model", "check", ...ofModel],
  ["model", "diff", "HEAD", ...ofModel],
  ["bake", "--output", join(output, "image.json"), ...ofNode],
  ["check", ...ofNode],
  ["render", "--output", output, ...ofNode],
  ["explain", "/etc/nova/nova.conf", "DEFAULT", "debug", ...ofNode],
];

/** Processor time of a process so far, in seconds. */
function secondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function childOf(pid: number): Promise<number> {
  for (;;) {
    const found = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    if (found !== "") return Number(found.split(" ")[0]);
    await sleep(20);
  }
}

/** Waits until a plinth has long begun: it boots in a tenth of a second. */
async function atWork(pid: number): Promise<void> {
  while (secondsOf(pid) < 0.4) await sleep(20);
}

/**
 * Has a signal sent to a plinth, and checks what a shell sees of its end. Other tests run beside this one: the quickest of some
 * tries counts.
 *
 * @param start begins it, and waits until the signal may come. @returns the process that gets it, and the one that ends.
 */
async function endsAtOnce(
  signal: NodeJS.Signals,
  start: () => Promise<{ readonly child: ChildProcess; readonly pid?: number }>,
): Promise<void> {
  const times: number[] = [];
  while (times.length < 4 && !times.some((ms) => ms < 300)) {
    const { child, pid = child.pid as number } = await start();
    const ended = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
    const sent = performance.now();
    process.kill(pid, signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
    const [status, by] = await ended;
    clearTimeout(timer);
    times.push(Math.round(performance.now() - sent));
    assert.equal(status ?? 128 + constants.signals[by ?? "SIGKILL"], 128 + constants.signals[signal]);
  }
  assert.ok(Math.min(...times) < 300, `took ${times.join(", ")} ms`);
}

const named = (words: readonly string[]): string => words.filter((word) => !word.startsWith("/")).join(" ");

describe("a signal ends what computes at once", () => {
  for (const words of computing) {
    const others = words === computing[0] ? (["SIGHUP", "SIGQUIT", "SIGUSR1"] as const) : [];
    for (const signal of ["SIGINT", "SIGTERM", ...others] as const) {
      test(`${signal}: plinth ${named(words)}`, async () => {
        await endsAtOnce(signal, async () => {
          // Nobody reads standard output.
          const child = spawn(binary, words, { stdio: ["ignore", "pipe", "ignore"] });
          await atWork(child.pid as number);
          return { child };
        });
        assert.deepEqual(existsSync(output) ? readdirSync(output) : [], []);
      });
    }
  }

  test("for a shell, SIGINT is 130 and SIGTERM is 143", async () => {
    for (const [signal, status] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      const words = ["-c", '"$@"; echo "status $?"', "sh", binary, "model", "check", ...ofModel];
      const shell = spawn("sh", words, { stdio: ["ignore", "pipe", "ignore"] });
      let said = "";
      shell.stdout.on("data", (text) => (said += text));
      const pid = await childOf(shell.pid as number);
      await atWork(pid);
      process.kill(pid, signal);
      await once(shell, "close");
      assert.equal(said, `status ${status}\n`);
    }
  });

  test("what writes to a pipe that nobody reads", async () => {
    const wide = join(work, "wide");
    for (const directory of ["nodes", "classes"]) mkdirSync(join(wide, directory), { recursive: true });
    writeFileSync(join(wide, "nodes/n1.yml"), `parameters:\n  text: "${"x".repeat(3_000_000)}"\n`);
    await endsAtOnce("SIGTERM", async () => {
      const child = spawn(binary, ["model", "show", "n1", "--model", wide], { stdio: ["ignore", "pipe", "ignore"] });
      await sleep(1500);
      return { child };
    });
  });

  test("what reads a pipe that nobody writes", async () => {
    const pipe = join(work, "pipe");
    assert.equal(spawnSync("mkfifo", [pipe]).status, 0);
    const descriptor = openSync(pipe, "r+");
    await endsAtOnce("SIGINT", async () => {
      const child = spawn(binary, ["timeline"], { stdio: [descriptor, "ignore", "ignore"] });
      await sleep(700);
      return { child };
    });
    closeSync(descriptor);
  });

  test("what waits for git", async () => {
    const directory = join(work, "slow-git");
    mkdirSync(directory);
    writeFileSync(join(directory, "git"), "#!/bin/sh\nexec sleep 3\n");
    chmodSync(join(directory, "git"), 0o755);
    const env = { PATH: `${directory}:${process.env["PATH"]}` };
    await endsAtOnce("SIGTERM", async () => {
      const child = spawn(binary, ["model", "diff", "HEAD", ...ofModel], { env, stdio: "ignore" });
      await sleep(700);
      return { child };
    });
  });

  test("a signal that is ignored from outside stays ignored", async () => {
    const child = spawn("nohup", [binary, "model", "check", "--model", "model"], { stdio: ["ignore", "pipe", "pipe"] });
    const ended = once(child, "exit");
    child.stdout.resume();
    child.stderr.resume();
    await sleep(300);
    child.kill("SIGHUP");
    assert.deepEqual(await ended, [0, null]);
  });
});

describe("the same applies to process 1", { skip: withoutNamespace }, () => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1"] as const) {
    test(signal, async () => {
      const words = ["--pid", "--fork", "--mount-proc", binary, "model", "check", ...ofModel];
      await endsAtOnce(signal, async () => {
        const child = spawn("unshare", words, { stdio: "ignore" });
        const pid = await childOf(child.pid as number);
        await atWork(await childOf(pid));
        return { child, pid };
      });
    });
  }

  test("without a signal the exit status and the output are those of the verb", () => {
    const inside = (words: readonly string[]) =>
      spawnSync("unshare", ["--pid", "--fork", "--mount-proc", binary, ...words], { encoding: "utf8" });
    const shown = inside(["model", "nodes", "--names", "--model", "model"]);
    assert.equal(shown.status, 0);
    assert.match(shown.stdout, /^nova-controller$/m);
    assert.equal(inside(["model", "show", "no-such-node", "--model", "model"]).status, 78);
    assert.equal(inside(["model", "show", "--model", "model"]).status, 64);
  });
});

/** Runs plinth, to which a signal comes in the middle of its n-th call of a kind. */
function struck(call: string, words: readonly string[], env: Readonly<Record<string, string>> = {}, when = 1) {
  const inject = `inject=${call}:signal=SIGTERM:when=${when}`;
  const strace = ["-f", "-qq", "-o", "/dev/null", "-e", `trace=${call}`, "-e", inject, binary, ...words];
  const { status, signal } = spawnSync("strace", strace, { env: { PATH: process.env["PATH"] ?? "", ...env } });
  return status ?? 128 + constants.signals[signal ?? "SIGKILL"];
}

describe("a signal while files are written leaves no partial file", { skip: withoutStrace }, () => {
  const image = bakeInto(work, "nova-controller", "2025.1");
  const node = [
    "--node",
    "nova-controller",
    "--model",
    "model",
    "--release",
    "2025.1",
    "--templates",
    "config-templates",
  ];
  const own = `${process.getuid?.()}:${process.getgid?.()}`;
  const filesIn = (directory: string): readonly string[] =>
    readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap((each) =>
      each.isFile() ? [each.name] : [],
    );

  for (const call of ["fsync", "rename", "fchmod"]) {
    test(`bake, at ${call}`, () => {
      const directory = join(work, `bake-${call}`);
      mkdirSync(directory);
      assert.equal(struck(call, ["bake", ...node, "--output", join(directory, "image.json")]), 143);
      assert.deepEqual(readdirSync(directory), ["image.json"]);
      assert.equal(spawnSync(binary, ["check", "--image", join(directory, "image.json")]).status, 0);
    });

    test(`render, at ${call} of the second file`, () => {
      const directory = join(work, `render-${call}`);
      const words = ["render", "--image", image, "--output", directory, "--user", own];
      assert.equal(struck(call, words, sampleEnvironment, 2), 143);
      const left = filesIn(directory);
      assert.ok(left.includes("nova.conf"), String(left));
      assert.deepEqual(
        left.filter((name) => name.startsWith(".")),
        [],
      );
    });
  }

  test("start, before it becomes the service", () => {
    const marker = join(work, "became");
    const words = ["start", "conductor", "--image", image, "--root", join(work, "start"), "--no-wait"];
    const command = ["--user", own, "--", "/usr/bin/touch", marker];
    assert.equal(struck("rename", [...words, ...command], sampleEnvironment), 143);
    assert.ok(!existsSync(marker));
  });

  test("timeline --svg", () => {
    const log = join(work, "start.log");
    const { stderr } = spawnSync(
      binary,
      [
        "start",
        "conductor",
        "--image",
        image,
        "--root",
        join(work, "log"),
        "--no-wait",
        "--user",
        "0:0",
        "--",
        "/bin/true",
      ],
      { env: { ...sampleEnvironment, PLINTH_LOG_FORMAT: "json" }, encoding: "utf8" },
    );
    writeFileSync(log, stderr);
    const picture = join(work, "picture.svg");
    const strace = ["-f", "-qq", "-o", "/dev/null", "-P", picture, "-e", "inject=openat:signal=SIGTERM:when=1"];
    const ended = spawnSync("strace", [...strace, binary, "timeline", log, "--svg", picture], { encoding: "utf8" });
    assert.equal(ended.status, 143);
    assert.match(readFileSync(picture, "utf8"), /<\/svg>\s*$/);
  });

  test("keys", () => {
    const directory = join(work, "keys");
    assert.equal(struck("link,linkat", ["keys", directory]), 143);
    assert.deepEqual(readdirSync(directory).sort(), ["0", "1"]);
  });
});

test("a reader that closes the pipe early (| head) ends plinth without a message", () => {
  const script = '"$@" | head -n 1; echo "${PIPESTATUS[0]}"';
  const words = ["-c", script, "sh", binary, "model", "show", "--all", "--json", "--model", resolve("model")];
  const { stdout, stderr } = spawnSync("bash", words, { encoding: "utf8" });
  assert.equal(stdout, "{\n0\n");
  assert.equal(stderr, "");
});
