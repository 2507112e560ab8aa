import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Change } from "./change.ts";
import { waitMessage } from "./messages.ts";
import type { Probe } from "./probe.ts";
import { awaitAll, type Limits } from "./schedule.ts";

/** What a service can do without, while it is asked for. */
export type OptionalPolling = {
  /** Resolves when each has been heard of once, or after `firstAnswerTimeoutMs`. */
  readonly heard: Promise<void>;
  /** Ends the asking. @returns a warning for each that is not ready. */
  readonly end: () => readonly Diagnostic[];
};

/**
 * Asks for what a service can do without, beside the waiting for all else. It holds nobody up: whoever has all that is needed
 * waits for `heard` only, which is one answer of each, good or bad.
 *
 * @param firstAnswerTimeoutMs for an address that does not answer at all.
 */
export function pollOptional(probes: readonly Probe[], limits: Limits, firstAnswerTimeoutMs: number): OptionalPolling {
  const last = new Map<string, Change>();
  const over = new AbortController();
  const { promise: heard, resolve } = Promise.withResolvers<void>();
  const cancel = limits.clock.after(firstAnswerTimeoutMs, resolve);
  const onChange = (change: Change): void => {
    last.set(change.name, change);
    limits.onChange?.(change);
    if (last.size === probes.length) resolve();
  };
  // Each alone: one that waiting cannot make ready ends the asking for itself only. It rejects when it is ended, which is the
  // usual way; what it says at a deadline is in the last changes, too.
  Promise.all(probes.map((probe) => awaitAll([probe], { ...limits, signal: over.signal, onChange }))).then(
    () => resolve(),
    () => {},
  );
  return {
    heard,
    end() {
      cancel();
      resolve();
      over.abort(new Error("waiting is over"));
      return probes.flatMap(({ name, from }) => {
        const { state, reason } = last.get(name) ?? { state: "absent", reason: "it has not answered yet" };
        return state === "ready" ? [] : [waitMessage("dependency-spared", { name, reason, from })];
      });
    },
  };
}
