/**
 * Preloaded into plinth where `make coverage` runs it: writes which code ran, as V8 counts it. NODE_V8_COVERAGE would
 * do the same, but the service would find it in its environment, and a process that execve(2) replaces would write nothing.
 */
import { writeFileSync } from "node:fs";
import { Session } from "node:inspector";

// A copy without types runs, beside the bundle: all paths are below build/coverage.
const bundle = new URL("bundle/", import.meta.url).href;
const session = new Session();
session.connect();
session.post("Profiler.enable");
session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });

function record(): void {
  session.post("Profiler.takePreciseCoverage", (_error, taken) => {
    const result = taken.result.filter(({ url }) => url.startsWith(bundle));
    // The name is what the test runner looks for: process, time, count.
    const name = `raw/coverage-${process.pid}-${Date.now()}-0.json`;
    // An account that may not write there is not counted.
    try {
      writeFileSync(new URL(name, import.meta.url), JSON.stringify({ result }));
    } catch {}
  });
}

process.on("exit", record);
const execve = process.execve?.bind(process);
if (execve) {
  process.execve = (...given) => {
    record();
    return execve(...given);
  };
}
