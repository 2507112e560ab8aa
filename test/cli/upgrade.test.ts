import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { examples, wordsOf } from "../../scripts/upgrade-plans.ts";
import { plinth } from "../support/plinth.ts";
import { copyModel } from "../support/upgrades.ts";

const plan = (...words: readonly string[]) =>
  plinth(["upgrade", "plan", "--model", "model", "--templates", "config-templates", ...words]);

/** The project's model with options of nova-controller's own. */
function modelWith(options: string): string {
  const directory = copyModel();
  const node = join(directory, "nodes/nova-controller.yml");
  writeFileSync(
    node,
    `classes:\n  - cluster.example\n  - nova.controller\nparameters:\n  _options:\n    nova.conf:\n${options}`,
  );
  return directory;
}

describe("plinth upgrade plan", () => {
  for (const [from, to, file, ...more] of examples) {
    test(`${from} → ${to} is the example in ${file} (make golden), and fits a terminal`, () => {
      const { status, stdout } = plinth(wordsOf(from, to, more));
      assert.equal(status, 0);
      assert.equal(stdout, readFileSync(file, "utf8"));
      for (const line of stdout.split("\n")) assert.ok(line.length <= 100, line);
    });
  }

  test("begins with the model's own release", () => {
    const { status, stdout } = plan("--to", "2026.1", "--json");
    assert.equal(status, 0);
    const { from, to, phases, format } = JSON.parse(stdout);
    assert.deepEqual([format, from, to, phases[0].id], [1, "2025.1", "2026.1", "images"]);
  });

  test("the commands of a plan repeat the options for the model", () => {
    const said = ["--set", "_param:keystone_server_replicas=2", "--set", "_param:release=2025.1"];
    const { status, stdout } = plan("--from", "2025.1", "--to", "2026.1", ...said);
    assert.equal(status, 0);
    assert.match(
      stdout,
      /\$ plinth compose --model model --set _param:keystone_server_replicas=2 --set \\\n +_param:release=2025\.1 --output/,
    );
    assert.match(stdout, /keystone-server-2/);
  });

  test("--html writes a page and prints nothing, with --json the plan", () => {
    const directory = copyModel();
    const file = join(directory, "report.html");
    const { status, stdout } = plan("--to", "2026.1", "--html", file);
    assert.deepEqual([status, stdout], [0, ""]);
    assert.match(readFileSync(file, "utf8"), /^<!DOCTYPE html>\n[\s\S]*<\/html>\n$/);
    const both = plan("--to", "2026.1", "--html", file, "--json");
    assert.equal(JSON.parse(both.stdout).to, "2026.1");
  });

  test("a page that cannot be written ends with 78", () => {
    const { status, stdout, log } = plan("--to", "2026.1", "--html", "/proc/none/report.html");
    assert.deepEqual([status, stdout], [78, ""]);
    assert.ok(log.some(({ level }) => level === "error"));
  });

  const refused = [
    ["no release to go to", [], "usage", /--to RELEASE/],
    ["a page without a name", ["--to", "2026.1", "--html", ""], "usage", /--html names no file/],
    ["the same release", ["--from", "2026.1", "--to", "2026.1"], "upgrade-same", /nothing to upgrade/],
    ["backwards", ["--from", "2026.1", "--to", "2025.1"], "upgrade-backwards", /older/],
    [
      "more than a SLURP release",
      ["--from", "2025.1", "--to", "2026.2"],
      "upgrade-skips",
      /2025\.1 → 2026\.1 → 2026\.2/,
    ],
    ["past what is no SLURP release", ["--from", "zed", "--to", "2025.1"], "upgrade-skips", /zed is no SLURP release/],
  ] as const;
  for (const [title, words, code, says] of refused) {
    test(`refuses ${title} with 64`, () => {
      const { status, stdout, log } = plan(...words);
      assert.deepEqual([status, stdout, log[0]?.code], [64, "", code]);
      assert.match(`${log[0]?.msg} ${log[0]?.fix}`, says);
    });
  }

  const unknown = [
    ["a release that does not exist", ["--to", "2026.9"], "release-unknown", /did you mean 2026\.1/],
    ["a release that cannot be built", ["--from", "yoga", "--to", "zed"], "release-unknown", /yoga/],
    ["both of them", ["--from", "yogi", "--to", "bear"], "release-unknown", /yogi/],
  ] as const;
  for (const [title, words, code, says] of unknown) {
    test(`refuses ${title} with 78, as every verb does`, () => {
      const { status, stdout, log } = plan(...words);
      assert.deepEqual([status, stdout, log[0]?.code], [78, "", code]);
      assert.match(`${log[0]?.msg} ${log[0]?.fix}`, says);
    });
  }

  test("a model that cannot be read ends with 78", () => {
    const { status, stdout } = plinth(["upgrade", "plan", "--model", "/none", "--from", "2025.1", "--to", "2026.1"]);
    assert.deepEqual([status, stdout], [78, ""]);
  });
});

describe("the model's own values in a plan", () => {
  test("that the new release refuses are reported with their places, and the plan leaves them out", () => {
    const model = modelWith(
      "      cache:\n        dead_timeout: 30\n      DEFAULT:\n        watch_log_file: ~\n        default_green_pool_size: 500\n",
    );
    const { status, stdout, stderr } = plan("--to", "2026.1", "--json", "--model", model);
    assert.equal(status, 0, stderr);
    type Own = { path: string; place: string };
    type Affected = {
      option: string;
      refused: boolean;
      follows: boolean;
      change: { kind: string; to?: string };
      own: Own[];
    };
    const affected = (JSON.parse(stdout).affected as Affected[]).filter(({ follows }) => !follows);
    assert.deepEqual(
      affected.map(({ option, refused, change }) => [option, refused, change.kind]),
      [
        ["dead_timeout", true, "renamed"],
        ["watch_log_file", true, "goes"],
        ["default_green_pool_size", false, "deprecated"],
      ],
    );
    assert.deepEqual(affected[0]?.own, [
      { path: "_options:nova.conf:cache:dead_timeout", place: `${model}/nodes/nova-controller.yml:8:9` },
    ]);
    assert.equal(affected[0]?.change.to, "[cache] hashclient_dead_timeout");
  });

  test("that are wrong in both releases end it with 78, with one message each", () => {
    const model = modelWith("      DEFAULT:\n        no_such_option: 1\n");
    const { status, stdout, log } = plan("--to", "2026.1", "--model", model);
    assert.deepEqual([status, stdout], [78, ""]);
    assert.equal(log.filter(({ code }) => code === "option-unknown").length, 1);
    assert.equal(log.at(-1)?.code, "upgrade-model-refused");
  });

  test("are text in a page, whatever they contain", () => {
    const model = modelWith('      barbican:\n        auth_endpoint: "http://<script>alert(1)</script>"\n');
    const file = join(model, "report.html");
    const { status } = plan("--to", "2026.1", "--html", file, "--model", model);
    assert.equal(status, 0);
    const page = readFileSync(file, "utf8");
    assert.doesNotMatch(page, /<script/);
    assert.ok(page.includes("http://&lt;script&gt;alert(1)&lt;/script&gt;"));
  });
});
