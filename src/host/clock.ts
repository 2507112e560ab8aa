import type { Clock } from "../wait/schedule.ts";

/** The machine's own time. */
export const clock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};
