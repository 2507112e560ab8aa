/** Renovate proposes a newer version only of what it finds: these are the files and the patterns that lead it there. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";

type Manager = { readonly managerFilePatterns: readonly string[]; readonly matchStrings?: readonly string[] };
const config = JSON.parse(readFileSync("renovate.json", "utf8")) as {
  readonly pip_requirements: Manager;
  readonly customManagers: readonly Manager[];
};

const files = spawnSync("git", ["ls-files"], { encoding: "utf8" }).stdout.split("\n").slice(0, -1);
/** A pattern is a regular expression between slashes (docs.renovatebot.com/string-pattern-matching). */
const filesOf = ({ managerFilePatterns }: Manager): readonly string[] =>
  files.filter((file) => managerFilePatterns.some((pattern) => new RegExp(pattern.slice(1, -1)).test(file)));

describe("Renovate", () => {
  test("reads every list of Python packages with hashes, but for the locks of releases", () => {
    const lists = files.filter(
      (file) => file.endsWith(".txt") && /^ +--hash=sha256:/m.test(readFileSync(file, "utf8")),
    );
    const wanted = lists.filter((file) => !/^images\/locks\/[^/]+\//.test(file));
    assert.deepEqual(filesOf(config.pip_requirements), wanted);
    assert.ok(wanted.length > 0);
  });

  for (const manager of config.customManagers) {
    const [pattern = ""] = manager.matchStrings ?? [];
    test(`finds a version by ${pattern}`, () => {
      const texts = filesOf(manager).map((file) => readFileSync(file, "utf8"));
      assert.ok(texts.some((text) => /\d/.test(new RegExp(pattern).exec(text)?.groups?.["currentValue"] ?? "")));
    });
  }
});
