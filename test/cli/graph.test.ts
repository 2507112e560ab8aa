import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { picture } from "../../scripts/graph.ts";
import { plinth, workDirectory } from "../support/plinth.ts";

const graph = (...words: string[]) => plinth(["graph", ...words, "--templates", "config-templates"]);

test("plinth graph draws the model in the current directory as SVG, and prints nothing else", () => {
  const { status, stdout, stderr } = graph();
  assert.deepEqual([status, stderr], [0, ""]);
  assert.equal(stdout, readFileSync(picture, "utf8"));
});

test("plinth graph writes a file that everybody can read", () => {
  const output = join(workDirectory(), "deployment.dot");
  const { status, stdout } = graph("--format", "dot", "--output", output);
  assert.deepEqual([status, stdout], [0, ""]);
  assert.match(readFileSync(output, "utf8"), /^digraph "plinth, OpenStack /);
  assert.equal(statSync(output).mode & 0o777, 0o644);
});

test("--set draws what another value would make", () => {
  assert.match(
    graph("--set", "_param:nova_controller_replicas=3").stdout,
    />nova-api<tspan[^>]*>×3 behind haproxy-server</,
  );
});

test("waits that follow from others have no arrow, unless all are requested", () => {
  const arrows = (...words: string[]) => graph("--format", "mermaid", ...words).stdout.match(/-->|-\.->/g)?.length ?? 0;
  assert.ok(arrows() > 40 && arrows() < arrows("--all"));
});

for (const [title, words, status, code, said] of [
  [
    "an image that the deployment has not got",
    ["--image", "nova-api"],
    64,
    "image-not-deployed",
    /has no image nova-api/,
  ],
  ["a slip in an image's name", ["--image", "nova-computer"], 64, "image-not-deployed", /did you mean nova-compute\?/],
  ["a format that there is not", ["--format", "png"], 64, "usage", /svg.*dot.*mermaid/],
  ["a directory as output", ["--output", "/usr"], 78, undefined, /\/usr/],
  ["a model that there is not", ["--model", "/nowhere"], 78, undefined, /\/nowhere/],
] as const) {
  test(`plinth graph refuses ${title}`, () => {
    const ended = graph(...words);
    assert.equal(ended.status, status, ended.stderr);
    const [first] = ended.log;
    if (code) assert.equal(first?.code, code);
    assert.match(`${first?.msg} ${first?.fix} ${first?.["at"]}`, said);
    assert.equal(ended.stdout, "");
  });
}
