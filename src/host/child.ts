import { spawn } from "node:child_process";
import { constants } from "node:os";
import { signalled } from "../diagnostics/exit-status.ts";
import type { HandOver } from "../handover/plan.ts";

const passedOn = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/**
 * Runs a program that `findProgram` has found just now to its end, with signals passed on: for a job that needs something
 * held meanwhile. What is not ended by it becomes the program itself (`become`).
 *
 * @returns its exit status, 128+n for signal n.
 */
export function runToEnd(file: string, plan: HandOver): Promise<number> {
  const [name = file, ...words] = plan.command;
  const child = spawn(file, words, { argv0: name, env: { ...plan.environment }, stdio: "inherit" });
  for (const signal of passedOn) {
    // From now on a signal is the job's: plinth ends when it does.
    process.removeAllListeners(signal);
    process.on(signal, () => child.kill(signal));
  }
  return new Promise((settle, reject) => {
    child.once("error", reject);
    child.once("exit", (status, signal) => settle(signal ? signalled(constants.signals[signal]) : (status ?? 1)));
  });
}
