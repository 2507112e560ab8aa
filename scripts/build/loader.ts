/**
 * What the main script inside the binary does. Node's own code cache for such a script (useCodeCache) holds top-level code only; a cache
 * made after a warm run holds the functions that a start really calls, and spares compiling them every time.
 */
import { readFileSync } from "node:fs";
import { Script } from "node:vm";

/** @param bytes reads a file of the program: `start.cjs`, `start.cache`. */
export function run(bytes: (name: string) => Buffer): void {
  // Node's own process.env is empty here (scripts/build/node.ts).
  const isDebugging = () => readFileSync("/proc/self/environ", "latin1").includes("PLINTH_LOG_LEVEL=debug\0");

  function load(part: string): unknown {
    const source = bytes(`${part}.cjs`).toString("latin1");
    const script = new Script(source, { filename: `plinth-${part}.cjs`, cachedData: bytes(`${part}.cache`) });
    if (script.cachedDataRejected && isDebugging()) {
      process.stderr.write(`plinth: the code cache of ${part} does not fit this V8; starting takes longer\n`);
    }
    return script.runInThisContext()(require, load);
  }

  load(process.argv[2] === "healthcheck" ? "health" : "start");
}
