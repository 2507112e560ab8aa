import { after } from "node:test";

/** Cleans up when the tests are over, and when they are interrupted: the process then ends as a signal ends it. */
export function cleanUp(remove: () => void): void {
  after(remove);
  for (const [signal, number] of [
    ["SIGINT", 2],
    ["SIGTERM", 15],
  ] as const) {
    process.once(signal, () => {
      remove();
      process.exit(128 + number);
    });
  }
}
