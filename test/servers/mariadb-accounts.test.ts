import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import mysql from "mysql2/promise";
import { mysqlServer } from "../../src/openstack/mysql.ts";
import { renderFiles } from "../../src/render/render.ts";
import { secret } from "../../src/schema/field.ts";
import { readText, type Wanted, wantedOf } from "../../src/schema/wanted.ts";
import { hostile } from "../render/hostile/texts.ts";
import { bakeModelNode, mustBe, plainSettings } from "../support/rendering.ts";
import { freePort, mariadb, Server, without } from "../support/servers.ts";

/** MariaDB itself reads init.sql with a hostile text in every account's name and password. */

const password = wantedOf(secret("A password.")) as Wanted;
const userField = (mysqlServer.schema.fields["database"] as { value: { fields: Record<string, unknown> } }).value
  .fields["user"];
const user = wantedOf(userField as Parameters<typeof wantedOf>[0]) as Wanted;

const passwords = hostile.filter((text) => readText(text, password).ok);
const accounts = passwords.map((text, index) => ({
  database: `d_${index}`,
  user: readText(text, user).ok ? text : `u${index}`,
  password: text,
}));

function initSql(): string {
  const { image } = bakeModelNode("mysql-server", "2025.1");
  const files = image.services["server"]?.files.filter(({ path }) => path.endsWith("init.sql")) ?? [];
  const database = Object.fromEntries(
    accounts.map((one) => [one.database, { user: one.user, password: one.password }]),
  );
  return mustBe(renderFiles(image, plainSettings({ database }), files))[0]?.text ?? "";
}

const kind = mariadb("unused", [initSql()]);
const skip = without(kind);
let server: Server;
const sql = (statement: string): string[] =>
  execFileSync(
    "mariadb",
    ["--no-defaults", `--socket=${join(server.directory, "socket")}`, "-uroot", "-BNre", statement],
    {
      encoding: "utf8",
    },
  )
    .split("\n")
    .filter((line) => line !== "");

if (!skip) {
  before(async () => {
    const command = (directory: string, port: number) => [
      ...kind.command(directory, port),
      "--character-set-server=utf8mb3",
    ];
    server = new Server({ ...kind, command }, await freePort());
    server.start();
    await server.until(() => {
      try {
        return sql("SELECT 1").length === 1;
      } catch {
        return false;
      }
    });
  });
  after(() => server.stop());
}

test("MariaDB has the databases and accounts that were meant, and no other", { skip }, () => {
  const made = sql("SHOW DATABASES").filter((name) => /^d_/.test(name));
  assert.deepEqual(made.sort(), accounts.map(({ database }) => database).sort());
  const hex = (text: string): string => Buffer.from(text).toString("hex").toUpperCase();
  const names = sql("SELECT HEX(User) FROM mysql.user WHERE Host = '%'");
  assert.deepEqual(names.sort(), [...new Set(accounts.map((one) => hex(one.user)))].sort());
});

test("each account logs in with its password, to its database and to none with a similar name", { skip }, async () => {
  sql("CREATE DATABASE dX0");
  const refused: string[] = [];
  for (const one of accounts) {
    const login = { host: server.host, port: server.port, user: one.user, password: one.password, charset: "utf8mb4" };
    try {
      const session = await mysql.createConnection({ ...login, database: one.database });
      await assert.rejects(session.query("USE dX0"), /Access denied/);
      await session.end();
    } catch (error) {
      refused.push(`${JSON.stringify(one).slice(0, 200)}: ${(error as Error).message.slice(0, 200)}`);
    }
  }
  assert.deepEqual(refused, []);
});
