import type { Result } from "../../src/diagnostics/diagnostic.ts";
import { clock } from "../../src/host/clock.ts";
import { attempt } from "../../src/host/probe/attempt.ts";
import type { Change } from "../../src/wait/change.ts";
import type { Outcome, Target } from "../../src/wait/probe.ts";
import { awaitAll } from "../../src/wait/schedule.ts";
import { probeFromUrl } from "../../src/wait/url.ts";

/** The right password and a wrong one: neither may ever be shown. */
export const passwords: Readonly<Record<string, string>> = { RIGHT: "geheim-1f9a", WRONG: "falsch-77c2" };

/** @returns what a URL says to wait for; `$RIGHT` and `$WRONG` are the passwords. */
export function targetOf(url: string): Target {
  const read = probeFromUrl(url, (name) => passwords[name]);
  if (!read.ok) throw new Error(JSON.stringify(read.diagnostics));
  return read.value;
}

/** One try, of three seconds at most. */
export const tryOnce = (url: string): Promise<Outcome> => attempt(targetOf(url), AbortSignal.timeout(3000));

/** Waits, and notes each change of state; `until(state)` resolves at the next change to it. */
export function waiting(url: string, { deadlineMs = 120_000, attemptMs = 400 } = {}) {
  const states: string[] = [];
  const changes: Change[] = [];
  const wanted: { readonly state: string; readonly resolve: () => void }[] = [];
  const onChange = (change: Change) => {
    states.push(change.state);
    changes.push(change);
    for (const { state, resolve } of wanted) if (state === change.state) resolve();
  };
  const over: Promise<Result<number>> = awaitAll([targetOf(url)], { deadlineMs, attemptMs, clock, attempt, onChange });
  const until = (state: string): Promise<void> =>
    new Promise((resolve, reject) => {
      if (states.at(-1) === state) return resolve();
      wanted.push({ state, resolve });
      over.then(() => reject(new Error(`waiting ended without ${state}: ${states.join(", ")}`)), reject);
    });
  return { states, changes, over, until };
}

/** @returns everything that could be shown of an outcome or result, to be searched for secrets. */
export const shown = (value: unknown): string => JSON.stringify(value);

/** @returns why a try gave what it gave; empty when ready. */
export const reasonOf = (outcome: Outcome): string => (outcome.state === "ready" ? "" : outcome.reason);
