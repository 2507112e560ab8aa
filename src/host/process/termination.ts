import { closeSync, openSync, writeSync } from "node:fs";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { visibleLine } from "../../diagnostics/visible.ts";

/** Where Kubernetes looks for a container's last words (terminationMessagePath); it makes the file, we never do. */
const terminationLog = "/dev/termination-log";

/** Kubernetes keeps 4096 bytes of it. */
const most = 4096;

/**
 * Leaves the diagnostics where `kubectl describe pod` shows them; does nothing where no such file is.
 *
 * @param hide takes secrets out of a text.
 */
export function leaveTerminationMessage(diagnostics: readonly Diagnostic[], hide: (text: string) => string): void {
  const line = (text: string): string => visibleLine(hide(text));
  const lines = diagnostics.map(({ what, fix }) => `${line(what)}\nfix: ${line(fix)}\n`);
  try {
    const descriptor = openSync(terminationLog, "r+");
    try {
      writeSync(descriptor, Buffer.from(lines.join("")).subarray(0, most));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Not in Kubernetes, or the file is not ours to write: the log on standard error has it all.
  }
}
