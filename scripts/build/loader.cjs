// The main script inside the binary. Node's own code cache for such a script (useCodeCache) holds top-level code only;
// a cache made after a warm run holds the functions that a start really calls, and spares compiling them every time.
const { getRawAsset } = require("node:sea");
const { Script } = require("node:vm");

const bytes = (name) => Buffer.from(getRawAsset(name));

function load(part) {
  const source = bytes(`${part}.cjs`).latin1Slice();
  const script = new Script(source, { filename: `plinth-${part}.cjs`, cachedData: bytes(`${part}.cache`) });
  if (script.cachedDataRejected && process.env.PLINTH_LOG_LEVEL === "debug") {
    process.stderr.write(`plinth: the code cache of ${part} does not fit this V8; starting takes longer\n`);
  }
  return script.runInThisContext()(require, load);
}

load("start");
