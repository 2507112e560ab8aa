import { writeSync } from "node:fs";
import { isatty } from "node:tty";

/** How far a long work is, shown on a terminal while it goes on. */
export type Progress = {
  readonly step: () => void;
  /** To be called at the end, and before anything else is written to the terminal. */
  readonly clear: () => void;
};

const standardError = 2;
const standardOutput = 1;

/** Work that takes less needs no bar, in milliseconds. */
const showAfterMs = 1000;
const interval = 100;
const width = 30;

const silent: Progress = { step() {}, clear() {} };

const carriageReturn = "\r";
const eraseLine = "\u001b[2K";

/** The terminal may be gone, or slow: neither is a reason to stop or to wait. */
function show(text: string): void {
  try {
    writeSync(standardError, text);
  } catch {
    // Then there is no bar.
  }
}

/**
 * A bar on standard error, once the work takes longer than a second. None where no terminal looks on, or where the result
 * itself is being written to that terminal.
 */
export function openProgress(
  total: number,
  what: string,
  environment: NodeJS.ProcessEnv,
  writesOutput = false,
): Progress {
  const isShown = isatty(standardError) && environment["TERM"] !== "dumb" && !(writesOutput && isatty(standardOutput));
  if (!isShown || total === 0) return silent;
  let next = performance.now() + showAfterMs;
  let done = 0;
  let drawn = false;
  return {
    step() {
      done++;
      const now = performance.now();
      if (now < next) return;
      next = now + interval;
      const filled = Math.floor((done / total) * width);
      show(`${carriageReturn}[${"#".repeat(filled)}${".".repeat(width - filled)}] ${done}/${total} ${what}`);
      drawn = true;
    },
    clear() {
      if (drawn) show(`${carriageReturn}${eraseLine}`);
      drawn = false;
    },
  };
}
