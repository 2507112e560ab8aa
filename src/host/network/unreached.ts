import type { Outcome } from "../../wait/probe.ts";

type Failed = Exclude<Outcome, { readonly state: "ready" }>;

/** No connection came about. The outcome says whether the name or the addresses are to blame; the message is its reason. */
export class Unreached extends Error {
  readonly outcome: Failed;

  constructor(outcome: Failed) {
    super(outcome.reason);
    this.outcome = outcome;
  }
}

export const unnamed = (reason: string): Unreached => new Unreached({ state: "unnamed", reason });
export const absent = (reason: string): Unreached => new Unreached({ state: "absent", reason });

/** @returns what a signal that fired says. */
export const wordsOf = (signal: AbortSignal): string =>
  signal.reason instanceof Error ? signal.reason.message : String(signal.reason);
