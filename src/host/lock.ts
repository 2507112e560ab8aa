import { failure, type Result, success } from "../diagnostics/diagnostic.ts";
import type { TargetOf } from "../wait/probe.ts";
import { hostMessage } from "./messages.ts";

/** Seconds that one question to the server waits: short enough that a deadline is kept. */
const patience = 5;

/** Milliseconds between signs of life, well below any wait_timeout at which a server drops a silent connection. */
const heartbeat = 20_000;

type Mysql = typeof import("./probe/mysql.ts");
type Session = Awaited<ReturnType<Mysql["login"]>>;

/** Who holds the lock, in words: the address its connection comes from, which the server tells an account of its own ones. */
async function holder({ query }: Mysql, session: Session, name: string): Promise<string> {
  const [row] = await query(session, "SELECT ID, HOST FROM information_schema.PROCESSLIST WHERE ID = IS_USED_LOCK(?)", [
    name,
  ]);
  const [id, host] = (row as readonly unknown[] | undefined) ?? [];
  return host === undefined ? "another account" : `connection ${id} from ${host}`;
}

/**
 * Takes the lock of a database, which is the server's for as long as this process keeps its connection: whatever ends the
 * process gives it back, and no lock is ever left behind (https://mariadb.com/kb/en/get_lock/).
 *
 * @param within milliseconds.
 * @param onWait is told once who holds it, when somebody does.
 */
export async function takeLock(
  target: TargetOf<"mysql">,
  within: number,
  onWait: (holder: string) => void,
): Promise<Result<undefined>> {
  // A part of the program of its own, which the wait for the database has loaded already.
  const mysql: Mysql = await import("./probe/mysql.ts");
  const { lockName, login, query } = mysql;
  const name = lockName(target.database);
  const began = performance.now();
  const take = async (session: Session, seconds: number): Promise<boolean> => {
    const [row] = await query(session, "SELECT GET_LOCK(?, ?)", [name, seconds]);
    return Number((row as readonly unknown[])[0]) === 1;
  };
  let last = "nobody who can be named";
  try {
    // Not for longer than the login: a signal that fires closes the connection, and the lock would go with it.
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), Math.max(1000, within));
    const session = await login(target, stop.signal);
    clearTimeout(timer);
    if (!(await take(session, 0))) {
      last = await holder(mysql, session, name);
      onWait(last);
      while (!(await take(session, patience))) {
        if (performance.now() - began > within) {
          session.destroy();
          return failure([hostMessage("lock-held", { name, holder: last, waitedMs: performance.now() - began })]);
        }
      }
    }
    setInterval(() => query(session, "DO 1", []).catch(() => {}), heartbeat).unref();
    return success(undefined);
  } catch (error) {
    return failure([hostMessage("lock-lost", { name, server: target.name, reason: (error as Error).message })]);
  }
}
