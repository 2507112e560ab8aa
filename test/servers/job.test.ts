import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { login, query } from "../../src/host/probe/mysql.ts";
import { type TargetOf, target } from "../../src/wait/probe.ts";
import { bakeInto, type Ended, plinthRunning, sampleEnvironment, workDirectory } from "../support/plinth.ts";
import { freePort, mariadb, Server, without } from "../support/servers.ts";
import { passwords } from "./waiting.ts";

const work = workDirectory();
const password = passwords["RIGHT"] as string;
const own = `${process.geteuid?.()}:${process.getegid?.()}`;
const kind = mariadb(password, [
  `CREATE USER IF NOT EXISTS keystone@'127.0.0.1' IDENTIFIED BY '${password}';`,
  ...Array.from({ length: 10 }, (_, index) => `CREATE DATABASE IF NOT EXISTS keystone${index};`),
  "GRANT ALL ON `keystone%`.* TO keystone@'127.0.0.1';",
]);

/**
 * A slow program: says for $SECONDS_LONG that it is at work, twenty times a second; so does a child that has left its group
 * and session.
 */
const program = `#!/bin/bash
tick() { for ((i = 0; i < SECONDS_LONG * 20; i++)); do echo "$NAME $1 $EPOCHREALTIME" >> "$LOG"; sleep 0.05; done; }
if [ "$1" = aside ]; then tick aside; exit; fi
setsid -f "$0" aside
tick main
echo "$NAME end $EPOCHREALTIME" >> "$LOG"
`;

type Job = {
  readonly child: ReturnType<typeof plinthRunning>["child"];
  readonly ended: Promise<Ended>;
  readonly stderr: () => string;
};

type Tick = { readonly name: string; readonly what: string; readonly at: number };

/** A line to the server that can fall silent: both sides stay connected, and nothing comes through. */
class SilentLine {
  readonly #sockets: Socket[] = [];
  port = 0;
  readonly #server = createServer();

  async open(to: number): Promise<void> {
    this.#server.on("connection", (near) => {
      const far = connect(to, "127.0.0.1");
      this.#sockets.push(near, far);
      for (const socket of [near, far]) socket.on("error", () => {});
      near.on("data", (data) => far.write(data)).on("close", () => far.destroy());
      far.on("data", (data) => near.write(data)).on("close", () => near.destroy());
    });
    await new Promise<void>((settle) => this.#server.listen(0, "127.0.0.1", settle));
    this.port = (this.#server.address() as { port: number }).port;
  }

  fallSilent(): void {
    for (const socket of this.#sockets) socket.pause();
  }

  speak(): void {
    for (const socket of this.#sockets) socket.resume();
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

describe("a job and its lock, on a real mariadbd", { skip: without(kind), concurrency: true }, () => {
  let server: Server;
  let baked: string;
  const started: Job[] = [];

  const addressOf = (port: number, database: string) =>
    target({
      kind: "mysql",
      host: "127.0.0.1",
      port,
      user: "keystone",
      password,
      database,
      schema: false,
    }) as TargetOf<"mysql">;

  const ask = async (port: number, database: string, sql: string): Promise<readonly unknown[]> => {
    const session = await login(addressOf(port, database), AbortSignal.timeout(10_000));
    try {
      return await query(session, sql);
    } finally {
      session.destroy();
    }
  };

  const serving = async (one: Server): Promise<void> =>
    one.until(() =>
      ask(one.port, "keystone0", "SELECT 1").then(
        () => true,
        () => false,
      ),
    );

  /** Ends the connection that holds a database's lock, as an administrator would. */
  const killHolder = async (port: number, database: string): Promise<void> => {
    const [[id] = []] = (await ask(port, database, `SELECT IS_USED_LOCK('plinth/${database}')`)) as readonly number[][];
    assert.ok(id, "somebody holds the lock");
    await ask(port, database, `KILL ${id}`).catch(() => {});
  };

  /** A job of a database of its own, with the slow program in place of keystone's. */
  const jobs = (database: string, port: number) => {
    const log = join(work, `${database}.log`);
    const image = join(work, `${database}.json`);
    writeFileSync(image, baked.replace('"name":"keystone","user"', `"name":"${database}","user"`));
    const start = (name: string, seconds: number, at = port, timeout = "60"): Job => {
      const words = ["start", "db-sync", "--image", image, "--root", join(work, database, name), "--user", own];
      const job = plinthRunning([...words, "--timeout", timeout], {
        env: {
          ...sampleEnvironment,
          SERVICE_DATABASE_HOST: "127.0.0.1",
          SERVICE_DATABASE_PORT: `${at}`,
          SERVICE_DATABASE_PASSWORD: password,
          NAME: name,
          SECONDS_LONG: `${seconds}`,
          LOG: log,
        },
      });
      started.push(job);
      return job;
    };
    const ticks = (name?: string): readonly Tick[] =>
      (existsSync(log) ? readFileSync(log, "utf8") : "").split("\n").flatMap((line) => {
        const [who = "", what = "", at = ""] = line.split(" ");
        return at !== "" && (name === undefined || who === name) ? [{ name: who, what, at: Number(at) * 1000 }] : [];
      });
    const atWork = async (name: string): Promise<void> => {
      while (ticks(name).length < 4) await sleep(50);
    };
    /** Of two, one begins after the other's last sign of life. */
    const assertApart = (first: string, second: string): void => {
      const [last, next] = [ticks(first).at(-1), ticks(second)[0]];
      assert.ok(last && next, "both have run");
      assert.ok(next.at > last.at, `${second} began ${last.at - next.at} ms before ${first} had stopped`);
    };
    return { start, ticks, atWork, assertApart, log };
  };

  before(async () => {
    server = new Server(kind, await freePort());
    server.start();
    await serving(server);
    const image = bakeInto(work, "keystone-server", "2025.1");
    const path = join(work, "slow");
    writeFileSync(path, program, { mode: 0o755 });
    baked = readFileSync(image, "utf8").replace(
      /"command":\["\/usr\/bin\/keystone-manage"[^\]]*"db_sync"\]/,
      `"command":["${path}"]`,
    );
    assert.ok(baked.includes(path));
  });
  after(async () => {
    for (const { child } of started) child.kill("SIGKILL");
    await server.stop();
  });

  test("ends its program and all that it started if its connection is killed, before another job begins", async () => {
    const { start, ticks, atWork, assertApart } = jobs("keystone0", server.port);
    const first = start("first", 60);
    await atWork("first");
    await killHolder(server.port, "keystone0");
    const second = start("second", 1);
    const { status, log } = await first.ended;
    assert.equal(status, 75);
    const told = log.find(({ code }) => code === "lock-broken");
    assert.match(told?.msg ?? "", /the lock plinth\/keystone0 was lost while the job ran/);
    const stopped = ticks("first").length;
    const other = await second.ended;
    assert.equal(other.status, 0, other.stderr);
    assert.match(other.stderr, /before this one did not say that it ended: waiting 15 s/);
    assert.equal(ticks("first").length, stopped, "the child that left its session has ended, too");
    assertApart("first", "second");
  });

  test("that waits does not begin beside a job whose connection is killed", async () => {
    const { start, atWork, assertApart } = jobs("keystone1", server.port);
    const first = start("first", 60);
    await atWork("first");
    const second = start("second", 1);
    while (!second.stderr().includes("waiting for the lock")) await sleep(50);
    await killHolder(server.port, "keystone1");
    const [one, other] = await Promise.all([first.ended, second.ended]);
    assert.deepEqual([one.status, other.status], [75, 0], one.stderr + other.stderr);
    assertApart("first", "second");
  });

  test("lets the next job begin at once if its program succeeds or ends on SIGTERM", async () => {
    const { start, atWork, ticks } = jobs("keystone2", server.port);
    assert.equal((await start("first", 1).ended).status, 0);
    const second = start("second", 60);
    await atWork("second");
    second.child.kill("SIGTERM");
    assert.equal((await second.ended).status, 143);
    const began = performance.now();
    const third = await start("third", 1).ended;
    assert.equal(third.status, 0);
    assert.doesNotMatch(third.stderr, /did not say that it ended/);
    assert.ok(performance.now() - began < 10_000);
    assert.ok(ticks("third").length > 20);
  });

  test("keeps its lock while it is stopped, however long, and continues", async () => {
    const { start, atWork, assertApart, ticks } = jobs("keystone3", server.port);
    const first = start("first", 8);
    await atWork("first");
    const tree = execFileSync("pgrep", ["-f", join(work, "slow")], { encoding: "utf8" });
    const mine = tree
      .split("\n")
      .filter((pid) => pid !== "" && readFileSync(`/proc/${pid}/environ`, "utf8").includes("keystone3.log"))
      .map(Number);
    const pids = [...mine, first.child.pid as number];
    for (const pid of pids) process.kill(pid, "SIGSTOP");
    const second = start("second", 1);
    await sleep(20_000);
    assert.equal(ticks("second").length, 0);
    for (const pid of pids.reverse()) process.kill(pid, "SIGCONT");
    const [one, other] = await Promise.all([first.ended, second.ended]);
    assert.deepEqual([one.status, other.status], [0, 0], one.stderr + other.stderr);
    assertApart("first", "second");
  });

  test("that cannot reach its server is suspended, and continues when it can", async () => {
    const line = new SilentLine();
    await line.open(server.port);
    const { start, atWork, ticks, assertApart } = jobs("keystone4", server.port);
    const first = start("first", 15, line.port);
    await atWork("first");
    line.fallSilent();
    const second = start("second", 1);
    await sleep(11_000);
    const held = ticks("first").length;
    assert.ok(held > 0 && !ticks("first").some(({ what }) => what === "end"));
    await sleep(1000);
    assert.equal(ticks("first").length, held, "its program stands still");
    line.speak();
    const [one, other] = await Promise.all([first.ended, second.ended]);
    line.close();
    assert.deepEqual([one.status, other.status], [0, 0], one.stderr + other.stderr);
    assert.match(one.stderr, /the job's program is suspended until/);
    assertApart("first", "second");
  });

  test("that cannot reach its server is suspended before another job gets the lock", async () => {
    const line = new SilentLine();
    await line.open(server.port);
    const { start, atWork, assertApart } = jobs("keystone5", server.port);
    const first = start("first", 60, line.port);
    await atWork("first");
    line.fallSilent();
    // What the server does when it takes the client for dead.
    await killHolder(server.port, "keystone5");
    const second = await start("second", 1).ended;
    assert.equal(second.status, 0, second.stderr);
    assertApart("first", "second");
    line.speak();
    assert.equal((await first.ended).status, 75);
    line.close();
    assertApart("first", "second");
  });

  test("that is killed without its program leaves the lock to the program", async () => {
    const { start, atWork, assertApart } = jobs("keystone6", server.port);
    const first = start("first", 5);
    await atWork("first");
    first.child.kill("SIGKILL");
    const second = await start("second", 1).ended;
    assert.equal(second.status, 0, second.stderr);
    assertApart("first", "second");
  });

  test("ends its program after a crash of the server, before another job begins", async () => {
    const crashing = new Server(kind, await freePort());
    crashing.start();
    await serving(crashing);
    const { start, atWork, assertApart } = jobs("keystone7", crashing.port);
    const first = start("first", 60);
    await atWork("first");
    await crashing.kill();
    crashing.start();
    await serving(crashing);
    const second = start("second", 1);
    const [one, other] = await Promise.all([first.ended, second.ended]);
    await crashing.stop();
    assert.deepEqual([one.status, other.status], [75, 0], one.stderr + other.stderr);
    assertApart("first", "second");
  });

  test("survives a server that drops idle connections after a second", async () => {
    const hasty = new Server(
      {
        ...kind,
        command: (directory, port) => [...kind.command(directory, port), "--wait-timeout=1", "--interactive-timeout=1"],
      },
      await freePort(),
    );
    hasty.start();
    await serving(hasty);
    const { start, atWork, assertApart } = jobs("keystone8", hasty.port);
    const first = start("first", 5);
    await atWork("first");
    const second = start("second", 1);
    const [one, other] = await Promise.all([first.ended, second.ended]);
    await hasty.stop();
    assert.deepEqual([one.status, other.status], [0, 0], one.stderr + other.stderr);
    assertApart("first", "second");
  });
});
