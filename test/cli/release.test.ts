import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { plinth } from "../support/plinth.ts";

const diff = (...words: string[]) => plinth(["release", "diff", ...words, "--templates", "config-templates"]);

describe("plinth release diff", () => {
  test("tells components, services, settings and options, and nothing on standard error", () => {
    const { status, stdout, stderr } = diff("liberty", "2026.1");
    assert.equal(status, 0, stderr);
    assert.equal(stderr, "");
    assert.match(stdout, /^ {2}nova \S.* → 33\./m);
    assert.match(stdout, /^ {2}- nova-controller cert$/m);
    assert.match(stdout, /^ {2}\+ placement-server db-sync$/m);
    assert.match(stdout, /^ {2}\+ SERVICE_PLACEMENT_HOST$/m);
    assert.match(stdout, /^options of nova$/m);
  });

  test("knows an option by its later name", () => {
    assert.match(
      diff("2025.1", "2026.1").stdout,
      /^ {2}> \[ml2\] tenant_network_types is called \[ml2\] project_network_types$/m,
    );
  });

  test("as JSON, of one component", () => {
    const { status, stdout } = diff("2025.1", "2026.1", "--component", "nova", "--json");
    assert.equal(status, 0);
    const found = JSON.parse(stdout);
    assert.deepEqual([found.from, found.to, Object.keys(found.options)], ["2025.1", "2026.1", ["nova"]]);
  });

  for (const [title, words, code, more] of [
    ["a release that does not exist", ["2025.1", "2026.9"], "release-unknown", /2026\.9/],
    ["a release that cannot be built", ["yoga", "2026.1"], "release-unknown", /yoga/],
    [
      "a component that does not exist",
      ["2025.1", "2026.1", "--component", "nov"],
      "component-unknown",
      /did you mean nova\?/,
    ],
  ] as const) {
    test(`refuses ${title}`, () => {
      const { status, stdout, stderr } = diff(...words);
      assert.deepEqual([status === 0, stdout], [false, ""]);
      assert.match(stderr, new RegExp(code));
      assert.match(stderr, more);
    });
  }
});
