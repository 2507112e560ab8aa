import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "esbuild";
import { later, parts } from "../../scripts/build/parts.ts";

test("a start loads nunjucks' runtime, and not its parser, compiler, filters or loaders", async () => {
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

test("the part of the program that every container runs has no model, no YAML and no check of a pillar", async () => {
  const bundle = await build({
    entryPoints: [parts["start"] as string],
    bundle: true,
    platform: "node",
    format: "cjs",
    write: false,
    metafile: true,
    logLevel: "silent",
    plugins: [later("start")],
  });
  const inputs = Object.keys(bundle.metafile.inputs);
  assert.ok(inputs.includes("src/cli/start.ts"));
  assert.deepEqual(
    inputs.filter((input) =>
      /^(src\/(model|pillar|openstack)\/|src\/host\/.*inventory|node_modules\/((js-)?yaml|yargs|mysql2)\/)/.test(input),
    ),
    [],
  );
});
