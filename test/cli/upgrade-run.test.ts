import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const directory = mkdtempSync(join(tmpdir(), "plinth-upgrade-"));
after(() => rmSync(directory, { recursive: true }));

const cases: readonly (readonly [what: string, words: readonly string[], code: string])[] = [
  ["a directory that is no project's", [], "upgrade-directory-strange"],
  ["a pair that upstream does not support", ["--to", "2026.2"], "upgrade-skips"],
  ["a timeout that is not a number", ["--timeout", "soon"], "option-not-number"],
  ["a timeout of 0", ["--timeout", "0"], "option-not-number"],
];
for (const [what, words, code] of cases) {
  for (const verb of ["run", "back"]) {
    test(`plinth upgrade ${verb} refuses ${what}, and touches nothing`, () => {
      const usual = ["--from", "2025.1", "--to", "2026.1", "--templates", "config-templates", "--directory", directory];
      const all = ["src/main.ts", "upgrade", verb, ...usual, ...words];
      const { status, stderr } = spawnSync(process.execPath, all, { encoding: "utf8" });
      assert.equal(status, 64, stderr);
      assert.match(stderr, new RegExp(`"code":"${code}`));
      assert.deepEqual(readdirSync(directory), []);
    });
  }
}
