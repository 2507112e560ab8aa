import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { judgeTarget } from "../../src/host/health/verdict.ts";
import { target } from "../../src/wait/probe.ts";
import { freePort, mariadb, Server, without } from "../support/servers.ts";

const password = "p'a%ss\\wörd";
const kind = mariadb(password.replaceAll("\\", "\\\\").replaceAll("'", "''"), [
  "CREATE TABLE IF NOT EXISTS nova.alembic_version (version_num VARCHAR(32));",
  "CREATE USER IF NOT EXISTS other@'127.0.0.1' IDENTIFIED VIA mysql_native_password USING PASSWORD('x') OR unix_socket;",
]);

describe("a health check's own words of MySQL's protocol", { skip: without(kind) }, () => {
  let server: Server;
  before(async () => {
    server = new Server(kind, await freePort());
    server.start();
    await server.until(async () => (await ask({})) === "ready");
  });
  after(() => server.stop());

  const ask = async (more: object, timeoutMs = 2000): Promise<string> => {
    const { host, port } = server;
    const account = { user: "nova", password, database: "nova", schema: true };
    const result = await judgeTarget(target({ kind: "mysql", host, port, ...account, ...more }), timeoutMs);
    return result.ok ? "ready" : (result.diagnostics[0]?.what ?? "");
  };
  const sql = (text: string) => {
    const { status, stderr } = spawnSync("mariadb", [
      "--no-defaults",
      `--socket=${join(server.directory, "socket")}`,
      "-uroot",
      "-e",
      text,
    ]);
    assert.equal(status, 0, String(stderr));
  };

  test("report a refused login in the server's words", async () => {
    assert.match(await ask({ password: "wrong" }), /Access denied for user 'nova'@'127\.0\.0\.1'.*\(error 1045\)$/);
    assert.match(await ask({ password: "" }), /\(error 1045\)$/);
    assert.match(await ask({ database: "elsewhere" }), /\(error 1044\)$/);
  });

  test("report a database without a schema", async () => {
    assert.match(await ask({ database: "forbidden" }), /\(error 1044\)$/);
    sql(
      "RENAME TABLE nova.alembic_version TO nova.migrate_version; ALTER TABLE nova.migrate_version RENAME COLUMN version_num TO version",
    );
    assert.equal(await ask({}), "ready");
    sql("DROP TABLE nova.migrate_version");
    assert.match(await ask({}), /no schema yet/);
    sql("CREATE TABLE nova.alembic_version (version_num VARCHAR(32))");
    assert.equal(await ask({}), "ready");
  });

  test("report a server that is read-only, or has locked tables", async () => {
    sql("SET GLOBAL read_only = 1");
    assert.match(await ask({}), /--read-only.*\(error 1290\)$/);
    sql("SET GLOBAL read_only = 0");
    assert.equal(await ask({}), "ready");
  });

  test("report a server without free connections", async () => {
    sql("SET GLOBAL max_connections = 10");
    assert.equal(await ask({}), "ready");
    sql("ALTER USER nova@'127.0.0.1' ACCOUNT LOCK");
    assert.match(await ask({}), /account is locked.*\(error 4151\)$/);
    sql("ALTER USER nova@'127.0.0.1' ACCOUNT UNLOCK");
  });

  test("report a server that is stopped", async () => {
    server.freeze();
    assert.match(await ask({}, 500), /no answer within 0\.5 s$/);
    process.kill(server.pid, "SIGCONT");
    await server.until(async () => (await ask({})) === "ready");
  });

  test("leave nothing in the server's log of aborted connections", async () => {
    const { stdout } = spawnSync("mariadb", [
      "--no-defaults",
      `--socket=${join(server.directory, "socket")}`,
      "-uroot",
      "-NBe",
      "SHOW STATUS LIKE 'Aborted_clients'",
    ]);
    assert.match(String(stdout), /\t0$/m);
  });
});
