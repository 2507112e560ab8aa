import type { State } from "./probe.ts";

/** Something needed changed its state. There is one for the first try, and then never two alike in a row. */
export type Change = {
  readonly name: string;
  readonly state: State;
  /** The state before; left out for the first. */
  readonly before?: State;
  /** Empty when ready. */
  readonly reason: string;
  readonly waitedMs: number;
  readonly tries: number;
};

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 9950 ? 1 : 0)} s`;

const words: Readonly<Record<Exclude<State, "ready">, string>> = {
  absent: "no longer there",
  unnamed: "no longer known by its name",
  unready: "there now, but not ready",
  refused: "there now, but says no",
  hopeless: "there now, but waiting will not do",
};

/** @returns the line that tells of a change: `waiting for ...`, `... is ready after 3.2 s`. */
export function changeText({ name, state, before, reason, waitedMs }: Change): string {
  if (state === "ready") return `${name} is ready after ${seconds(waitedMs)}`;
  return before === undefined ? `waiting for ${name}: ${reason}` : `${name} is ${words[state]}: ${reason}`;
}
