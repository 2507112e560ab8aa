import type { Failing, Liveness } from "./verdict.ts";

/** What checks of one process have found so far. Times are seconds of one clock that nobody sets. */
export type HangRecord = {
  /** The process that this is about, by its id and when it was started. */
  readonly process: string;
  /** When it was first looked at as the service: plinth had become it. */
  readonly since: number;
  /** It has been found alive at least once. */
  readonly answered: boolean;
  /** Since when it has failed without a break, and how. */
  readonly failing?: { readonly since: number; readonly how: Failing };
  /** When something that it depends on was away last. */
  readonly away?: number;
};

/**
 * Seconds for which a service must have failed, check after check, before it hangs.
 *
 * `stopped`: a signal that is taken back within a moment (a debugger that attaches, a job that is suspended) is no hang. `silent` is
 * longer than what a busy machine or a long computation keep an answer back. Who is `absent` connects again, in steps of up to 30 s
 * (oslo.messaging's rabbit_interval_max); so may be who is silent after something was `away` that it depends on. A service that
 * starts has not answered yet.
 */
export const hangAfterSeconds = { stopped: 10, "cut off": 15, silent: 15, absent: 120, away: 120, start: 600 } as const;

/** Whether only time tells it from a service that is slow. */
const isQuiet = (how: Failing): how is "silent" | "absent" => how === "silent" || how === "absent";

/** @returns for how long this may go on. */
function allowed(record: HangRecord, how: Failing, now: number): number {
  if (!isQuiet(how)) return hangAfterSeconds[how];
  if (!record.answered) return hangAfterSeconds.start;
  const recent = record.away !== undefined && now - record.away < hangAfterSeconds.away;
  return recent ? Math.max(hangAfterSeconds[how], hangAfterSeconds.away) : hangAfterSeconds[how];
}

/**
 * What a finding adds to the record, and in how many seconds the service hangs if it goes on like this: 0 or less, it does.
 *
 * @param asked when the question was asked, of which `life` is the answer.
 */
export function updateRecord(
  record: HangRecord,
  life: Liveness,
  asked: number,
  now: number,
): { readonly record: HangRecord; readonly left?: number } {
  const { failing, ...rest } = record;
  switch (life.is) {
    case "answering":
      return { record: { ...rest, answered: true } };
    case "excused":
      return { record: life.away ? { ...rest, away: now } : rest };
    case "failing": {
      const { how } = life;
      // A broker gives up who is silent, and then it is absent: one failure. A signal is another.
      const goesOn = failing !== undefined && (failing.how === how || (isQuiet(failing.how) && isQuiet(how)));
      const since = goesOn ? failing.since : asked;
      // A start is as old as the process; all else is counted from when it was first found.
      const counted = isQuiet(how) && !record.answered ? record.since : since;
      return { record: { ...rest, failing: { since, how } }, left: counted + allowed(record, how, now) - now };
    }
  }
}
