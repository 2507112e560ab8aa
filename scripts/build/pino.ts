import { basename } from "node:path";
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
  transport: throwing,
  // Who called, for transports: with the line of each, for which V8 looks through the whole text.
  caller: "module.exports = () => [];",
  os: "exports.hostname = () => undefined;",
};

/** Keeps file streams, worker threads, transports and node:assert out of a start: together they cost a third of Node's own boot. */
export const lightPino: Plugin = {
  name: "light-pino",
  setup(build) {
    build.onResolve(
      { filter: /(^|[:/])(sonic-boom|thread-stream|worker_threads|os|transport|caller)$/ },
      ({ path, importer }) =>
        /node_modules\/pino\//.test(importer)
          ? { path: basename(path.replace("node:", "")), namespace: "light-pino" }
          : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "light-pino" }, ({ path }) => ({ contents: standIns[path] ?? "" }));
  },
};
