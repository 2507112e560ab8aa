import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { workDirectory } from "../support/plinth.ts";

const directory = workDirectory();

/** What `make test` prints at its end of a file of tests, by one of its reporters. */
function end(text: string, reporter = "skipped"): string {
  const file = join(directory, "some.test.mjs");
  writeFileSync(file, `import { describe, test } from "node:test";\n${text}`);
  const words = ["--test", `--test-reporter=./scripts/${reporter}.ts`, file];
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return spawnSync(process.execPath, words, { encoding: "utf8", env }).stdout;
}

test("the end of a run counts skipped tests by what they lacked", () => {
  const text = `
    describe("group", { skip: "needs x: apt-get install x" }, () => test("inside", () => {}));
    test("one", { skip: "needs x: apt-get install x" }, () => {});
    test("two", (t) => t.skip("needs a"));
    test("three", { skip: false }, () => {});`;
  assert.equal(
    end(text),
    "skipped: 3 tests and groups of tests, since something is missing here:\n    1  needs a\n    2  needs x: apt-get install x\n",
  );
});

test("a run without skipped tests prints no count", () => {
  assert.equal(end('test("one", () => {});'), "");
});

test("the end of a run lists the slowest files, with the time after their last test", () => {
  const [head, one = ""] = end('test("one", () => void setTimeout(() => {}, 1500));', "durations").split("\n");
  assert.equal(head, "took longest:");
  assert.match(one, /^ +\d+\.\d s {2}\S*some\.test\.mjs$/);
  assert.ok(Number.parseFloat(one) >= 1.5, one);
});
