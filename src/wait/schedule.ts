import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import type { Change } from "./change.ts";
import { waitMessage } from "./messages.ts";
import { nextAttemptTimeoutMs, pauseAfter } from "./pace.ts";
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
  /** For a first try (`nextAttemptTimeoutMs`). Generous: to break off a login costs a busy server more than to let it finish. */
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
  /** Targets that are hopeless beyond doubt, and are not asked any more. */
  readonly lost: Set<Target>;
  /** Fires when it is ready, and when waiting is over. */
  readonly done: AbortController;
  tries: number;
  state: State | undefined;
};

/** From far to near: a dependency is where the nearest of its targets is. */
const nearness: readonly State[] = ["hopeless", "unnamed", "absent", "refused", "unready", "ready"];

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

/**
 * Tries once, for no longer than `over` has not fired. The other side has `timeoutMs`; the time that a name server takes does
 * not count.
 *
 * @param onSlow takes what can be said while a name is being looked up.
 * @returns the outcome, and how long the other side took.
 */
async function tryOnce(
  target: Target,
  { clock, attempt }: Limits,
  timeoutMs: number,
  over: AbortSignal,
  onSlow: (soFar: Outcome) => void,
): Promise<{ outcome: Outcome; tookMs: number }> {
  const own = new AbortController();
  const stop = () => own.abort(over.reason);
  over.addEventListener("abort", stop);
  let askedAt: number | undefined;
  let cancel = () => {};
  const ask = () => {
    cancel();
    askedAt = clock.now();
    cancel = clock.after(timeoutMs, () => own.abort(new Error(`no answer within ${timeoutMs / 1000} s`)));
  };
  ask();
  try {
    const outcome = await attempt(target, own.signal, {
      onSlow(soFar) {
        cancel();
        askedAt = undefined;
        if (!own.signal.aborted) onSlow(soFar);
      },
      onNamed: ask,
    });
    return { outcome, tookMs: askedAt === undefined ? 0 : clock.now() - askedAt };
  } finally {
    cancel();
    over.removeEventListener("abort", stop);
  }
}

/** Milliseconds for which what only looks hopeless must look so to be believed. */
const doubtMs = 10_000;

/** Notes what a try gave, and tells of it where it changes the state. */
function note(
  target: Target,
  outcome: Outcome,
  dependency: Dependency,
  began: number,
  { clock, onChange }: Limits,
): void {
  dependency.outcomes.set(target, outcome);
  const before = dependency.state;
  const state = stateOf(dependency);
  dependency.state = state;
  if (state === before) return;
  const reason = state === "ready" ? "" : reasonOf(dependency);
  const { name } = dependency.probe;
  const waitedMs = clock.now() - began;
  onChange?.({ name, state, ...(before ? { before } : {}), reason, waitedMs, tries: dependency.tries });
}

/**
 * Tries one target of a dependency again and again until the dependency is ready or waiting is over.
 *
 * @param onLost is called when none of the dependency's targets can become ready by waiting.
 */
async function pursue(
  target: Target,
  dependency: Dependency,
  began: number,
  limits: Limits,
  onLost: () => void,
): Promise<void> {
  const { clock, attemptMs = 5000 } = limits;
  const { signal } = dependency.done;
  let timeoutMs = attemptMs;
  let hopelessAt: number | undefined;
  while (!signal.aborted) {
    dependency.tries++;
    const onSlow = (soFar: Outcome) => note(target, soFar, dependency, began, limits);
    const { outcome, tookMs } = await tryOnce(target, limits, timeoutMs, signal, onSlow);
    // Broken off, the outcome says nothing about the target.
    if (signal.aborted) return;
    note(target, outcome, dependency, began, limits);
    if (outcome.state === "ready") return dependency.done.abort();
    const now = clock.now();
    if (outcome.state === "hopeless") {
      hopelessAt ??= now;
      if (!outcome.doubt || now - hopelessAt >= doubtMs) {
        dependency.lost.add(target);
        if (dependency.lost.size === dependency.targets.length) onLost();
        return;
      }
    } else hopelessAt = undefined;
    const answered = tookMs < timeoutMs;
    timeoutMs = nextAttemptTimeoutMs(attemptMs, timeoutMs, answered);
    const pauseMs = pauseAfter(outcome.state, answered ? tookMs : 0, now - began, clock.random());
    await pause(pauseMs, clock, signal);
  }
}

function lateness(dependency: Dependency, waitedMs: number): Diagnostic {
  const { probe, tries, state = "absent", outcomes, lost, targets } = dependency;
  const last = reasonOf(dependency) || "the first try has not been answered yet";
  if (lost.size === targets.length) {
    const fixes = [...outcomes.values()].flatMap((outcome) => (outcome.state === "hopeless" ? [outcome.fix] : []));
    return waitMessage("dependency-hopeless", { name: probe.name, last, fix: [...new Set(fixes)].join("; ") });
  }
  // What only looked hopeless until now may still be put right.
  const known = state === "ready" ? "unready" : state === "hopeless" ? "refused" : state;
  const code = `dependency-${known}` as const;
  return waitMessage(code, { name: probe.name, waitedMs, tries, last, from: probe.from });
}

/**
 * Waits until everything is ready: all at once, the first tries immediately. What was ready once is not asked again.
 *
 * @returns the milliseconds waited, or at the deadline one diagnostic for each that is not ready; before it, when waiting
 * cannot help, one for each of which that is so.
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
      lost: new Set(),
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
      dependency.targets.map((target) => pursue(target, dependency, began, limits, stop)),
    );
    await Promise.all(pursuits);
  } finally {
    stop();
    cancel();
    signal?.removeEventListener("abort", stop);
  }
  signal?.throwIfAborted();
  const waitedMs = clock.now() - began;
  const lost = dependencies.filter((dependency) => dependency.lost.size === dependency.targets.length);
  const late = lost.length > 0 ? lost : dependencies.filter((dependency) => dependency.state !== "ready");
  return late.length === 0 ? success(waitedMs) : failure(late.map((dependency) => lateness(dependency, waitedMs)));
}
