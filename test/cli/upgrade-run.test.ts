import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const folder = mkdtempSync(join(tmpdir(), "plinth-upgrade-"));
after(() => rmSync(folder, { recursive: true }));

const cases: readonly (readonly [what: string, words: readonly string[], code: string])[] = [
  ["a folder that is no project's", [], "upgrade-folder-strange"],
  ["a pair that upstream does not support", ["--to", "2026.2"], "upgrade-skips"],
  ["a timeout that is no number", ["--timeout", "soon"], "usage"],
];
for (const [what, words, code] of cases) {
  for (const verb of ["run", "back"]) {
    test(`plinth upgrade ${verb} refuses ${what}, and touches nothing`, () => {
      const usual = ["--from", "2025.1", "--to", "2026.1", "--templates", "config-templates", "--folder", folder];
      const all = ["src/main.ts", "upgrade", verb, ...usual, ...words];
      const { status, stderr } = spawnSync(process.execPath, all, { encoding: "utf8" });
      assert.equal(status, 64, stderr);
      assert.match(stderr, new RegExp(`"code":"${code}`));
      assert.deepEqual(readdirSync(folder), []);
    });
  }
}
