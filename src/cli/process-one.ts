import { run } from "../host/process/child.ts";
import { onEndingSignal } from "../host/process/signals.ts";
import { environmentForKernel, wordsForKernel } from "../host/strings.ts";

/**
 * Runs plinth with the same words once more, and passes signals on. To process 1 the kernel delivers no signal without a handler,
 * and JavaScript's handlers do not run while something is computed; the child has none, and ends in the middle.
 *
 * @returns its exit status, 128+n for signal n.
 */
export async function runAsChild(words: readonly string[], passed: readonly string[]): Promise<number> {
  const program = run(process.execPath, wordsForKernel(words), { env: environmentForKernel(passed) });
  onEndingSignal(({ number }) => program.signal(number));
  return program.ended;
}
