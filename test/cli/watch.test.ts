import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { bakeInto, plinth, plinthRunning, sampleEnvironment, workDirectory } from "../support/plinth.ts";

const work = workDirectory();
const image = bakeInto(work, "nova-controller", "2025.1");
const own = `${process.geteuid?.()}:${process.getegid?.()}`;
const name = "SERVICE_DATABASE_PASSWORD";
const { [name]: _replaced, ...others } = sampleEnvironment;

const started: { kill: (signal: NodeJS.Signals) => unknown }[] = [];
after(() => {
  for (const each of started) each.kill("SIGKILL");
});

async function until(holds: () => boolean, what: string, ms = 15_000): Promise<void> {
  const limit = performance.now() + ms;
  while (!holds()) {
    assert.ok(performance.now() < limit, `${what} within ${ms} ms`);
    await sleep(20);
  }
}

const text = (path: string): string => (existsSync(path) ? readFileSync(path, "utf8") : "");

/** A watch of a secret's file, without any etcd, over files that a start has rendered. */
async function watching(title: string, path: string, then: readonly string[]) {
  const root = join(work, title);
  const env = { ...others, [`${name}_FILE`]: path };
  const rendered = plinth(["render", "conductor", "--image", image, "--output", root, "--user", own], { env });
  assert.equal(rendered.status, 0, rendered.stderr);
  const words = ["watch", "conductor", "--image", image, "--root", root, "--user", own, ...then];
  const watch = plinthRunning(words, { env });
  started.push(watch.child);
  await until(() => watch.stderr().includes("following 1 files"), "follows");
  const has = (secret: string) => text(join(root, "etc/nova/nova.conf")).includes(`:${secret}@`);
  return { ...watch, has };
}

test("watch follows a secret that Kubernetes replaces, an editor renames, and somebody writes in place", async () => {
  const directory = join(work, "mounted");
  const version = (number: number, secret: string) => {
    mkdirSync(join(directory, `..${number}`), { recursive: true });
    writeFileSync(join(directory, `..${number}/password`), secret);
    symlinkSync(`..${number}`, join(directory, "..data_tmp"));
    renameSync(join(directory, "..data_tmp"), join(directory, "..data"));
  };
  version(1, "first");
  symlinkSync("..data/password", join(directory, "password"));
  const marker = join(work, "marker-kubernetes");
  const path = join(directory, "password");
  const { child, ended, has, stderr } = await watching("kubernetes", path, [
    "--",
    "/bin/sh",
    "-c",
    `echo >> ${marker}`,
  ]);
  version(2, "second");
  await until(() => has("second"), "the link was taken");
  rmSync(path);
  await sleep(1500);
  writeFileSync(`${path}.new`, "third");
  renameSync(`${path}.new`, path);
  await until(() => has("third"), "the new file was taken");
  writeFileSync(path, "fifth");
  await until(() => has("fifth"), "what was written in place was taken");
  await until(() => text(marker).length === 3, "the command ran each time");
  assert.doesNotMatch(stderr(), /secret-absent/, "a file that is away for a moment is nothing to tell");
  child.kill("SIGTERM");
  const { status, stdout } = await ended;
  assert.equal(status, 143);
  assert.doesNotMatch(stdout + stderr(), /third|fifth|sixth/);
});

test("watch reports a missing secret, goes on, and reads it when it is back", async () => {
  const path = join(work, "gone");
  writeFileSync(path, "before");
  const { has, stderr, child } = await watching("gone-root", path, []);
  rmSync(path);
  await until(() => stderr().includes("secret-absent"), "tells");
  assert.ok(has("before"));
  writeFileSync(path, "again");
  await until(() => has("again"), "goes on");
  child.kill("SIGTERM");
});

test("watch ends a command at its limit with all that it started, and handles changes of the meantime once afterwards", async () => {
  const path = join(work, "hanging");
  const runs = join(work, "runs");
  writeFileSync(path, "secret0");
  const script = `echo >> ${runs}; trap '' TERM; sleep 1000 & sleep 1000`;
  const then = ["--timeout", "2", "--", "/bin/bash", "-c", script];
  const { has, stderr, child, ended } = await watching("hanging-root", path, then);
  writeFileSync(path, "secret1");
  await until(() => text(runs).length === 1, "runs");
  for (const number of [2, 3, 4, 5]) {
    writeFileSync(path, `secret${number}`);
    await sleep(700);
  }
  await until(() => stderr().includes("command-slow"), "tells of the limit", 20_000);
  await until(() => has("secret5"), "the newest value is there");
  await until(() => text(runs).length === 2, "runs once more");
  const left = () => spawnedBy(child.pid as number);
  assert.ok(left().length > 0);
  const pids = left();
  const began = performance.now();
  child.kill("SIGTERM");
  assert.equal((await ended).status, 143);
  assert.ok(performance.now() - began < 5000);
  await until(() => pids.every((pid) => !existsSync(`/proc/${pid}`)), "the command is gone with the watch");
  assert.equal(text(runs).length, 2);
});

/** The process ids of all that descends from a process. */
function spawnedBy(pid: number): readonly number[] {
  const children = text(`/proc/${pid}/task/${pid}/children`).trim().split(" ").filter(Boolean).map(Number);
  return children.flatMap((each) => [each, ...spawnedBy(each)]);
}

for (const [word, trap] of [
  ["HUP", "HUP"],
  ["sighup", "HUP"],
  ["SigUsr2", "USR2"],
  ["1", "HUP"],
  ["WINCH", "WINCH"],
  ["RTMIN+3", "RTMIN+3"],
] as const) {
  test(`--signal ${word} is sent as SIG${trap}`, async () => {
    const id = word.replace(/\W/g, "");
    const path = join(work, `signal-${id}`);
    writeFileSync(path, "one");
    const service = join(work, `service-${id}`);
    const got = join(work, `got-${id}`);
    writeFileSync(service, `#!/bin/bash\ntrap 'echo got >> ${got}' ${trap}\nwhile :; do sleep 0.1; done\n`, {
      mode: 0o755,
    });
    started.push(spawn(service, { stdio: "ignore" }));
    const { child } = await watching(`root-${id}`, path, ["--signal", word, "--process", `service-${id}`]);
    writeFileSync(path, "two");
    await until(() => text(got) !== "", "the service got it");
    child.kill("SIGTERM");
  });
}

test("watch reports that no process has that name, and goes on", async () => {
  const path = join(work, "nobody");
  writeFileSync(path, "one");
  const { child, stderr } = await watching("nobody-root", path, ["--signal", "HUP", "--process", "no-such-service"]);
  writeFileSync(path, "two");
  await until(() => stderr().includes("no-such-service does not run"), "tells");
  assert.equal(child.exitCode, null);
  child.kill("SIGTERM");
});

for (const [title, words, said] of [
  ["a signal without a process", ["--signal", "HUP"], /--signal is given, but --process is missing/],
  ["a process without a signal", ["--process", "nova-conductor"], /--process is given, but --signal is missing/],
  ["a signal that there is not", ["--signal", "HUPP", "--process", "x"], /no signal HUPP.*did you mean HUP/],
  ["a number that is not a signal", ["--signal", "65", "--process", "x"], /no signal 65/],
  ["a limit of 0", ["--timeout", "0", "--", "true"], /--timeout takes a number above 0, not "0"/],
] as const) {
  test(`${title} is a usage mistake: 64`, () => {
    const { status, log } = plinth(["watch", "conductor", "--image", image, ...words], {
      env: { ...others, [`${name}_FILE`]: "/etc/hostname" },
    });
    assert.equal(status, 64);
    assert.match(`${log[0]?.msg} ${log[0]?.fix}`, said);
  });
}

test("watch without etcd and files is an error", () => {
  const { status, log } = plinth(["watch", "--image", image], { env: sampleEnvironment });
  assert.deepEqual([status, log[0]?.code], [64, "nothing-to-watch"]);
});
