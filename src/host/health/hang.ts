import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { type Diagnostic, failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import { rowOf, serviceProcesses, stillPlinth, traced } from "./frozen.ts";
import { type HangRecord, updateRecord } from "./hang-record.ts";
import { healthMessage } from "./messages.ts";
import { signalAsOwner } from "./processes.ts";
import type { Question } from "./question.ts";
import { type Aspect, examine } from "./verdict.ts";

/** Whoever wants to look at a service that stands still makes this file beside its question: then nothing is ended. */
const holdName = "hold";

const isHeld = (directory: string): boolean => existsSync(`${directory}/${holdName}`);

/** Seconds between two looks at a service that seems to hang, and after which a check looks no more. The next one goes on. */
const pause = 5;
const longest = 22;

/** Seconds of a clock that nobody sets and that every process of the machine has (CLOCK_MONOTONIC). */
const now = (): number => Number(process.hrtime.bigint() / 1_000_000n) / 1000;

const sleep = (seconds: number) => new Promise((settle) => setTimeout(settle, seconds * 1000));

function readRecord(path: string, name: string): HangRecord {
  const fresh: HangRecord = { process: name, since: now(), answered: false };
  try {
    const record = JSON.parse(readFileSync(path, "utf8")) as HangRecord;
    return record.process === name ? record : fresh;
  } catch {
    return fresh;
  }
}

/** Where it cannot be written every check is the first, and ends nothing but what is stopped. */
function writeRecord(path: string, record: HangRecord): void {
  try {
    writeFileSync(`${path}.new`, JSON.stringify(record));
    renameSync(`${path}.new`, path);
  } catch {}
}

/** Writes a line where the service's own go, so that it stands in the container's log; where an init has them, too, to that one's. */
function tell(pid: number, { code, what, fix }: Diagnostic): void {
  const line = { level: "error", time: new Date().toISOString(), code, fix, msg: what };
  for (const of of rowOf(pid)?.parent === 1 ? [1, pid] : [pid]) {
    try {
      // A log that nobody reads must not hold this up.
      const descriptor = openSync(`/proc/${of}/fd/2`, constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK);
      try {
        writeSync(descriptor, `${JSON.stringify(line)}\n`);
      } finally {
        closeSync(descriptor);
      }
      return;
    } catch {}
  }
}

/** Ends a service's first process. An init, whose child it is, ends with it, and with that the container. */
function end(pid: number, reason: string, seconds: number): Diagnostic {
  const { name = "?" } = rowOf(pid) ?? {};
  if (pid === 1) return healthMessage("hung-process-one", { reason, seconds });
  const ended = healthMessage("hung-ended", { reason, seconds, pid, name });
  tell(pid, ended);
  try {
    signalAsOwner(pid, "SIGKILL");
  } catch (error) {
    return healthMessage("hung-not-ended", { reason, seconds, pid, name, error: (error as Error).message });
  }
  return ended;
}

/**
 * Lets an init go on that is stopped: the service works without it, but nobody would notice its end. (`docker kill --signal STOP`
 * reaches the init only.) A signal from within reaches process 1 where it has this effect, whatever it has a handler for
 * (prepare_signal in kernel/signal.c).
 */
function wakeInit(pid: number, directory: string): void {
  if (pid === 1 || rowOf(pid)?.parent !== 1 || rowOf(1)?.state !== "T" || isHeld(directory)) return;
  try {
    signalAsOwner(1, "SIGCONT");
  } catch {
    // Another user's.
  }
}

/**
 * Asks a service like `judge`, and ends it when it hangs, so that whatever restarts its container does so. Looks again until that is
 * certain, if it will be soon.
 *
 * @param path where the question is; the record is kept beside it.
 */
export async function endHung(
  question: Question,
  path: string,
  aspect: Aspect,
  timeoutMs: number,
): Promise<Result<string>> {
  const began = now();
  const recordPath = path.replace(/json$/, "seen");
  const directory = path.slice(0, path.lastIndexOf("/"));
  const { pid } = question;
  wakeInit(pid, directory);
  for (let look: Aspect = aspect, first: Result<string> | undefined; ; look = "alive") {
    const asked = now();
    const which = `${pid} ${rowOf(pid)?.started}`;
    const { result, life } = await examine(question, look, timeoutMs);
    first ??= result;
    const before = readRecord(recordPath, which);
    // While plinth waits, the service has not begun to start.
    const { record, left } = updateRecord(stillPlinth(pid) ? { ...before, since: now() } : before, life, asked, now());
    const spared = left === undefined ? undefined : sparedBy(directory, pid);
    const { failing: _failing, ...well } = record;
    const kept = spared === undefined ? record : well;
    if (JSON.stringify(kept) !== JSON.stringify(before)) writeRecord(recordPath, kept);
    if (left === undefined || life.is !== "failing") return first;
    if (spared !== undefined) return first.ok ? success(`${first.value}; ${spared}`) : first;
    if (left <= 0) return failure([end(pid, life.reason, Math.round(now() - (record.failing?.since ?? asked)))]);
    if (now() + left - began > longest) return first;
    await sleep(Math.min(left, pause));
  }
}

/** @returns why nothing is ended, where somebody wants to look at it. */
function sparedBy(directory: string, pid: number): string | undefined {
  if (isHeld(directory)) return `held by ${directory}/${holdName}`;
  const [one] = traced(serviceProcesses(pid));
  return one && `a debugger is at process ${one.pid} (${one.name})`;
}
