import type { State } from "./probe.ts";

/** Milliseconds, and `share` of the time already waited. */
type Pace = { readonly share: number; readonly least: number; readonly most: number };

/**
 * How long to pause after a try. The pause is a small share of what was waited already: whoever waited ten seconds
 * hardly notices 50 ms more, and the number of tries grows only with the logarithm of the time. What a try costs the other
 * side decides the share: a closed port costs its kernel one packet; a name costs the one server everybody asks; a
 * login costs a starting server what it needs for starting; a refused login also fills its log.
 */
const paces: Readonly<Record<Exclude<State, "ready">, Pace>> = {
  absent: { share: 0.005, least: 15, most: 1000 },
  unnamed: { share: 0.05, least: 100, most: 1000 },
  unready: { share: 0.05, least: 40, most: 1000 },
  refused: { share: 0.1, least: 250, most: 1000 },
};

/**
 * @param waitedMs since waiting began.
 * @param random in [0, 1): spreads the tries of containers that were started together, by a quarter either way.
 * @returns milliseconds to the next try.
 */
export function pauseAfter(state: Exclude<State, "ready">, waitedMs: number, random: number): number {
  const { share, least, most } = paces[state];
  const pause = Math.max(least, waitedMs * share) * (0.75 + random / 2);
  return Math.min(most, Math.max(least, pause));
}
