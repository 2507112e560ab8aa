import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { signalled } from "../../diagnostics/exit-status.ts";
import type { HandOver } from "../../handover/plan.ts";
import { environmentForKernel, wordsForKernel } from "../strings.ts";
import { onEndingSignal } from "./signals.ts";
import { signalAll, socketBehind, treeOf } from "./tree.ts";

/** Milliseconds between two looks whether processes are gone. */
const glance = 50;

const pauseCell = new Int32Array(new SharedArrayBuffer(4));
const pause = (ms: number) => new Promise((settle) => setTimeout(settle, ms));

/** A program that runs as the leader of a session of its own, so that all that it starts can be reached. */
export type Running = {
  /** Its exit status, 128+n for signal n. Rejects where it could not be started. */
  readonly ended: Promise<number>;
  /** Sends a signal to it and to all that it started. */
  readonly signal: (signal: NodeJS.Signals | number) => void;
  /** Ends it and all that it started: SIGTERM, and after `graceMs` SIGKILL; without a grace SIGKILL at once. */
  readonly end: (graceMs: number) => Promise<void>;
  /** The same, before anything else happens in this process: for whoever is about to exit. */
  readonly endNow: (graceMs: number) => void;
};

/**
 * Starts a program.
 *
 * @param inherit a descriptor of ours that it has, too, under the same number.
 */
export function run(
  file: string,
  words: readonly string[],
  options: { readonly argv0?: string; readonly env: NodeJS.ProcessEnv; readonly inherit?: number | undefined },
): Running {
  const { inherit, argv0, env } = options;
  const further = inherit === undefined ? [] : [...Array(inherit - 3).fill("ignore"), inherit];
  const child: ChildProcess = spawn(file, words, {
    ...(argv0 === undefined ? {} : { argv0 }),
    env,
    // "ignore" leaves descriptors from 3 on as they are.
    stdio: ["inherit", "inherit", "inherit", ...further],
    detached: true,
  });
  const ended = new Promise<number>((settle, reject) => {
    child.once("error", reject);
    child.once("exit", (status, signal) => settle(signal ? signalled(constants.signals[signal]) : (status ?? 1)));
  });
  const socket = socketBehind(inherit);
  const living = () => (child.pid === undefined ? [] : treeOf(child.pid, socket));
  const signal = (which: NodeJS.Signals | number) => signalAll(living(), which);
  return {
    ended,
    signal,
    endNow(graceMs) {
      const limit = performance.now() + graceMs;
      signal("SIGTERM");
      while (living().length > 0 && performance.now() < limit) Atomics.wait(pauseCell, 0, 0, glance);
      signal("SIGKILL");
    },
    async end(graceMs) {
      const limit = performance.now() + graceMs;
      if (graceMs > 0) signal("SIGTERM");
      while (living().length > 0 && performance.now() < limit) await pause(glance);
      // Again and again: one of them may have started another meanwhile.
      while (living().length > 0) {
        signal("SIGKILL");
        await pause(glance);
      }
    },
  };
}

/** What a program's running depends on. */
export type Condition = {
  /** Fires when the program must not run any more. */
  readonly lost: AbortSignal;
  /** How long ago it was certain that it may. */
  readonly unprovenMs: () => number;
  readonly descriptor: number | undefined;
  readonly times: { readonly doubt: number; readonly grace: number };
};

/** Milliseconds between two looks at the condition. */
const look = 250;

/** What is left of a program that has ended gets this long to end, too, in milliseconds. */
const remainder = 1000;

/**
 * Runs a program that `findProgram` has found just now to its end, with signals passed on: for a job that needs something
 * held meanwhile. What is not ended by it becomes the program itself (`become`).
 *
 * While it is not certain that the condition holds, the program is suspended (SIGSTOP): a database that is paused for a minute does
 * not end a migration in its middle. When the condition is lost, it is ended, with all that it started.
 *
 * @returns its exit status, 128+n for signal n.
 */
export async function runToEnd(
  file: string,
  plan: HandOver,
  { lost, unprovenMs, descriptor, times }: Condition,
  onHold: (held: boolean) => void,
): Promise<number> {
  const [name = file, ...words] = wordsForKernel(plan.command);
  const program = run(file, words, { argv0: name, env: environmentForKernel(plan.environment), inherit: descriptor });
  let held = false;
  let ending: Promise<void> | undefined;
  // From now on a signal is the job's: plinth ends when it does.
  onEndingSignal(({ name: signal, number }) => {
    program.signal(number);
    // A suspended process notices no signal but this one, and is not resumed to notice.
    if (held && signal !== "SIGUSR1" && signal !== "SIGUSR2") ending ??= program.end(0);
  });
  const watching = setInterval(() => {
    const doubtful = unprovenMs() > times.doubt;
    if (doubtful === held || ending) return;
    held = doubtful;
    program.signal(held ? "SIGSTOP" : "SIGCONT");
    onHold(held);
  }, look);
  // Not longer than from when it was certain last: somebody else may begin then.
  const stop = () => {
    ending ??= program.end(held ? 0 : Math.max(0, Math.min(times.grace, times.doubt + times.grace - unprovenMs())));
  };
  lost.addEventListener("abort", stop, { once: true });
  if (lost.aborted) stop();
  try {
    const status = await program.ended;
    await (ending ?? program.end(remainder));
    return status;
  } finally {
    clearInterval(watching);
    lost.removeEventListener("abort", stop);
  }
}
