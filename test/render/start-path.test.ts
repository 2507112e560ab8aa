import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "esbuild";

test("a start carries nunjucks' runtime, and nothing of its parser, compiler, filters or loaders", async () => {
  const entry = new URL("../../src/render/render.ts", import.meta.url).pathname;
  const bundle = await build({
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    format: "cjs",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const foreign = Object.keys(bundle.metafile.inputs).filter((input) => input.startsWith("node_modules/"));
  assert.deepEqual(foreign.sort(), [
    "node_modules/ini/lib/ini.js",
    "node_modules/nunjucks/src/lib.js",
    "node_modules/nunjucks/src/runtime.js",
  ]);
});
