import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import type { Change } from "./change.ts";
import { waitMessage } from "./messages.ts";
import { patienceAfter, pauseAfter } from "./pace.ts";
import type { Attempt, Outcome, Probe, State, Target } from "./probe.ts";

/** Time, from outside, so that tests need not wait. */
export type Clock = {
  /** Milliseconds since any fixed moment; never runs backwards. */
  readonly now: () => number;
  /** Calls `run` after `ms`. @returns what cancels it. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** In [0, 1). */
  readonly random: () => number;
};

export type Limits = {
  /** For everything together. */
  readonly deadlineMs: number;
  /** For a first try (`patienceAfter`). Generous: to break off a login costs a busy server more than to let it finish. */
  readonly attemptMs?: number;
  readonly clock: Clock;
  readonly attempt: Attempt;
  readonly onChange?: (change: Change) => void;
  /** Ends all waiting; the promise then rejects with its reason. */
  readonly signal?: AbortSignal;
};

/** One thing needed, while it is waited for. */
type Dependency = {
  readonly probe: Probe;
  readonly targets: readonly Target[];
  /** Last outcome of each target. */
  readonly outcomes: Map<Target, Outcome>;
  /** Fires when it is ready, and when waiting is over. */
  readonly done: AbortController;
  tries: number;
  state: State | undefined;
};

/** From far to near: a dependency is where the nearest of its targets is. */
const nearness: readonly State[] = ["unnamed", "absent", "refused", "unready", "ready"];

function stateOf({ outcomes }: Dependency): State {
  const states = [...outcomes.values()].map((outcome) => outcome.state);
  return nearness.findLast((state) => states.includes(state)) ?? "absent";
}

function reasonOf({ outcomes }: Dependency): string {
  const reasons = [...outcomes.values()].flatMap((outcome) => (outcome.state === "ready" ? [] : [outcome.reason]));
  return [...new Set(reasons)].join("; ");
}

/** Sleeps, or returns early when `signal` fires. */
function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      cancel();
      signal.removeEventListener("abort", wake);
      resolve();
    };
    const cancel = clock.after(ms, wake);
    signal.addEventListener("abort", wake);
  });
}

/** Tries once, for `patienceMs` at most, and for no longer than `over` has not fired. */
async function tryOnce(
  target: Target,
  { clock, attempt }: Limits,
  patienceMs: number,
  over: AbortSignal,
): Promise<Outcome> {
  const own = new AbortController();
  const stop = () => own.abort(over.reason);
  over.addEventListener("abort", stop);
  const cancel = clock.after(patienceMs, () => own.abort(new Error(`no answer within ${patienceMs / 1000} s`)));
  try {
    return await attempt(target, own.signal);
  } finally {
    cancel();
    over.removeEventListener("abort", stop);
  }
}

/** Tries one target of a dependency again and again until the dependency is ready or waiting is over. */
async function pursue(target: Target, dependency: Dependency, began: number, limits: Limits): Promise<void> {
  const { clock, onChange, attemptMs = 5000 } = limits;
  const { signal } = dependency.done;
  let patienceMs = attemptMs;
  while (!signal.aborted) {
    dependency.tries++;
    const triedAt = clock.now();
    const outcome = await tryOnce(target, limits, patienceMs, signal);
    // Broken off, the outcome says nothing about the target.
    if (signal.aborted) return;
    dependency.outcomes.set(target, outcome);
    const before = dependency.state;
    const state = stateOf(dependency);
    dependency.state = state;
    const waitedMs = clock.now() - began;
    if (state === "ready") dependency.done.abort();
    if (state !== before) {
      const reason = state === "ready" ? "" : reasonOf(dependency);
      const { name } = dependency.probe;
      onChange?.({ name, state, ...(before ? { before } : {}), reason, waitedMs, tries: dependency.tries });
    }
    if (outcome.state === "ready") continue;
    const tookMs = began + waitedMs - triedAt;
    const answered = tookMs < patienceMs;
    patienceMs = patienceAfter(attemptMs, patienceMs, answered);
    await pause(pauseAfter(outcome.state, answered ? tookMs : 0, waitedMs, clock.random()), clock, signal);
  }
}

function lateness(dependency: Dependency, waitedMs: number): Diagnostic {
  const { probe, tries, state = "absent" } = dependency;
  const last = reasonOf(dependency) || "the first try has not been answered yet";
  const code = `dependency-${state === "ready" ? "unready" : state}` as const;
  return waitMessage(code, { name: probe.name, waitedMs, tries, last, from: probe.from });
}

/**
 * Waits until everything is ready: all at once, the first tries immediately. What was ready once is not asked again.
 *
 * @returns the milliseconds waited, or at the deadline one diagnostic for each that is not ready.
 */
export async function awaitAll(probes: readonly Probe[], limits: Limits): Promise<Result<number>> {
  const { clock, deadlineMs, signal } = limits;
  signal?.throwIfAborted();
  const began = clock.now();
  const dependencies = probes.map(
    (probe): Dependency => ({
      probe,
      targets: probe.kind === "any" ? probe.members : [probe],
      outcomes: new Map(),
      done: new AbortController(),
      tries: 0,
      state: undefined,
    }),
  );
  const stop = () => {
    for (const { done } of dependencies) done.abort();
  };
  const cancel = clock.after(deadlineMs, stop);
  signal?.addEventListener("abort", stop);
  try {
    const pursuits = dependencies.flatMap((dependency) =>
      dependency.targets.map((target) => pursue(target, dependency, began, limits)),
    );
    await Promise.all(pursuits);
  } finally {
    stop();
    cancel();
    signal?.removeEventListener("abort", stop);
  }
  signal?.throwIfAborted();
  const waitedMs = clock.now() - began;
  const late = dependencies.filter((dependency) => dependency.state !== "ready");
  return late.length === 0 ? success(waitedMs) : failure(late.map((dependency) => lateness(dependency, waitedMs)));
}
