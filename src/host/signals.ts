import { constants } from "node:os";
import { signalled } from "../diagnostics/exit-status.ts";
import { leave } from "./leave.ts";

/** Signals that end plinth as long as it is plinth. */
const ending = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/**
 * Ends the process at once, with 128+n, on a signal that ends programs. To be called first of all: as process 1 a
 * program without a handler does not even notice SIGTERM (signal(7)), and the kernel drops what comes before.
 *
 * @param last what to do before, such as saying what was being waited for.
 */
export function endOnSignal(last: (signal: NodeJS.Signals) => void): void {
  for (const signal of ending) {
    process.on(signal, () => {
      last(signal);
      leave(signalled(constants.signals[signal]));
    });
  }
}
