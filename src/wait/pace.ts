import type { State } from "./probe.ts";

/** Milliseconds, and `share` of the time already waited. */
type Pace = { readonly share: number; readonly least: number; readonly most: number };

/**
 * How long to pause after a try. The pause is a small share of what was waited already: whoever waited ten seconds
 * hardly notices 50 ms more, and the number of tries grows only with the logarithm of the time. What a try costs the other
 * side decides the share: a closed port costs its kernel one packet; a name costs the one server everybody asks; a
 * login costs a starting server what it needs for starting; a refused login also fills its log, and a keystone that is asked
 * by everybody for users that are not made yet has no time left to make them.
 */
const paces: Readonly<Record<Exclude<State, "ready">, Pace>> = {
  absent: { share: 0.005, least: 15, most: 1000 },
  unnamed: { share: 0.05, least: 100, most: 1000 },
  unready: { share: 0.05, least: 40, most: 1000 },
  refused: { share: 0.05, least: 250, most: 5000 },
  hopeless: { share: 0.05, least: 250, most: 5000 },
};

/**
 * So many times the length of a try that was answered must pass before the next: a server that is slow to say no is asked
 * the less, the slower it is. At one second between tries of five, thirty containers kept a keystone busy for minutes.
 */
const rest = 3;
const longest = 15_000;

/**
 * @param answerMs how long the last answer took; 0 where none came in time: then `nextAttemptTimeoutMs` is what spares the server.
 * @param waitedMs since waiting began.
 * @param random in [0, 1): spreads the tries of containers that were started together, by a quarter either way.
 * @returns milliseconds to the next try.
 */
export function pauseAfter(state: Exclude<State, "ready">, answerMs: number, waitedMs: number, random: number): number {
  const { share, least, most } = paces[state];
  const pause = Math.max(least, waitedMs * share) * (0.75 + random / 2);
  const answered = state === "unready" || state === "refused" || state === "hopeless";
  const polite = answered ? Math.min(longest, rest * answerMs) : 0;
  return Math.max(polite, Math.min(most, Math.max(least, pause)));
}

/**
 * How long to give the next try. One that is broken off stays in the queue of a server that only listens yet, and is work for
 * nothing once that serves; one that stands in the queue is answered at once. So whoever got no answer waits longer for the
 * next, up to four times: not for ever, since a machine that is gone says nothing either.
 *
 * @param usualMs of the first try, and after an answer.
 * @param lastMs what the last try was given. @param answered whether that was enough.
 */
export const nextAttemptTimeoutMs = (usualMs: number, lastMs: number, answered: boolean): number =>
  answered ? usualMs : Math.min(4 * usualMs, 2 * lastMs);
