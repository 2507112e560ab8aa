import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import type { TargetOf } from "../../wait/probe.ts";
import { hostMessage } from "../messages.ts";

export type Database = TargetOf<"mysql">;
type Mysql = typeof import("../probe/mysql.ts");
/** Sends a statement to one database. @returns the rows, each a list of its columns. */
export type Send = (sql: string, values?: readonly string[]) => Promise<readonly unknown[]>;

/** Milliseconds for the login and the few statements to one database. */
const loginTimeoutMs = 60_000;

/** What an administrator sees who looks into it. */
const note =
  "A db-sync job began the first schema of this database and has not finished. The next one drops all tables and begins again.";

const quoted = (table: string): string => `\`${table.replaceAll("`", "``")}\``;

/**
 * Does something in each database. @param unfinished the view that is the mark.
 * @param lost fires when the lock is lost: from then on nothing is done any more.
 */
export async function inEach(
  databases: readonly Database[],
  lost: AbortSignal,
  act: (send: Send, unfinished: string, database: Database) => Promise<void>,
): Promise<Result<undefined>> {
  // A part of the program of its own, which the wait for the database has loaded already.
  const mysql: Mysql = await import("../probe/mysql.ts");
  const { promise: given, reject } = Promise.withResolvers<never>();
  given.catch(() => {});
  const stop = (): void => reject(lost.reason);
  lost.addEventListener("abort", stop, { once: true });
  for (const database of databases) {
    let session: Awaited<ReturnType<Mysql["login"]>> | undefined;
    try {
      lost.throwIfAborted();
      const own = await mysql.login(database, AbortSignal.any([AbortSignal.timeout(loginTimeoutMs), lost]));
      session = own;
      // A server that falls silent in the middle of a statement does not keep us for longer than the lock is ours.
      await Promise.race([act((sql, values) => mysql.query(own, sql, values), mysql.unfinished, database), given]);
      own.end();
    } catch (error) {
      session?.destroy();
      lost.removeEventListener("abort", stop);
      return failure([hostMessage("schema-lost", { server: database.name, reason: (error as Error).message })]);
    }
  }
  lost.removeEventListener("abort", stop);
  return success(undefined);
}

/**
 * Waits until nobody is in the middle of a statement: what a killed program has sent, the server still does. Who waits for the
 * job's lock is in the middle of one, too, and may stay there.
 */
async function untilQuiet(send: Send): Promise<void> {
  const deadline = performance.now() + loginTimeoutMs / 2;
  const others =
    "SELECT ID, HOST FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID() " +
    "AND COMMAND = 'Query' AND INFO NOT LIKE 'SELECT GET_LOCK%'";
  for (;;) {
    const [busy] = (await send(others)) as readonly (readonly unknown[])[];
    if (!busy) return;
    if (performance.now() > deadline) throw new Error(`connection ${busy[0]} from ${busy[1]} is at work on it`);
    await new Promise((settle) => setTimeout(settle, 50));
  }
}

/**
 * Marks databases that are empty as having a first schema that is not whole, by a view: heat of zed refuses a database with
 * any table that it does not know. MariaDB commits each statement that makes a table by itself
 * (https://mariadb.com/kb/en/sql-statements-that-cause-an-implicit-commit/), so of a migration that is killed a part stays, at
 * which the next one fails: "table exists". Where such a part is found it is dropped: no service has used it, since none is
 * ready as long as the mark stands. A database that once had a whole schema is never touched.
 *
 * Called with the lock of the first database held.
 *
 * @param onDrop is told how many tables of which database are dropped.
 * @returns whether all of them are empty now, and marked.
 */
export async function beginSchemas(
  databases: readonly Database[],
  lost: AbortSignal,
  onDrop: (database: string, tables: number) => void,
): Promise<Result<boolean>> {
  let empty = true;
  const begun = await inEach(databases, lost, async (send, unfinished, { database }) => {
    const tables = async (): Promise<readonly string[]> => {
      const words = "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()";
      const rows = await send(`${words} AND TABLE_TYPE = 'BASE TABLE'`);
      return rows.map((row) => String((row as readonly unknown[])[0]));
    };
    const [mark] = await send("SHOW TABLES LIKE ?", [unfinished]);
    if (!mark) {
      if ((await tables()).length === 0) await send(`CREATE VIEW ${unfinished} AS SELECT ? AS note`, [note]);
      else empty = false;
      return;
    }
    await untilQuiet(send);
    const parts = await tables();
    if (parts.length === 0) return;
    onDrop(database, parts.length);
    await send("SET FOREIGN_KEY_CHECKS = 0");
    await send(`DROP TABLE ${parts.map(quoted).join(", ")}`);
  });
  return begun.ok ? success(empty) : begun;
}

/** Says that the schemas are whole. */
export const finishSchemas = (databases: readonly Database[], lost: AbortSignal): Promise<Result<undefined>> =>
  inEach(databases, lost, async (send, unfinished) => {
    await send(`DROP VIEW IF EXISTS ${unfinished}`);
  });
