import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Check, Question } from "../../../src/host/health/question.ts";
import { questionOf } from "../../../src/host/health/question.ts";
import { type Aspect, judge } from "../../../src/host/health/verdict.ts";
import type { NeedRow } from "../../../src/openstack/component.ts";
import { plainSettings } from "../../support/rendering.ts";

const nothing: Question = { pid: process.pid, alive: [], ready: [], depends: [] };
const said = async (question: Question, aspect: Aspect): Promise<string> => {
  const result = await judge(question, aspect, 1000);
  return result.ok ? result.value : (result.diagnostics[0]?.what ?? "");
};

describe("a service's processes", () => {
  const directory = mkdtempSync(join(tmpdir(), "plinth-verdict-"));
  const children: ChildProcess[] = [];
  after(() => {
    // With all that it started: a sleep that is left holds the pipe that is read here, and this file would end with it.
    for (const { pid } of children) process.kill(-(pid as number), "SIGKILL");
    rmSync(directory, { recursive: true });
  });
  const start = async (program: string, words: readonly string[], argv0 = program): Promise<ChildProcess> => {
    const child = spawn(program, words, {
      cwd: directory,
      argv0,
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    assert.ok(child.stdout);
    await once(child.stdout, "data");
    return child;
  };
  /** A signal is sent at once, and taken when its process next has a processor. */
  const untilState = async (pid: number, state: string): Promise<void> => {
    while (!readFileSync(`/proc/${pid}/stat`, "utf8").includes(`) ${state} `)) await sleep(5);
  };
  const parent = () => start("sh", ["-c", "sleep 60 & echo $!; wait"]);
  const childOf = async (child: ChildProcess): Promise<number> => {
    return Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim());
  };

  test("are healthy if none of them is stopped", async () => {
    const [service, other] = [await parent(), await parent()];
    other.kill("SIGSTOP");
    const question = { ...nothing, pid: service.pid as number };
    assert.deepEqual([await said(question, "alive"), await said(question, "ready")], ["alive", "ready"]);
  });

  for (const [title, which] of [
    ["the first is stopped", (child: ChildProcess) => child.pid as number],
    ["one below it is stopped", childOf],
  ] as const) {
    test(`answer nobody where ${title}`, async () => {
      const service = await parent();
      const pid = await which(service);
      process.kill(pid, "SIGSTOP");
      await untilState(pid, "T");
      const question = { ...nothing, pid: service.pid as number };
      for (const aspect of ["alive", "ready"] as const) {
        assert.match(
          await said(question, aspect),
          new RegExp(`^the service is not ${aspect}: process ${pid} \\(sh|sleep\\) is stopped`),
        );
      }
      process.kill(pid, "SIGCONT");
      await untilState(pid, "S");
      assert.equal(await said(question, "alive"), "alive");
    });
  }

  test("are alive and not ready while plinth waits in their place", async () => {
    writeFileSync(join(directory, "start"), "import time; print('here', flush=True); time.sleep(60)");
    const plinth = await start("/usr/bin/python3", ["start", "conductor"], "plinth");
    const question = { ...nothing, pid: plinth.pid as number };
    assert.match(await said(question, "alive"), /^plinth still waits/);
    assert.match(await said(question, "ready"), /^the service is not ready: plinth still waits/);
  });
});

describe("silence", () => {
  const servers: Server[] = [];
  const listen = async (answer: string | undefined): Promise<number> => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", () => answer !== undefined && socket.end(answer));
    }).listen(0, "127.0.0.1");
    servers.push(server);
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  after(() => {
    for (const server of servers) server.close();
  });

  let silent: Check;
  let page: Check;
  let there: Check;
  let away: Check;
  before(async () => {
    const port = (number: number): Check => ({
      ask: "target",
      target: { kind: "tcp", name: `tcp ${number}`, host: "127.0.0.1", port: number },
    });
    const ok = await listen("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    silent = { ask: "http", place: { host: "127.0.0.1", port: await listen(undefined) }, path: "/" };
    page = { ask: "http", place: { host: "127.0.0.1", port: ok }, path: "/", expect: [200] };
    there = port(ok);
    away = port(1);
  });

  test("is the service's fault if all its dependencies answer", async () => {
    assert.match(
      await said({ ...nothing, alive: [silent], depends: [there] }, "alive"),
      /^the service is not alive: GET .*no answer/,
    );
  });

  test("is no reason for a restart if a dependency is away", async () => {
    const question = { ...nothing, alive: [silent], depends: [there, away] };
    assert.match(
      await said(question, "alive"),
      /^alive as far as can be told: tcp 1: .*ECONNREFUSED.*; GET .*no answer/,
    );
    assert.match(await said(question, "ready"), /^the service is not ready: GET .*no answer/);
  });

  test("of a dependency makes a service that answers not ready, and has no other effect", async () => {
    const question = { ...nothing, alive: [page], ready: [away], depends: [away] };
    assert.equal(await said(question, "alive"), "alive");
    assert.match(await said(question, "ready"), /^the service is not ready: tcp 1: .*ECONNREFUSED/);
  });
});

test("an optional dependency does not affect readiness, and excuses silence", () => {
  const cache = { members: [{ host: "cache", port: 11211 }] };
  const queue = { host: "mq", port: 5672, user: "u", password: "p", virtual_host: "/" };
  const needs: readonly NeedRow[] = [
    { probe: "memcached", from: "cache.members", optional: true },
    { probe: "amqp", from: "queue" },
  ];
  const settings = plainSettings({ cache, queue });
  const kinds = (checks: readonly Check[]) =>
    checks.map((check) => (check.ask === "target" ? check.target.kind : check.ask));
  const { ready, depends } = questionOf({ alive: [] }, needs, settings);
  assert.deepEqual([kinds(ready), kinds(depends)], [["amqp"], ["amqp", "memcached"]]);
  // A call goes over the broker, which need not be asked once more.
  const call = { ask: "rpc", from: "queue", exchange: "e", topic: "t" } as const;
  assert.deepEqual(kinds(questionOf({ alive: [call] }, needs, settings).ready), []);
});
