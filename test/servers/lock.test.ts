import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { takeLock } from "../../src/host/database/lock.ts";
import { attempt } from "../../src/host/probe/mysql.ts";
import { type TargetOf, target } from "../../src/wait/probe.ts";
import { freePort, mariadb, Server, without } from "../support/servers.ts";
import { passwords } from "./waiting.ts";

const kind = mariadb(passwords["RIGHT"] as string);

/** Another process that holds the lock of nova's database, until it is killed or told to end. */
const holding = (port: number) => `
  const { createConnection } = require("mysql2");
  const c = createConnection({ host: "127.0.0.1", port: ${port}, user: "nova", password: ${JSON.stringify(passwords["RIGHT"])}, database: "nova" });
  c.query("SELECT GET_LOCK('plinth/nova', 0)", () => process.send("held"));
`;

describe("the lock of a database, on a real mariadbd", { skip: without(kind) }, () => {
  let server: Server;
  let nova: TargetOf<"mysql">;
  before(async () => {
    server = new Server(kind, await freePort());
    server.start();
    const login = { user: "nova", password: passwords["RIGHT"] as string, database: "nova" };
    nova = target({ kind: "mysql", host: "127.0.0.1", port: server.port, ...login, schema: true }) as TargetOf<"mysql">;
    while ((await attempt({ ...nova, schema: false }, AbortSignal.timeout(5000))).state !== "ready") await sleep(50);
  });
  after(() => server.stop());

  const other = async () => {
    const { spawn } = await import("node:child_process");
    const child = spawn(process.execPath, ["-e", holding(server.port)], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    await new Promise((held) => child.once("message", held));
    return child;
  };

  test("makes a second job wait, names its holder once, and passes on when the first is killed", async () => {
    const first = await other();
    const told: string[] = [];
    const second = takeLock(nova, 20_000, { onWait: (holder) => told.push(holder), onHandOver() {} });
    await sleep(500);
    assert.equal(told.length, 1);
    assert.match(told[0] ?? "", /^connection \d+ from 127\.0\.0\.1:\d+$/);
    const killed = performance.now();
    first.kill("SIGKILL");
    assert.ok((await second).ok);
    assert.ok(performance.now() - killed < 3000, "the server frees it with the connection");
  });

  test("makes services that need the schema wait while a job holds it", async () => {
    // Held by this process since the test before.
    const outcome = await attempt(nova, AbortSignal.timeout(5000));
    assert.equal(outcome.state, "unready");
    assert.match("reason" in outcome ? outcome.reason : "", /a job is at work on its schema \(connection \d+ holds/);
  });

  test("gives an error that names the holder if it is not freed in time", async () => {
    const late = await takeLock({ ...nova, database: "nova" }, 100, { onWait() {}, onHandOver() {} });
    assert.ok(!late.ok);
    assert.equal(late.diagnostics[0]?.failure, "dependency");
    assert.match(late.diagnostics[0]?.what ?? "", /plinth\/nova was not free within \d+ s: connection \d+ from/);
  });
});
