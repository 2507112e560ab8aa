import type { Connection, QueryError } from "mysql2";
import type { Outcome, TargetOf } from "../../wait/probe.ts";
import { open, unreachable } from "./network.ts";

/** Server errors that pass by themselves; all others are a no. Numbers and names are MariaDB's and MySQL's. */
const passing: ReadonlySet<number> = new Set([
  1040, // ER_CON_COUNT_ERROR: too many connections
  1047, // ER_UNKNOWN_COM_ERROR: "WSREP has not yet prepared node for application use", a Galera node that is not in sync
  1053, // ER_SERVER_SHUTDOWN
  1203, // ER_TOO_MANY_USER_CONNECTIONS
  1205, // ER_LOCK_WAIT_TIMEOUT: a migration holds the table
  1226, // ER_USER_LIMIT_REACHED: max_user_connections of the account
  1927, // ER_CONNECTION_KILLED
]);

const noSuchTable = 1146;

function explain(error: QueryError, answered: boolean, signal: AbortSignal): Outcome {
  if (signal.aborted) return unreachable(error, answered, signal);
  const { code, errno = 0, message } = error;
  // The server's own words: they name the user and the address it came from, never the password. System errors have
  // negative numbers.
  if (errno > 0) return { state: passing.has(errno) ? "unready" : "refused", reason: `${message} (error ${errno})` };
  // The server is starting or going down, or a proxy stands before a server that is not there.
  if (code === "PROTOCOL_CONNECTION_LOST") {
    return { state: "unready", reason: "accepted the connection and closed it during the login" };
  }
  return unreachable(error, answered, signal);
}

/** @returns the rows, each a list of its columns. */
export const query = (
  connection: Connection,
  sql: string,
  values: readonly (string | number)[] = [],
): Promise<readonly unknown[]> =>
  new Promise((resolve, reject) => {
    connection.query({ sql, values: [...values], rowsAsArray: true }, (error, rows) =>
      error ? reject(error) : resolve(rows as readonly unknown[]),
    );
  });

/** Where Alembic (OpenStack wallaby and later, by component) and sqlalchemy-migrate (before) note the schema's version. */
const versionTables = ["alembic_version", "migrate_version"];

/** The view that stands in a database from when its first schema is begun until it is whole (host/first-schema.ts). */
export const unfinished = "plinth_first_schema_unfinished";

/** @returns whether a table is there and has a row; undefined where it is not there. */
async function hasRows(connection: Connection, table: string): Promise<boolean | undefined> {
  try {
    return (await query(connection, `SELECT 1 FROM ${table} LIMIT 1`)).length > 0;
  } catch (error) {
    if ((error as QueryError).errno !== noSuchTable) throw error;
    return undefined;
  }
}

/** The lock that jobs of one database share: a name of at most 64 characters (MariaDB's GET_LOCK). */
export const lockName = (database: string): string => `plinth/${database}`.slice(0, 64);

async function schemaOutcome(connection: Connection, database: string): Promise<Outcome> {
  // A job that makes or moves the schema holds this lock (host/lock.ts): tables that are there may still be half of it.
  const lock = lockName(database);
  const [[holder] = []] = (await query(connection, "SELECT IS_USED_LOCK(?)", [lock])) as readonly [number | null][];
  if (typeof holder === "number") {
    return { state: "unready", reason: `a job is at work on its schema (connection ${holder} holds the lock ${lock})` };
  }
  if ((await hasRows(connection, unfinished)) !== undefined) {
    return {
      state: "unready",
      reason: "its first schema is not whole: the db-sync job was ended in the middle; start it again",
    };
  }
  for (const table of versionTables) if (await hasRows(connection, table)) return { state: "ready" };
  return {
    state: "unready",
    reason: `the database has no schema yet (no row in ${versionTables.join(" or ")}): its db-sync job has not run`,
  };
}

/** Table and column come from plinth's own tables. */
async function rowOutcome(
  connection: Connection,
  { table, column, is }: NonNullable<TargetOf<"mysql">["row"]>,
): Promise<Outcome> {
  const rows = await query(connection, `SELECT 1 FROM ${table} WHERE ${column} = ? LIMIT 1`, [is]);
  return rows.length > 0
    ? { state: "ready" }
    : { state: "unready", reason: `there is no ${column} ${is} in ${table} yet: the job that makes it has not run` };
}

/**
 * Ready when the login works and, where wanted, the schema is there.
 *
 * Always a whole login, never just a knock at the port: MariaDB counts unfinished handshakes and blocks the host they
 * came from after max_connect_errors (100) of them.
 */
export async function attempt(target: TargetOf<"mysql">, signal: AbortSignal): Promise<Outcome> {
  let answered = false;
  let connection: Connection | undefined;
  try {
    connection = await login(target, signal, () => {
      answered = true;
    });
    const schema: Outcome = target.schema ? await schemaOutcome(connection, target.database) : { state: "ready" };
    const outcome = schema.state === "ready" && target.row ? await rowOutcome(connection, target.row) : schema;
    // Says goodbye, or the server logs an aborted connection. The words are in the kernel's hands when this returns.
    connection.end();
    return outcome;
  } catch (error) {
    connection?.destroy();
    return explain(error as QueryError, answered, signal);
  }
}

/** Logs in. Rejects with the server's or the network's error, or when `signal` fires. */
export async function login(
  target: TargetOf<"mysql">,
  signal: AbortSignal,
  onConnect: () => void = () => {},
): Promise<Connection> {
  const { createConnection } = await import("mysql2");
  if (signal.aborted) throw new Error("aborted");
  const socket = open(target, signal);
  socket.once("connect", onConnect);
  const connection = createConnection({
    stream: () => socket,
    user: target.user,
    password: target.password,
    database: target.database,
    // The time is limited by `signal`.
    connectTimeout: 0,
    // One or two small results: compiling a parser for them costs more than it saves.
    disableEval: true,
  });
  // A connection that breaks after its outcome is known is nobody's concern any more.
  connection.on("error", () => {});
  try {
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
      connection.connect((error) => (error ? reject(error) : resolve()));
    });
    return connection;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}
