import { failure, type Result, success } from "../diagnostics/diagnostic.ts";
import type { HandOver } from "../handover/plan.ts";
import { runToEnd } from "../host/child.ts";
import { beginSchemas, finishSchemas } from "../host/first-schema.ts";
import { type Lock, lockBroken, lockTimes, takeLock } from "../host/lock.ts";
import type { BakedService } from "../image/baked.ts";
import type { Settings } from "../settings/settings.ts";
import { databaseAt } from "../wait/needs.ts";
import type { TargetOf } from "../wait/probe.ts";
import type { Context } from "./verb.ts";

/** A job's program, found just now, and how many milliseconds it may wait for its lock. */
type Ready = { readonly file: string; readonly plan: HandOver; readonly within: number };

/** Runs a job's program with the lock held, and notes whether the schemas that it makes are whole. */
async function runLocked(
  lock: Lock,
  databases: readonly TargetOf<"mysql">[],
  { file, plan }: Ready,
  log: Context["log"],
): Promise<Result<number>> {
  const begun = await beginSchemas(databases, lock.lost, (database, tables) =>
    log.warn(`dropping ${tables} tables of ${database}: a job that made its first schema was ended in the middle`),
  );
  if (!begun.ok || lock.lost.aborted) return begun.ok ? success(0) : begun;
  const status = await runToEnd(file, plan, { ...lock, times: lockTimes }, (held) => {
    if (held)
      log.warn(`the database does not answer: the job's program is held until it is certain that it has its lock`);
    else log.info("the job still has its lock: its program goes on");
  });
  if (status !== 0 || lock.lost.aborted) return success(status);
  const finished = await finishSchemas(databases, lock.lost);
  return finished.ok ? success(0) : finished;
}

/**
 * Runs a job to its end with the lock of its database held. Whether the schemas that it makes are whole is noted in their
 * databases.
 *
 * @returns its exit status; a failure where the lock was lost in the meantime, whatever the program said.
 */
export async function runJob(
  { lock: from, schemas = [] }: BakedService & { readonly lock: string },
  settings: Settings,
  ready: Ready,
  log: Context["log"],
): Promise<Result<number>> {
  const target = databaseAt({ from }, settings);
  const taken = await takeLock(target, ready.within, {
    onWait: (holder) => log.info({ holder }, `waiting for the lock of ${target.name}: ${holder} holds it`),
    onHandOver: (seconds) =>
      log.warn(
        `a job of ${target.name} before this one did not say that it ended: waiting ${seconds} s, after which nothing of it can be at work`,
      ),
  });
  if (!taken.ok) return taken;
  const lock = taken.value;
  const databases = schemas.map((row) => databaseAt(row, settings));
  const ran = await runLocked(lock, databases, ready, log);
  if (lock.lost.aborted) return failure([lockBroken(lock.name, (lock.lost.reason as Error).message)]);
  const released = await lock.release();
  return ran.ok && !released.ok ? released : ran;
}
