/** What docs/ and the manual pages have of the sources is what the sources say. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { manualPages } from "../../scripts/reference/manual.ts";
import { tablesIn } from "../../scripts/reference/tables.ts";
import { referencePages } from "../../scripts/reference.ts";
import { everyMessage } from "../../src/cli/every-message.ts";
import { plinth } from "../support/plinth.ts";

for (const [path, text] of await referencePages()) {
  test(`${path} is what the sources say (make golden)`, () => assert.equal(readFileSync(path, "utf8"), text));
}

describe("messages", () => {
  test("each has a code of its own", async () => {
    const codes = (await tablesIn(["src", "images", "scripts"])).flatMap(({ entries }) => Object.keys(entries));
    assert.deepEqual(
      codes.filter((code, index) => codes.indexOf(code) !== index),
      [],
    );
  });

  test("plinth explain-error knows every message that plinth has", async () => {
    const codes = (await tablesIn(["src"])).flatMap(({ entries }) => Object.keys(entries));
    assert.deepEqual(
      codes.filter((code) => !everyMessage.has(code)),
      [],
    );
  });

  test("plinth explain-error shows what a message means, how to fix its cause, and the exit status", () => {
    const { status, stdout } = plinth(["explain-error", "parameter-missing", "etcd-skipped"]);
    assert.equal(status, 0);
    assert.match(
      stdout,
      /^parameter-missing\n {2}what: <name> is not set .*\n {2}fix: .*set <name> or <name>_FILE.*\n {2}gives exit status 78: /,
    );
    assert.match(stdout, /\netcd-skipped\n(.*\n)*.*gives a warning: /);
  });

  test("plinth explain-error names the nearest code of a misspelt one", () => {
    const { status, stderr } = plinth(["explain-error", "parameter-mising"]);
    assert.equal(status, 64);
    assert.match(stderr, /did you mean parameter-missing\?/);
  });
});

test("groff formats every manual page without a warning", (context) => {
  for (const [name, text] of manualPages("0.0.0")) {
    const { error, status, stdout, stderr } = spawnSync("groff", ["-man", "-ww", "-Tutf8", "-P-cbou"], {
      input: text,
      encoding: "utf8",
    });
    if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOENT") {
      if (process.env["CI"]) assert.fail("groff is missing");
      return context.skip("groff is not installed");
    }
    assert.deepEqual([name, status, stderr], [name, 0, ""]);
    assert.match(stdout, /NAME\n(.*\n)*SYNOPSIS/);
  }
});
