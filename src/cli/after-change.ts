import { type Running, run } from "../host/process/child.ts";
import { signalProcesses } from "../host/process/processes.ts";
import { environmentForKernel, wordsForKernel } from "../host/strings.ts";
import { cliMessage } from "./messages.ts";
import type { Context } from "./verb.ts";

/** What to do after files were rewritten. */
export type AfterChange = {
  readonly command: readonly string[];
  /** Milliseconds that the command may take. */
  readonly limitMs: number;
  readonly signal?: { readonly number: number; readonly name: string; readonly process: string };
};

/** What a command has to end by itself, after SIGTERM, in milliseconds: at its limit, and when the watch itself is ended. */
const grace = { atLimit: 5_000, atEnd: 1_000 };

/**
 * Runs a command with our own standard streams. Its failure is told, and the watching goes on; so it does when the command hangs.
 * When plinth is ended, the command is, too.
 */
async function runCommand({ command, limitMs }: AfterChange, context: Context): Promise<void> {
  const [file = "", ...words] = wordsForKernel(command);
  const program: Running = run(file, words, { env: environmentForKernel(context.passed) });
  const { last } = context.ending;
  context.ending.last = (signal) => {
    last(signal);
    program.endNow(grace.atEnd);
  };
  let slow = false;
  let ending: Promise<void> | undefined;
  const timer = setTimeout(() => {
    slow = true;
    ending = program.end(grace.atLimit);
  }, limitMs);
  try {
    const status = await program.ended;
    await ending;
    if (slow) context.report([cliMessage("command-slow", { command: file, seconds: limitMs / 1000 })]);
    else if (status !== 0)
      context.report([cliMessage("command-failed", { command: file, reason: `ended with ${status}` })]);
  } catch (error) {
    context.report([cliMessage("command-failed", { command: file, reason: (error as Error).message })]);
  } finally {
    clearTimeout(timer);
    context.ending.last = last;
  }
}

export async function runAfterChange(then: AfterChange, context: Context): Promise<void> {
  if (then.signal) {
    const { number, name, process } = then.signal;
    const { found, sent } = signalProcesses(process, number);
    if (sent === 0) context.report([cliMessage("no-process", { process, signal: name, found })]);
    else context.log.info({ processes: sent }, `sent ${name} to ${process}`);
  }
  if (then.command.length > 0) await runCommand(then, context);
}
