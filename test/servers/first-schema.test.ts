import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { beginSchemas, finishSchemas } from "../../src/host/database/first-schema.ts";
import { attempt, login, query } from "../../src/host/probe/mysql.ts";
import { type TargetOf, target } from "../../src/wait/probe.ts";
import { freePort, mariadb, Server, without } from "../support/servers.ts";
import { passwords } from "./waiting.ts";

const kind = mariadb(passwords["RIGHT"] as string);

/** The lock is not lost here. */
const kept = new AbortController().signal;

/** What a migration makes first: of two tables the second hangs on the first; then it notes its version. */
const migration = [
  "CREATE TABLE cells (id INT PRIMARY KEY)",
  "CREATE TABLE `odd``name` (cell INT, FOREIGN KEY (cell) REFERENCES cells (id))",
  "CREATE TABLE alembic_version (version_num VARCHAR(32))",
  "INSERT INTO alembic_version VALUES ('1')",
];

describe("the first schema of a database, on a real mariadbd", { skip: without(kind) }, () => {
  let server: Server;
  let nova: TargetOf<"mysql">;
  const dropped: string[] = [];
  const begin = async (): Promise<void> => {
    const begun = await beginSchemas([nova], kept, (database, tables) => dropped.push(`${database} ${tables}`));
    assert.ok(begun.ok);
  };
  const send = async (...statements: readonly string[]): Promise<void> => {
    const session = await login(nova, AbortSignal.timeout(5000));
    for (const statement of statements) await query(session, statement);
    session.end();
  };
  const outcome = () => attempt(nova, AbortSignal.timeout(5000));

  before(async () => {
    server = new Server(kind, await freePort());
    server.start();
    const account = { user: "nova", password: passwords["RIGHT"] as string, database: "nova" };
    nova = target({
      kind: "mysql",
      host: "127.0.0.1",
      port: server.port,
      ...account,
      schema: true,
    }) as TargetOf<"mysql">;
    while ((await attempt({ ...nova, schema: false }, AbortSignal.timeout(5000))).state !== "ready") await sleep(50);
    await send("DROP DATABASE nova", "CREATE DATABASE nova");
  });
  after(() => server.stop());

  test("does not exist for services while it is made, although all its tables do", async () => {
    await begin();
    await send(...migration);
    const now = await outcome();
    assert.equal(now.state, "unready");
    assert.match("reason" in now ? now.reason : "", /not whole: the db-sync job was ended in the middle/);
  });

  test("starts again after a job that was killed midway: the partial schema is dropped and reported", async () => {
    await begin();
    assert.deepEqual(dropped.splice(0), ["nova 3"]);
    // Would fail with "table exists".
    await send(...migration);
  });

  test("does not start again while the server still works for the killed job", async () => {
    const working = send("CREATE TABLE late (id INT) SELECT SLEEP(1) AS id");
    await sleep(200);
    await begin();
    await working;
    assert.deepEqual(dropped.splice(0), ["nova 4"]);
    await send(...migration);
  });

  test("exists once it is finished, and is not changed again", async () => {
    assert.ok((await finishSchemas([nova], kept)).ok);
    assert.deepEqual(await outcome(), { state: "ready" });
    await begin();
    assert.deepEqual(dropped, []);
    assert.deepEqual(await outcome(), { state: "ready" });
  });

  test("is reported as unknown if the database is missing", async () => {
    const lost = await beginSchemas([{ ...nova, database: "elsewhere" }], kept, () => {});
    assert.ok(!lost.ok);
    assert.equal(lost.diagnostics[0]?.code, "schema-lost");
    assert.match(lost.diagnostics[0]?.what ?? "", /Access denied|Unknown database/);
  });
});
