import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type BakedSchema, takes } from "../../src/host/database/baked-schema.ts";
import { attempt, login, query } from "../../src/host/probe/mysql.ts";
import { type TargetOf, target } from "../../src/wait/probe.ts";
import { bakeInto, type Ended, plinthRunning, sampleEnvironment, workDirectory } from "../support/plinth.ts";
import { freePort, mariadb, Server, without } from "../support/servers.ts";
import { passwords } from "./waiting.ts";

const work = workDirectory();
const password = passwords["RIGHT"] as string;
const own = `${process.geteuid?.()}:${process.getegid?.()}`;
const databases = Array.from({ length: 10 }, (_, index) => `keystone${index}`);
const kind = mariadb(password, [
  `CREATE USER IF NOT EXISTS keystone@'127.0.0.1' IDENTIFIED BY '${password}';`,
  ...databases.map((name) => `CREATE DATABASE IF NOT EXISTS ${name};`),
  "GRANT ALL ON `keystone%`.* TO keystone@'127.0.0.1';",
]);

/** Two tables, the first hanging on the second, rows with what is of one deployment, and a version. */
const schema: BakedSchema = {
  server: "10.5",
  uuids: 2,
  statements: [
    "CREATE TABLE a (id CHAR(36) PRIMARY KEY, made DATETIME(6), b INT NOT NULL, FOREIGN KEY (b) REFERENCES b (id)) ENGINE=InnoDB",
    "CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY) ENGINE=InnoDB",
    "CREATE TABLE b (id INT AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB",
    "INSERT INTO a VALUES (@uuid1, CONCAT(@now, '.000123'), '0')",
    "INSERT INTO a VALUES (@uuid2, @now, '0')",
    "INSERT INTO alembic_version VALUES ('7')",
    "INSERT INTO b VALUES ('0')",
  ],
};
const slow = "CREATE TABLE late (id INT) SELECT SLEEP(3) AS id";
/** The middle of it takes seconds. */
const slowly: BakedSchema = { ...schema, statements: schema.statements.toSpliced(3, 0, slow) };

test("a schema fits the MariaDB that made it and later ones, and no MySQL", () => {
  for (const [version, expected] of [
    ["11.8.9-MariaDB-0+deb13u1 from Debian", true],
    ["12.0.1-MariaDB", true],
    ["11.10.1-MariaDB", true],
    ["11.4.2-MariaDB-log", false],
    ["10.11.19-MariaDB", false],
    ["9.4.0", false],
    ["12.1.0-commercial", false],
    ["", false],
  ] as const) {
    assert.equal(takes(version, { ...schema, server: "11.8" }), expected, version);
  }
});

describe("a job whose image has the schema of its migrations, on a real mariadbd", { skip: without(kind) }, () => {
  let server: Server;
  let baked: string;
  const started: { readonly child: ReturnType<typeof plinthRunning>["child"] }[] = [];

  const at = (database: string) =>
    target({
      kind: "mysql",
      host: "127.0.0.1",
      port: server.port,
      user: "keystone",
      password,
      database,
      schema: true,
    }) as TargetOf<"mysql">;
  const ask = async (database: string, ...statements: readonly string[]): Promise<readonly unknown[]> => {
    const session = await login(at(database), AbortSignal.timeout(10_000));
    try {
      let rows: readonly unknown[] = [];
      for (const statement of statements) rows = await query(session, statement);
      return rows;
    } finally {
      session.destroy();
    }
  };
  const tables = async (database: string): Promise<readonly string[]> =>
    (await ask(database, "SHOW TABLES")).flat().map(String);
  const outcome = (database: string) => attempt(at(database), AbortSignal.timeout(5000));

  /** A job of a database of its own, whose program only says that it has run. */
  function job(database: string, has: BakedSchema | undefined, more: readonly string[] = []) {
    const directory = join(work, database);
    mkdirSync(join(directory, "schema"), { recursive: true });
    const [image, said] = [join(directory, "image.json"), join(directory, "said")];
    writeFileSync(image, baked.replace('"name":"keystone","user"', `"name":"${database}","user"`));
    if (has) writeFileSync(join(directory, "schema/database.json"), JSON.stringify(has));
    const words = [
      "start",
      "db-sync",
      "--image",
      image,
      "--root",
      directory,
      "--user",
      own,
      "--timeout",
      "60",
      ...more,
    ];
    const running = plinthRunning(words, {
      env: {
        ...sampleEnvironment,
        SERVICE_DATABASE_HOST: "127.0.0.1",
        SERVICE_DATABASE_PORT: `${server.port}`,
        SERVICE_DATABASE_PASSWORD: password,
        SAID: said,
      },
    });
    started.push(running);
    return { ...running, migrated: () => existsSync(said) && readFileSync(said, "utf8") === "migrated\n" };
  }
  const well = async ({ ended }: { readonly ended: Promise<Ended> }): Promise<Ended> => {
    const end = await ended;
    assert.equal(end.status, 0, end.stderr);
    return end;
  };
  const untilLate = async (database: string): Promise<void> => {
    const busy = "SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'CREATE TABLE late%'";
    while ((await ask(database, busy)).length === 0) await sleep(20);
  };

  before(async () => {
    server = new Server(kind, await freePort());
    server.start();
    await server.until(() => ask("keystone0", "SELECT 1").then(Boolean, () => false));
    const path = join(work, "migrate");
    writeFileSync(path, '#!/bin/sh\necho migrated >> "$SAID"\n', { mode: 0o755 });
    baked = readFileSync(bakeInto(work, "keystone-server", "2025.1"), "utf8").replace(
      /"command":\["\/usr\/bin\/keystone-manage"[^\]]*"db_sync"\]/,
      `"command":["${path}"]`,
    );
    assert.ok(baked.includes(path));
  });
  after(async () => {
    for (const { child } of started) child.kill("SIGKILL");
    await server.stop();
  });

  test("loads it where the database is empty, with this deployment's own ids and time, and runs no migration", async () => {
    const one = job("keystone0", schema);
    const { stderr } = await well(one);
    assert.match(stderr, /loaded the schema that the image was built with into keystone0/);
    assert.ok(!one.migrated());
    assert.deepEqual(await outcome("keystone0"), { state: "ready" });
    assert.deepEqual(await tables("keystone0"), ["a", "alembic_version", "b"]);
    const rows = (await ask(
      "keystone0",
      "SELECT a.id, TIMESTAMPDIFF(SECOND, made, UTC_TIMESTAMP()), MICROSECOND(made), b.id FROM a JOIN b ON a.b = b.id",
    )) as readonly (readonly [string, number, number, number])[];
    assert.equal(rows.length, 2);
    assert.notEqual(rows[0]?.[0], rows[1]?.[0]);
    for (const [id, age] of rows) {
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      assert.ok(age >= 0 && age < 60, `${age} s`);
    }
    assert.deepEqual(rows.map(([, , fraction]) => fraction).sort(), [0, 123]);
  });

  test("runs its migrations where the database has a schema already", async () => {
    await ask("keystone1", "CREATE TABLE alembic_version (version_num INT)");
    const one = job("keystone1", schema);
    assert.doesNotMatch((await well(one)).stderr, /the image was built with/);
    assert.ok(one.migrated());
    assert.deepEqual(await tables("keystone1"), ["alembic_version"]);
  });

  test("runs its migrations where the image has no schema, and where another program is asked for", async () => {
    const one = job("keystone2", undefined);
    await well(one);
    assert.ok(one.migrated());
    await well(job("keystone3", schema, ["--", "/bin/true"]));
    assert.deepEqual(await tables("keystone3"), []);
  });

  for (const [what, database, has, why] of [
    ["is of a later MariaDB", "keystone4", { ...schema, server: "99.1" }, /it was made by MariaDB 99\.1, and/],
    [
      "has what the server refuses",
      "keystone5",
      { ...schema, statements: schema.statements.toSpliced(4, 0, "CREATE TABLE c (id INT) COLLATE nowhere_ci") },
      /Unknown collation/,
    ],
  ] as const) {
    test(`says so and runs its migrations, in an empty database, where the schema ${what}`, async () => {
      const one = job(database, has);
      const { stderr } = await well(one);
      assert.match(stderr, why);
      assert.ok(one.migrated());
      assert.deepEqual(await tables(database), []);
    });
  }

  test("that is killed while it loads leaves no valid schema, and the next job completes it", async () => {
    const first = job("keystone6", slowly);
    await untilLate("keystone6");
    first.child.kill("SIGKILL");
    const now = await outcome("keystone6");
    assert.equal(now.state, "unready");
    const { stderr } = await well(job("keystone6", schema));
    assert.match(
      stderr,
      /dropping [1-4] tables of keystone6: a job that made its first schema was ended in the middle/,
    );
    assert.deepEqual(await tables("keystone6"), ["a", "alembic_version", "b"]);
    assert.deepEqual(await outcome("keystone6"), { state: "ready" });
    assert.ok(!first.migrated());
  });

  test("ends on SIGTERM while it loads, and the next job completes it", async () => {
    const first = job("keystone7", slowly);
    await untilLate("keystone7");
    first.child.kill("SIGTERM");
    assert.equal((await first.ended).status, 143);
    await well(job("keystone7", schema));
    assert.deepEqual(await tables("keystone7"), ["a", "alembic_version", "b"]);
  });

  test("stops loading if its lock is lost, and ends with 75", async () => {
    const first = job("keystone8", slowly);
    await untilLate("keystone8");
    const [[id] = []] = (await ask("keystone8", "SELECT IS_USED_LOCK('plinth/keystone8')")) as readonly number[][];
    await ask("keystone8", `KILL ${id}`);
    const { status, log } = await first.ended;
    assert.equal(status, 75);
    assert.ok(log.some(({ code }) => code === "lock-broken"));
    await sleep(4000);
    assert.equal((await ask("keystone8", "SELECT * FROM a")).length, 0);
    await well(job("keystone8", schema));
    assert.deepEqual(await tables("keystone8"), ["a", "alembic_version", "b"]);
  });
});
