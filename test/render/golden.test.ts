import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { goldenDirectory, goldenFiles } from "../support/golden.ts";

test("every image and release renders to its golden files (node scripts/golden.ts writes them again)", () => {
  const kept = readdirSync(goldenDirectory, { recursive: true, encoding: "utf8" })
    .filter((path) => statSync(new URL(path, goldenDirectory)).isFile())
    .map((path) => [path, readFileSync(new URL(path, goldenDirectory), "utf8")] as const);
  const sorted = (files: Iterable<readonly [string, string]>) => Object.fromEntries([...files].sort());
  assert.deepEqual(sorted(goldenFiles()), sorted(kept));
});
