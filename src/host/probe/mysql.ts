import type { AuthPlugin, Connection, QueryError } from "mysql2";
import type { Outcome, Progress, TargetOf } from "../../wait/probe.ts";
import { connect } from "../network/connect.ts";
import { otherProtocol, unreachable } from "../network/outcomes.ts";
import { Unreached } from "../network/unreached.ts";
import { driverProblem, useOtherPlugin } from "./mysql-logins.ts";

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

/** ER_QUERY_INTERRUPTED: a KILL of the statement, or of its connection. */
const interrupted = 1317;

/** @returns whether a server refused a statement for what it says, and will again. */
export function isRefusal(error: unknown): boolean {
  const { errno = 0 } = error as QueryError;
  return errno > 0 && errno !== interrupted && !passing.has(errno);
}

const noSuchTable = 1146;

/** ER_ACCESS_DENIED_ERROR: the server says so of a wrong password, an unknown user, and of one that must log in over TLS. */
const accessDenied = 1045;

/** ER_ACCESS_DENIED_NO_PASSWORD_ERROR: of an account of the plugin unix_socket, and of a user that does not exist. */
const socketOnly = 1698;

/** ER_SERVER_IS_IN_SECURE_AUTH_MODE: the account has a password of the format before MySQL 4.1, which no driver sends any more. */
const oldPassword = 1275;

/** ER_SECURE_TRANSPORT_REQUIRED of MySQL and MariaDB. */
const tlsRequired: ReadonlySet<number> = new Set([3159, 4159]);

/** SSL of the capability flags in the server's greeting. */
const offersTls = 1 << 11;

/** The driver's PyMySQL speaks TLS only when it is told to, and plinth's templates do not tell it. */
const tlsOnly: Outcome = {
  state: "hopeless",
  reason: "it takes this account over TLS only, and the service's connection is without TLS",
  fix: "let the account in without TLS (ALTER USER ... REQUIRE NONE; with require_secure_transport=OFF in the server)",
};

/**
 * @returns the outcome where the server wants a way to log in that nobody has. It may only look so: MariaDB asks a user that
 * does not exist as it would ask some other one (sql_acl.cc, find_mpvio_user), and a job may be about to make it.
 */
function nobodyHas(way: string): Outcome {
  const { reason, fix } = driverProblem(way) ?? { reason: `plinth cannot log in by ${way}`, fix: useOtherPlugin };
  return { state: "hopeless", doubt: true, reason: `${reason}, if the account is there already`, fix };
}

/** What a login came to nothing with. mysql2's own type knows no `Unreached`. */
type Failed = QueryError & { readonly outcome?: Outcome };

function explain(error: Failed, signal: AbortSignal): Outcome {
  if (error instanceof Unreached || signal.aborted) return unreachable(error, signal);
  if (error.outcome) return error.outcome;
  const { code, errno = 0, message } = error;
  if (tlsRequired.has(errno)) return tlsOnly;
  if (errno === oldPassword) return nobodyHas("mysql_old_password");
  const [, way] = /^Server requests authentication using unknown plugin (\S+?)\. /.exec(message) ?? [];
  if (way !== undefined) return nobodyHas(way);
  // The server's own words: they name the user and the address it came from, never the password. System errors have
  // negative numbers.
  if (errno === socketOnly) {
    return {
      state: "refused",
      reason: `${message} (error ${errno}: the account has no password; is it for a Unix socket?)`,
    };
  }
  if (errno > 0) return { state: passing.has(errno) ? "unready" : "refused", reason: `${message} (error ${errno})` };
  // The server is starting or going down, or a proxy stands before a server that is not there.
  if (code === "PROTOCOL_CONNECTION_LOST") {
    return { state: "unready", reason: "accepted the connection and closed it during the login" };
  }
  return unreachable(error, signal);
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

/** The view that stands in a database from when its first schema is begun until it is whole (host/database/first-schema.ts). */
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
  // A job that makes or moves the schema holds this lock (host/database/lock.ts): tables that are there may still be half of it.
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
  { table, column, is, with: other }: NonNullable<TargetOf<"mysql">["row"]>,
): Promise<Outcome> {
  const [sql, values] = other ? [` AND ${other.column} LIKE ?`, [is, other.like]] : ["", [is]];
  const rows = await query(connection, `SELECT 1 FROM ${table} WHERE ${column} = ?${sql} LIMIT 1`, values);
  if (rows.length > 0) return { state: "ready" };
  const what = other ? `${column} ${is} with ${other.column} like ${other.like}` : `${column} ${is}`;
  return { state: "unready", reason: `there is no ${what} in ${table} yet: the job that makes it has not run` };
}

/**
 * Ready when the login works and, where wanted, the schema is there.
 *
 * Always a whole login, never just a knock at the port: MariaDB counts unfinished handshakes and blocks the host they
 * came from after max_connect_errors (100) of them.
 */
export async function attempt(target: TargetOf<"mysql">, signal: AbortSignal, progress?: Progress): Promise<Outcome> {
  let connection: Connection | undefined;
  try {
    const session = await begin(target, signal, progress);
    connection = session.connection;
    // The account is there, and plinth is in: what the service's driver lacks no job will bring.
    const lack = driverProblem(session.way);
    const schema: Outcome = target.schema ? await schemaOutcome(connection, target.database) : { state: "ready" };
    const outcome = schema.state === "ready" && target.row ? await rowOutcome(connection, target.row) : schema;
    // Says goodbye, or the server logs an aborted connection. The words are in the kernel's hands when this returns.
    connection.end();
    return lack ? { state: "hopeless", ...lack } : outcome;
  } catch (error) {
    connection?.destroy();
    return explain(error as Failed, signal);
  }
}

/** Logs in. Rejects with the server's or the network's error, or when `signal` fires. */
export const login = async (target: TargetOf<"mysql">, signal: AbortSignal): Promise<Connection> =>
  (await begin(target, signal)).connection;

/** Logs in as the service's driver does: without TLS. An account that is refused like that may be for TLS only. */
async function begin(target: TargetOf<"mysql">, signal: AbortSignal, progress?: Progress): Promise<Session> {
  const seen: { flags?: number } = {};
  try {
    return await logIn(target, "plain", seen, signal, progress);
  } catch (error) {
    const refusal = error as Failed;
    if (refusal.errno !== accessDenied || !((seen.flags ?? 0) & offersTls)) throw error;
    const session = await logIn(target, "tls", seen, signal).catch(() => undefined);
    if (!session) throw error;
    session.connection.end();
    throw Object.assign(refusal, { outcome: tlsOnly });
  }
}

/** A login that stands, and the way in which it came about. */
type Session = { readonly connection: Connection; readonly way: string };

type Ways = Record<string, AuthPlugin>;

/** @returns mysql2's ways to log in, and MariaDB's ed25519, each of which tells when it is gone. */
function ways(mysql: typeof import("mysql2"), over: "plain" | "tls", onWay: (way: string) => void): Ways {
  const told =
    (way: string, plugin: AuthPlugin): AuthPlugin =>
    (metadata) => {
      onWay(way);
      return plugin(metadata);
    };
  const ed25519: AuthPlugin =
    ({ connection }) =>
    async (scramble) => {
      const { signScramble } = await import("./ed25519.ts");
      return signScramble(connection.config.password ?? "", scramble.subarray(0, 32));
    };
  const { caching_sha2_password, sha256_password } = mysql.authPlugins;
  // Over TLS with a server whose certificate nobody verifies, too, the password is never sent as it is.
  const unheard: AuthPlugin = () => () => {
    throw new Error("not over TLS");
  };
  const own: Ways = {
    client_ed25519: ed25519,
    caching_sha2_password: caching_sha2_password({ overrideIsSecure: false }),
    sha256_password: over === "tls" ? unheard : sha256_password({}),
  };
  return Object.fromEntries(Object.entries(own).map(([way, plugin]) => [way, told(way, plugin)]));
}

/** The greeting of a MySQL server: a packet of number 0 that begins with protocol 10, or with an error. */
const greets = (bytes: Buffer): boolean =>
  bytes.length < 5 || (bytes[3] === 0 && (bytes[4] === 10 || bytes[4] === 255));

async function logIn(
  target: TargetOf<"mysql">,
  over: "plain" | "tls",
  seen: { flags?: number },
  signal: AbortSignal,
  progress?: Progress,
): Promise<Session> {
  // Before there is a connection, which nobody would look at meanwhile.
  const mysql = await import("mysql2");
  const socket = await connect(target, signal, progress);
  let way = "mysql_native_password";
  let connection: Connection | undefined;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = () => reject(new Error("aborted"));
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  socket.once("data", (bytes: Buffer) => {
    if (greets(bytes)) return;
    const words = JSON.stringify(bytes.toString("latin1", 0, 60).trim());
    reject(
      Object.assign(new Error("no MySQL"), { outcome: otherProtocol(`it does not speak MySQL: it says ${words}`) }),
    );
    socket.destroy();
  });
  try {
    connection = mysql.createConnection({
      stream: () => socket,
      user: target.user,
      password: target.password,
      database: target.database,
      // The time is limited by `signal`.
      connectTimeout: 0,
      // One or two small results: compiling a parser for them costs more than it saves.
      disableEval: true,
      authPlugins: ways(mysql, over, (gone) => {
        way = gone;
      }),
      // PyMySQL sends it whenever it is asked for it (PAM with pam_use_cleartext_plugin).
      enableCleartextPlugin: over === "plain",
      ...(over === "tls" && { ssl: { rejectUnauthorized: false } }),
    });
    // A connection that breaks after its outcome is known is nobody's concern any more.
    connection.on("error", () => {});
    connection.connect((error) => (error ? reject(error) : resolve()));
    await promise;
    return { connection, way };
  } catch (error) {
    connection?.destroy();
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
    seen.flags = (connection as unknown as { readonly serverCapabilityFlags?: number })?.serverCapabilityFlags ?? 0;
  }
}
