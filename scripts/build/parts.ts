import { relative, resolve } from "node:path";
import type { Plugin } from "esbuild";

/**
 * The program in parts, each with a code cache of its own: `start` is what every container runs, `health` what it is asked by
 * every few seconds; all others are loaded when first wanted (V8 hashes and keeps the whole text of what it loads, so what a start does not need is not in its part).
 */
export const parts: Readonly<Record<string, string>> = {
  start: "src/main.ts",
  health: "src/health.ts",
  unwell: "src/cli/unwell.ts",
  verbs: "src/cli/words.ts",
  mysql: "src/host/probe/mysql.ts",
  ed25519: "src/host/probe/ed25519.ts",
  "etcd-watch": "src/host/etcd/watch.ts",
  "etcd-grpc": "src/host/etcd/grpc.ts",
};

/** Turns `import()` of another part's entry into a call of the loader's `later(NAME)`. */
export const later = (part: string): Plugin => ({
  name: "later",
  setup(build) {
    build.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
      if (kind !== "dynamic-import") return undefined;
      const file = relative(process.cwd(), resolve(resolveDir, path));
      const [name] = Object.entries(parts).find(([each, entry]) => entry === file && each !== part) ?? [];
      return name === undefined ? undefined : { path: name, namespace: "later" };
    });
    build.onLoad({ filter: /.*/, namespace: "later" }, ({ path }) => ({
      contents: `module.exports = later(${JSON.stringify(path)});`,
    }));
  },
});
