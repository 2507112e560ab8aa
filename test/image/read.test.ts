import assert from "node:assert/strict";
import { test } from "node:test";
import { readBaked } from "../../src/baked/read.ts";
import { serialize } from "../../src/baked/serialize.ts";
import { bakeWith } from "../../src/image/bake.ts";
import { nodeOf } from "../support/pillar.ts";
import { noTemplates } from "./support.ts";

const pillar = `nova:
  compute:
    version: zed
    dhcp: x
`.replace("    dhcp: x\n", '    bind: {vnc_address: "$A\\u2028\\u2029"}\n    identity: {host: h, password: $P}\n');

const baked = bakeWith({ node: nodeOf(pillar) }, noTemplates, "1.2.3");
assert.ok(baked.ok);
const { image, details } = baked.value;
const text = serialize(image, details);

test("what was written is read back unchanged, with every line end of Unicode", () => {
  const read = readBaked(text, "/etc/plinth/image.json");
  assert.ok(read.ok);
  assert.deepEqual(read.value.image, image);
  assert.deepEqual(read.value.details(), details);
  assert.equal(text.split("\n").length, 3);
});

test("the second line is parsed when it is asked for, not before, and its loss costs places only", () => {
  const read = readBaked(`${text.split("\n")[0]}\n{broken`, "f");
  assert.ok(read.ok);
  assert.deepEqual(read.value.details(), {
    files: [],
    positions: {},
    parameters: {},
    copied: {},
    sources: {},
    contract: [],
    mutable: [],
  });
});

for (const [title, broken, code, words] of [
  ["an empty file", "", "baked-broken", /it is empty/],
  ["a file of one line", "{}", "baked-broken", /ends within its first line/],
  ["a file cut off in its first line", `${text.slice(0, 200)}\n`, "baked-broken", /not the JSON/],
  ["another JSON file", "{}\n{}\n", "baked-broken", /says no format/],
  ["a list", "[]\n{}\n", "baked-broken", /not the JSON/],
  ["a pillar", pillar, "baked-broken", /not the JSON/],
  [
    "the format of another plinth",
    '{"format":99,"plinth":"9.9"}\n{}\n',
    "baked-format",
    /has format 99; this plinth reads format 6/,
  ],
  [
    "a file whose services are a list",
    `${JSON.stringify({ ...image, services: [] })}\n{}\n`,
    "baked-broken",
    /parts of it are missing/,
  ],
  [
    "a file without the paths of its secrets",
    `${JSON.stringify({ ...image, secrets: undefined })}\n{}\n`,
    "baked-broken",
    /parts of it are missing/,
  ],
  ["a file without its parts", '{"format":6,"plinth":"1"}\n{}\n', "baked-broken", /parts of it are missing/],
] as const) {
  test(`${title} is reported as a configuration error`, () => {
    const read = readBaked(broken, "/etc/plinth/image.json");
    assert.ok(!read.ok);
    const [first] = read.diagnostics;
    assert.deepEqual([first?.code, first?.failure], [code, "configuration"]);
    assert.match(first?.what ?? "", words);
  });
}
