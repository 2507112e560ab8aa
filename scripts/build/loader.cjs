// The main script inside the binary. Node's own code cache for such a script (useCodeCache) holds top-level code only;
// a cache made after a warm run holds the functions that a start really calls, and spares compiling them every time.
const { readFileSync } = require("node:fs");
const { getRawAsset } = require("node:sea");
const { Script } = require("node:vm");

const bytes = (name) => Buffer.from(getRawAsset(name));

// Node's own process.env is empty here (scripts/build/node.ts).
const isDebugging = () => readFileSync("/proc/self/environ", "latin1").includes("PLINTH_LOG_LEVEL=debug\0");

function load(part) {
  const source = bytes(`${part}.cjs`).latin1Slice();
  const script = new Script(source, { filename: `plinth-${part}.cjs`, cachedData: bytes(`${part}.cache`) });
  if (script.cachedDataRejected && isDebugging()) {
    process.stderr.write(`plinth: the code cache of ${part} does not fit this V8; starting takes longer\n`);
  }
  return script.runInThisContext()(require, load);
}

load(process.argv[2] === "healthcheck" ? "health" : "start");
