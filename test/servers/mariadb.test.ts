import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { attempt } from "../../src/host/probe/mysql.ts";
import type { Outcome, TargetOf } from "../../src/wait/probe.ts";
import { mariadb, type Server } from "../support/servers.ts";
import { behavesLikeADependency } from "./behaviour.ts";
import { passwords, tryOnce, waiting } from "./waiting.ts";

const url = (port: number): string => `mysql://nova:$RIGHT@127.0.0.1:${port}/nova`;

const sql = (server: Server, statement: string): string =>
  execFileSync(
    "mariadb",
    ["--no-defaults", `--socket=${join(server.directory, "socket")}`, "-uroot", "-BNe", statement],
    {
      encoding: "utf8",
    },
  );

/** The port is open a second before the first login is answered: so long the init file sleeps. */
const slow = mariadb(passwords["RIGHT"] as string, ["SELECT SLEEP(1);"]);

behavesLikeADependency(
  slow,
  url,
  [
    {
      title: "with a wrong password names the refused user, and from where",
      url: (port) => `mysql://nova:$WRONG@127.0.0.1:${port}/nova`,
      says: /Access denied for user 'nova'@'127\.0\.0\.1'/,
    },
    {
      title: "with an unknown user names the refused user",
      url: (port) => `mysql://nobody:$RIGHT@127.0.0.1:${port}/nova`,
      says: /Access denied for user 'nobody'/,
    },
    {
      title: "for a database that the user may not use names it",
      url: (port) => `mysql://nova:$RIGHT@127.0.0.1:${port}/forbidden`,
      says: /'forbidden'/,
    },
  ],
  (server) => {
    test("for a database that does not exist names it", async () => {
      sql(server(), "GRANT ALL ON nowhere.* TO nova@'127.0.0.1'");
      const outcome = await tryOnce(`mysql://nova:$RIGHT@127.0.0.1:${server().port}/nowhere`);
      assert.deepEqual(outcome, { state: "refused", reason: "Unknown database 'nowhere' (error 1049)" });
    });

    for (const table of ["alembic_version", "migrate_version"]) {
      test(`for a schema ends when ${table} has a row, and not before`, async () => {
        const wait = waiting(`${url(server().port)}?schema=true`);
        await wait.until("unready");
        assert.match(wait.changes[0]?.reason ?? "", /has no schema yet/);
        sql(server(), `CREATE TABLE nova.${table} (version VARCHAR(32))`);
        assert.equal((await tryOnce(`${url(server().port)}?schema=true`)).state, "unready");
        sql(server(), `INSERT INTO nova.${table} VALUES ('1a2b')`);
        const result = await wait.over;
        assert.ok(result.ok);
        sql(server(), `DROP TABLE nova.${table}`);
      });
    }

    test("for a row ends when it exists with the expected value in another column, and not before", async () => {
      const target = { kind: "mysql", host: "127.0.0.1", port: server().port, user: "nova", database: "nova" } as const;
      const row = {
        table: "cell_mappings",
        column: "name",
        is: "cell1",
        with: { column: "database_connection", like: "%{password}%" },
      };
      const ask = (): Promise<Outcome> =>
        attempt(
          {
            ...target,
            name: "row",
            from: "database",
            password: passwords["RIGHT"] as string,
            schema: false,
            row,
          } as TargetOf<"mysql">,
          AbortSignal.timeout(5000),
        );
      sql(server(), "CREATE TABLE nova.cell_mappings (name VARCHAR(32), database_connection TEXT)");
      assert.equal((await ask()).state, "unready");
      sql(server(), "INSERT INTO nova.cell_mappings VALUES ('cell1', 'mysql+pymysql://nova:old@db/nova')");
      const stale = await ask();
      assert.equal(stale.state, "unready");
      assert.match(
        stale.state === "unready" ? stale.reason : "",
        /name cell1 with database_connection like %\{password\}%/,
      );
      sql(
        server(),
        "UPDATE nova.cell_mappings SET database_connection = '{scheme}://{username}:{password}@{hostname}'",
      );
      assert.equal((await ask()).state, "ready");
      sql(server(), "DROP TABLE nova.cell_mappings");
    });

    test("that has too many connections is not ready, and not a refusal", async () => {
      const { createConnection } = await import("mysql2/promise");
      const { port } = server();
      const login = { host: "127.0.0.1", port, user: "nova", password: passwords["RIGHT"] as string };
      // Ten is the least that MariaDB allows; an eleventh is kept for administrators.
      sql(server(), "SET GLOBAL max_connections = 10");
      const others = await Promise.all(Array.from({ length: 10 }, () => createConnection(login)));
      assert.deepEqual(await tryOnce(url(port)), { state: "unready", reason: "Too many connections (error 1040)" });
      await Promise.all(others.map((other) => other.end()));
      sql(server(), "SET GLOBAL max_connections = 100");
      await server().until(async () => (await tryOnce(url(port))).state === "ready");
    });

    test("asks so that the server counts no broken handshake and no aborted connection", async () => {
      const counted = () => sql(server(), "SHOW GLOBAL STATUS LIKE 'Aborted%'");
      sql(server(), "FLUSH STATUS");
      const before = counted();
      for (let round = 0; round < 20; round++) assert.equal((await tryOnce(url(server().port))).state, "ready");
      assert.equal(counted(), before);
    });

    test("that shuts down during the question is not ready", async () => {
      const { port } = server();
      server().freeze();
      const asked = tryOnce(url(port));
      await sleep(100);
      await server().kill();
      assert.equal((await asked).state, "unready");
      server().start();
      await server().until(async () => (await tryOnce(url(port))).state === "ready");
    });
  },
);
