import type { BakedService } from "../baked/baked.ts";
import { failure, type Result, success } from "../diagnostics/diagnostic.ts";
import type { HandOver } from "../handover/plan.ts";
import { loadSchemas, readSchemas } from "../host/database/baked-schema.ts";
import { beginSchemas, finishSchemas } from "../host/database/first-schema.ts";
import { type Lock, lockBroken, lockTimes, takeLock } from "../host/database/lock.ts";
import { runToEnd } from "../host/process/child.ts";
import type { SchemaRow } from "../openstack/component.ts";
import type { Settings } from "../settings/settings.ts";
import { databaseAt } from "../wait/needs.ts";
import type { TargetOf } from "../wait/probe.ts";
import type { Context } from "./verb.ts";

/** A job's program, found just now, and how many milliseconds it may wait for its lock. */
type Ready = {
  readonly file: string;
  readonly plan: HandOver;
  readonly within: number;
  /** The directory where the image has the schemas that its migrations come to. */
  readonly schemas: string;
};

/** The databases of a job's rows, and the rows. */
type Made = { readonly rows: readonly SchemaRow[]; readonly databases: readonly TargetOf<"mysql">[] };

/**
 * Does at once what the job's program takes many migrations for, where all its databases are empty and the image has what comes
 * of them.
 *
 * @returns whether it did.
 */
async function loadBaked(lock: Lock, { rows, databases }: Made, directory: string, log: Context["log"]) {
  const schemas = readSchemas(directory, rows);
  if (!schemas) return success(false);
  const began = performance.now();
  const loaded = await loadSchemas(databases, schemas, lock);
  if (!loaded.ok) return loaded;
  if (loaded.value !== undefined) {
    log.warn(`the schema that the image was built with is not for this server, so migrations make it: ${loaded.value}`);
    // Drops what was loaded until then.
    const begun = await beginSchemas(databases, lock.lost, () => {});
    return begun.ok ? success(false) : begun;
  }
  const names = databases.map(({ database }) => database).join(", ");
  const ms = Math.round(performance.now() - began);
  log.info({ databases: databases.length, ms }, `loaded the schema that the image was built with into ${names}`);
  return success(true);
}

/** Runs a job's program with the lock held, and notes whether the schemas that it makes are whole. */
async function runLocked(
  lock: Lock,
  made: Made,
  { file, plan, schemas }: Ready,
  log: Context["log"],
): Promise<Result<number>> {
  const { databases } = made;
  const begun = await beginSchemas(databases, lock.lost, (database, tables) =>
    log.warn(`dropping ${tables} tables of ${database}: a job that made its first schema was ended in the middle`),
  );
  if (!begun.ok || lock.lost.aborted) return begun.ok ? success(0) : begun;
  const loaded = begun.value ? await loadBaked(lock, made, schemas, log) : success(false);
  if (!loaded.ok || lock.lost.aborted) return loaded.ok ? success(0) : loaded;
  if (loaded.value) {
    const finished = await finishSchemas(databases, lock.lost);
    return finished.ok ? success(0) : finished;
  }
  const status = await runToEnd(file, plan, { ...lock, times: lockTimes }, (held) => {
    if (held)
      log.warn(`the database does not answer: the job's program is suspended until it is certain that it has its lock`);
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
  const ran = await runLocked(lock, { rows: schemas, databases }, ready, log);
  if (lock.lost.aborted) return failure([lockBroken(lock.name, (lock.lost.reason as Error).message)]);
  const released = await lock.release();
  return ran.ok && !released.ok ? released : ran;
}
