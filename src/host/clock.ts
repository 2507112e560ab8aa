import type { Clock } from "../wait/schedule.ts";

/**
 * `performance.now()`, the milliseconds since this process began, for the way of a start: whoever first names `performance`
 * loads node:perf_hooks, a twentieth of Node's own boot. An event's time is of the same clock
 * (https://dom.spec.whatwg.org/#dom-event-timestamp).
 */
export const now = (): number => new Event("now").timeStamp;

/** The machine's own time. */
export const clock: Clock = {
  now,
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};

/** Waits; a signal ends it. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    resolve();
  };
  const timer = setTimeout(end, ms);
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  return promise;
}
