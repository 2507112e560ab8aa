import { type Result, success } from "../diagnostics/diagnostic.ts";
import type { HandOver } from "../handover/plan.ts";
import { runToEnd } from "../host/child.ts";
import { beginSchemas, finishSchemas } from "../host/first-schema.ts";
import { takeLock } from "../host/lock.ts";
import type { BakedService } from "../image/baked.ts";
import type { Settings } from "../settings/settings.ts";
import { databaseAt } from "../wait/needs.ts";
import type { Context } from "./verb.ts";

/** A job's program, found just now, and how many milliseconds it may wait for its lock. */
type Ready = { readonly file: string; readonly plan: HandOver; readonly within: number };

/**
 * Runs a job to its end with the lock of its database held. Whether the schemas that it makes are whole is noted in their
 * databases.
 *
 * @returns its exit status.
 */
export async function runJob(
  { lock, schemas = [] }: BakedService,
  settings: Settings,
  { file, plan, within }: Ready,
  log: Context["log"],
): Promise<Result<number>> {
  const target = databaseAt({ from: lock ?? "" }, settings);
  const locked = await takeLock(target, within, (holder) =>
    log.info({ holder }, `waiting for the lock of ${target.name}: ${holder} holds it`),
  );
  if (!locked.ok) return locked;
  const databases = schemas.map((row) => databaseAt(row, settings));
  const begun = await beginSchemas(databases, (database, tables) =>
    log.warn(`dropping ${tables} tables of ${database}: a job that made its first schema was ended in the middle`),
  );
  if (!begun.ok) return begun;
  const status = await runToEnd(file, plan);
  if (status !== 0) return success(status);
  const finished = await finishSchemas(databases);
  return finished.ok ? success(0) : finished;
}
