import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import type { TargetOf } from "../../wait/probe.ts";
import { hostMessage } from "../messages.ts";

/** Seconds that one question to the server waits: short enough that a deadline is kept. */
const lockTimeoutSeconds = 5;

/**
 * Milliseconds. They hang together: whoever loses the lock has lost it after it was proven last, so that its program stands
 * still `doubt` and `grace` later at the latest; `handOver` is longer than both (docs/decisions/0021).
 */
export const lockTimes = {
  /** Between two questions whether the lock is still ours. */
  beat: 2_000,
  /** Without an answer for this long the lock is in doubt, and the program is suspended. */
  doubt: 8_000,
  /** What a program has to end by itself once the lock is lost. */
  grace: 4_000,
  /** How long a job waits that gets the lock of one that did not end in order. */
  handOver: 15_000,
  /** Without an answer for this long the lock counts as lost. */
  silence: 120_000,
} as const;

/**
 * Seconds after which the server drops our connection, were it ever silent, whatever its own wait_timeout is. Far more than
 * `silence`, so that it never lets go of a lock before we have: of a job that is paused for a while it keeps the lock.
 */
const sessionTimeout = 900;

/** The view that stands in a database from when a job's program is begun until it has ended, and the lock was never lost. */
const atWork = "plinth_job_at_work";

/** What an administrator sees who looks into it. */
const note =
  "A job of plinth is at work, or ended without saying so. The next job waits a moment, and removes this view.";

type Mysql = typeof import("../probe/mysql.ts");
type Session = Awaited<ReturnType<Mysql["login"]>>;

/** A lock that is held. */
export type Lock = {
  readonly name: string;
  /** Fires when it is lost. `reason` is an Error. */
  readonly lost: AbortSignal;
  /** How many milliseconds ago the question was asked that the server answered last with: it is yours. */
  readonly unprovenMs: () => number;
  /**
   * The connection's descriptor: a program that inherits it keeps the lock for as long as it runs, should plinth be killed
   * beside it.
   */
  readonly descriptor: number | undefined;
  /** Gives it back. Fails where it was lost in the meantime. */
  readonly release: () => Promise<Result<undefined>>;
};

/** What those who wait are told. */
export type LockNotices = {
  /** Once, when somebody holds it. @param holder in words. */
  readonly onWait: (holder: string) => void;
  /** When the job before did not end in order. @param seconds how long this one waits therefore. */
  readonly onHandOver: (seconds: number) => void;
};

/**
 * Who holds the lock, in words: the address its connection comes from, which the server tells an account of its own ones, and
 * for how long nothing came from there: a job that lives says something every other second.
 */
async function holder({ query }: Mysql, session: Session, name: string): Promise<string> {
  const [row] = await query(
    session,
    "SELECT ID, HOST, TIME FROM information_schema.PROCESSLIST WHERE ID = IS_USED_LOCK(?)",
    [name],
  );
  const [id, host, silent] = (row as readonly unknown[] | undefined) ?? [];
  if (host === undefined) return "another account";
  const gone = Number(silent) > lockTimes.doubt / 1000;
  return `connection ${id} from ${host}${gone ? `, silent for ${silent} s (where its job is no more: KILL ${id}),` : ""}`;
}

/** What ends a job whose lock is gone. */
export const lockBroken = (name: string, reason: string) => hostMessage("lock-broken", { name, reason });

const pause = (ms: number) => new Promise((settle) => setTimeout(settle, ms));

/** mysql2 does not tell of its socket. */
const descriptorOf = (session: Session): number | undefined => {
  const { stream } = session as unknown as { stream?: { _handle?: { fd?: number } } };
  const descriptor = stream?._handle?.fd;
  return descriptor === undefined || descriptor < 0 ? undefined : descriptor;
};

/** Asks again and again whether the lock is still this connection's. `stop` ends that. */
function keep({ query }: Mysql, session: Session, name: string, id: number, held: AbortController) {
  let proven = { monotonic: performance.now(), wall: Date.now() };
  let asking = false;
  let over = false;
  const stop = (): void => {
    over = true;
    clearInterval(timer);
  };
  const lose = (reason: string): void => {
    if (over) return;
    stop();
    held.abort(new Error(reason));
  };
  const beat = async (): Promise<void> => {
    if (performance.now() - proven.monotonic > lockTimes.silence) {
      return lose(`its server has not answered for ${Math.round(lockTimes.silence / 1000)} s`);
    }
    if (asking) return;
    asking = true;
    const asked = { monotonic: performance.now(), wall: Date.now() };
    try {
      // Both: a proxy may have given our connection another one to the server, which has never had the lock.
      const [row] = await query(session, "SELECT IS_USED_LOCK(?), CONNECTION_ID()", [name]);
      const [user, self] = (row as readonly unknown[]).map(Number);
      if (user !== id || self !== id) return lose("the server says that this connection does not hold it any more");
      proven = asked;
    } catch (error) {
      const { fatal, message } = error as Error & { fatal?: boolean };
      // A question that was killed, not the connection: the next one tells.
      if (fatal !== false) lose(message);
    } finally {
      asking = false;
    }
    // The answer to a question from before we were stopped for a while (docker pause) proves nothing of now.
    if (performance.now() - asked.monotonic > lockTimes.beat) await beat();
  };
  session.on("error", (error: Error) => lose(error.message));
  session.on("end", () => lose("the server closed the connection"));
  const timer = setInterval(beat, lockTimes.beat);
  timer.unref();
  return {
    // The clock that stands still while a virtual machine is suspended, and the one that does not.
    unprovenMs: () => Math.max(performance.now() - proven.monotonic, Date.now() - proven.wall),
    beat,
    stop,
  };
}

/**
 * Waits until the server is done with what was sent to this database before the lock was ours: what a killed program has sent,
 * it still does.
 *
 * @param since when we got the lock, of `performance.now()`. @param within milliseconds.
 */
async function untilDone(
  { query }: Mysql,
  session: Session,
  { since, within, lost }: { readonly since: number; readonly within: number; readonly lost: AbortSignal },
): Promise<void> {
  const deadline = performance.now() + within;
  for (;;) {
    const seconds = Math.ceil((performance.now() - since) / 1000);
    const [busy] = (await query(
      session,
      "SELECT ID, HOST, TIME FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID() " +
        "AND COMMAND IN ('Query', 'Execute') AND TIME > ? AND INFO NOT LIKE 'SELECT GET_LOCK%'",
      [seconds],
    )) as readonly (readonly unknown[])[];
    if (!busy) return;
    if (performance.now() > deadline) {
      throw new Error(`connection ${busy[0]} from ${busy[1]} has been at work on the database for ${busy[2]} s`);
    }
    await pause(500);
    lost.throwIfAborted();
  }
}

/**
 * Takes the lock of a database, which is the server's for as long as the connection lives: whatever ends the job gives it back,
 * and no lock is ever left behind (https://mariadb.com/kb/en/get_lock/).
 *
 * The connection may end and the job may not: it is killed, the server restarts, the network is cut. So the holder asks every
 * other second whether it still holds the lock, and leaves a mark (a view) until its program has ended; whoever finds the mark
 * of a job before waits until that one must have noticed.
 *
 * @param within milliseconds until somebody else's lock must be free.
 */
export async function takeLock(
  target: TargetOf<"mysql">,
  within: number,
  { onWait, onHandOver }: LockNotices,
): Promise<Result<Lock>> {
  // A part of the program of its own, which the wait for the database has loaded already.
  const mysql: Mysql = await import("../probe/mysql.ts");
  const { lockName, login, query } = mysql;
  const name = lockName(target.database);
  const began = performance.now();
  const take = async (session: Session, seconds: number): Promise<boolean> => {
    const [row] = await query(session, "SELECT GET_LOCK(?, ?)", [name, seconds]);
    return Number((row as readonly unknown[])[0]) === 1;
  };
  const lost = (reason: string) => hostMessage("lock-lost", { name, server: target.name, reason });
  let session: Session | undefined;
  try {
    // Not for longer than the login: a signal that fires closes the connection, and the lock would go with it.
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), Math.max(1000, within));
    const own = await login(target, stop.signal);
    session = own;
    clearTimeout(timer);
    await query(own, `SET SESSION wait_timeout = ${sessionTimeout}`);
    if (!(await take(own, 0))) {
      const last = await holder(mysql, own, name);
      onWait(last);
      while (!(await take(own, lockTimeoutSeconds))) {
        if (performance.now() - began > within) {
          const now = await holder(mysql, own, name);
          own.destroy();
          return failure([hostMessage("lock-held", { name, holder: now, waitedMs: performance.now() - began })]);
        }
      }
    }
    const since = performance.now();
    const [row] = await query(own, "SELECT CONNECTION_ID()");
    const id = Number((row as readonly unknown[])[0]);
    const held = new AbortController();
    const { unprovenMs, beat, stop: stopKeeping } = keep(mysql, own, name, id, held);
    const marked = (await query(own, "SHOW TABLES LIKE ?", [atWork])).length > 0;
    if (marked) {
      onHandOver(lockTimes.handOver / 1000);
      await pause(lockTimes.handOver);
      held.signal.throwIfAborted();
      await untilDone(mysql, own, { since, within, lost: held.signal });
    } else await query(own, `CREATE OR REPLACE VIEW ${atWork} AS SELECT ? AS note`, [note]);
    await beat();
    held.signal.throwIfAborted();
    return success({
      name,
      lost: held.signal,
      unprovenMs,
      descriptor: descriptorOf(own),
      async release() {
        try {
          await beat();
          held.signal.throwIfAborted();
          await query(own, `DROP VIEW IF EXISTS ${atWork}`);
          stopKeeping();
          own.end();
          return success(undefined);
        } catch (error) {
          own.destroy();
          return failure([lockBroken(name, (error as Error).message)]);
        }
      },
    });
  } catch (error) {
    session?.destroy();
    return failure([lost((error as Error).message)]);
  }
}
