import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { endHung } from "../../../src/host/health/hang.ts";
import type { Question } from "../../../src/host/health/question.ts";
import { workDirectory } from "../../support/plinth.ts";

const started: ChildProcess[] = [];
after(() => {
  // Each leads a group of its own: a worker outlives its parent.
  for (const { pid } of started) {
    try {
      process.kill(-(pid as number), "SIGKILL");
    } catch {
      // It has ended.
    }
  }
});

/** A signal is sent at once, and taken when its process next has a processor. */
async function send(pid: number, signal: NodeJS.Signals, state: RegExp): Promise<void> {
  process.kill(pid, signal);
  while (!state.test(readFileSync(`/proc/${pid}/stat`, "utf8"))) await sleep(5);
}
const stop = (pid: number) => send(pid, "SIGSTOP", /\) [Tt] /);

/** A service of two processes, and the directory of its question, where its log is, too. */
async function service() {
  const directory = workDirectory();
  const log = join(directory, "log");
  const words = ["-c", "sleep 90 & echo $!; wait"];
  const child = spawn("sh", words, { stdio: ["ignore", "pipe", openSync(log, "w")], detached: true });
  started.push(child);
  const [worker] = (await once(child.stdout as NonNullable<typeof child.stdout>, "data")) as [Buffer];
  const question: Question = { pid: child.pid as number, alive: [], ready: [], depends: [] };
  return {
    child,
    pid: question.pid,
    directory,
    log,
    worker: Number(worker.toString()),
    runs: () => child.exitCode === null && child.signalCode === null,
    ask: () => endHung(question, join(directory, "conductor.json"), "ready", 1000),
  };
}

describe("a check that ends what hangs", { concurrency: true }, () => {
  test("ends a service within 15 s if any of its processes is stopped, and says so in its log", async () => {
    const { child, worker, ask, log } = await service();
    const ended = once(child, "exit");
    await stop(worker);
    const began = performance.now();
    const result = await ask();
    const seconds = (performance.now() - began) / 1000;
    assert.ok(seconds > 9 && seconds < 15, `${seconds} s`);
    assert.deepEqual(await ended, [null, "SIGKILL"]);
    assert.ok(!result.ok);
    assert.match(
      result.diagnostics[0]?.what ?? "",
      /^the service was not alive for 10 s; plinth ended process \d+ \(sh\) .*: process \d+ \(sleep\) is stopped/,
    );
    const line = JSON.parse(readFileSync(log, "utf8")) as { level: string; code: string; msg: string };
    assert.deepEqual([line.level, line.code, line.msg], ["error", "hung-ended", result.diagnostics[0]?.what]);
  });

  test("leaves a service alone that continues before it is certain", async () => {
    const { pid, runs, ask } = await service();
    await stop(pid);
    const asked = ask();
    await sleep(4000);
    process.kill(pid, "SIGCONT");
    const result = await asked;
    assert.ok(!result.ok, "it was not ready when it was asked");
    assert.ok(runs());
    assert.ok((await ask()).ok);
  });

  test("leaves a service alone that somebody holds, and ends it after the hold", async () => {
    const { child, pid, directory, runs, ask } = await service();
    writeFileSync(join(directory, "hold"), "");
    await stop(pid);
    for (let round = 0; round < 3; round++) assert.ok(!(await ask()).ok);
    assert.ok(runs());
    rmSync(join(directory, "hold"));
    const ended = once(child, "exit");
    await ask();
    await ended;
  });

  const strace = spawnSync("strace", ["-V"]).error === undefined;
  test("leaves a service alone that a debugger traces", { skip: !strace && "no strace" }, async () => {
    const { pid, worker, runs, ask } = await service();
    const tracer = spawn("strace", ["-p", String(pid)], { stdio: ["ignore", "ignore", "pipe"], detached: true });
    started.push(tracer);
    await once(tracer.stderr, "data");
    await stop(worker);
    for (let round = 0; round < 3; round++) assert.ok(!(await ask()).ok);
    assert.ok(runs());
  });

  test("keeps its findings beside the question, for this process only", async () => {
    const { directory, ask } = await service();
    const seen = join(directory, "conductor.seen");
    assert.ok((await ask()).ok);
    const record = JSON.parse(readFileSync(seen, "utf8"));
    assert.equal(record.answered, true);
    writeFileSync(seen, JSON.stringify({ ...record, process: "1 1", failing: { since: 1, how: "stopped" } }));
    assert.ok((await ask()).ok);
    assert.notEqual(JSON.parse(readFileSync(seen, "utf8")).process, "1 1");
    writeFileSync(seen, "{");
    assert.ok((await ask()).ok);
    assert.ok(existsSync(seen));
  });
});
