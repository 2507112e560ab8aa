import { spawn } from "node:child_process";
import { constants } from "node:os";
import { signalled } from "../diagnostics/exit-status.ts";
import type { HandOver } from "../handover/plan.ts";
import { onEndingSignal } from "./signals.ts";
import { environmentForKernel, wordsForKernel } from "./strings.ts";

/**
 * Runs a program that `findProgram` has found just now to its end, with signals passed on: for a job that needs something
 * held meanwhile. What is not ended by it becomes the program itself (`become`).
 *
 * @returns its exit status, 128+n for signal n.
 */
export function runToEnd(file: string, plan: HandOver): Promise<number> {
  const [name = file, ...words] = wordsForKernel(plan.command);
  const child = spawn(file, words, { argv0: name, env: environmentForKernel(plan.environment), stdio: "inherit" });
  // From now on a signal is the job's: plinth ends when it does. (By number: child.kill knows no real-time signals.)
  onEndingSignal(({ number }) => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(child.pid, number);
  });
  return new Promise((settle, reject) => {
    child.once("error", reject);
    child.once("exit", (status, signal) => settle(signal ? signalled(constants.signals[signal]) : (status ?? 1)));
  });
}
