import type { Plugin } from "esbuild";

const throwing = `module.exports = class Unused {
  constructor() {
    throw new Error("plinth logs through its own writer (src/host/log.ts)");
  }
};`;

/** What stands in for modules that pino loads and plinth, which gives pino a function that writes, never uses. */
const standIns: Readonly<Record<string, string>> = {
  "sonic-boom": throwing,
  "thread-stream": throwing,
  worker_threads: "exports.isMainThread = true;",
};

/** Keeps file streams, worker threads and node:assert out of a start: together they cost a third of Node's own boot. */
export const lightPino: Plugin = {
  name: "light-pino",
  setup(build) {
    build.onResolve({ filter: /^(node:)?(sonic-boom|thread-stream|worker_threads)$/ }, ({ path, importer }) =>
      /node_modules\/pino\//.test(importer) ? { path: path.replace("node:", ""), namespace: "light-pino" } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "light-pino" }, ({ path }) => ({ contents: standIns[path] ?? "" }));
  },
};
