import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { load } from "js-yaml";
import { type Yaml, yamlText } from "../../src/yaml/write.ts";

/** Texts that YAML would take for something else, or that would end where they stand. */
const texts = [
  ...["", " ", "a b", " a", "a ", "a: b", "a:", ":a", "a #b", "#a", "- a", "-", "-a", "?", "? a", "a\nb", "a\n", "\ta"],
  ...[
    "null",
    "~",
    "Null",
    "true",
    "Yes",
    "no",
    "ON",
    "off",
    "y",
    "N",
    "1",
    "010",
    "0x1f",
    "1e3",
    "1_000",
    ".5",
    "-1",
    "+1",
  ],
  ...[".inf", "-.INF", ".nan", "1:20", "12:30:45", "2026-01-01", "2025.1", "1.2.3.4", "15s", "1800", "0o17", "=", "<<"],
  ...[
    "[a]",
    "{a}",
    "a, b",
    "a]",
    "a}",
    "*a",
    "&a",
    "!a",
    "|",
    ">",
    "%a",
    "@a",
    "`a",
    "'a'",
    '"a"',
    "\\",
    'a"b',
    "ü",
    "\u0007",
    "\u2028",
  ],
  ...[
    "${A:-b}/c:${D:-e}",
    "127.0.0.1:80:80",
    "database:/var/lib/mysql",
    "a:b:ro,nocopy",
    "1000:1000",
    "$$x",
    "/dev/net/tun",
  ],
];

const sample: { readonly [key: string]: Yaml } = {
  texts,
  keys: Object.fromEntries(texts.map((text) => [text, text])),
  values: [null, true, false, 0, 1.5, -2],
  nested: {
    a: { b: { c: [1, { d: "e", f: [] }], g: {} } },
    long: Array.from({ length: 40 }, (_, index) => `item-${index}`),
  },
  small: { a: 1, b: "x" },
};

test("js-yaml and PyYAML read back what is written", () => {
  const text = yamlText(sample, { a: "a comment" });
  assert.deepEqual(load(text), sample);
  const script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin.read())))";
  const judged = spawnSync("python3", ["-c", script], { input: text, encoding: "utf8" });
  assert.equal(judged.status, 0, judged.stderr);
  assert.deepEqual(JSON.parse(judged.stdout), sample);
});

test("the same value gives the same text, lines of at most 120 characters where a list can be broken", () => {
  assert.equal(yamlText(sample, {}), yamlText(structuredClone(sample) as typeof sample, {}));
  const list = yamlText({ list: Array.from({ length: 40 }, (_, index) => `item-${index}`) }, {});
  assert.ok(list.split("\n").every((line) => line.length <= 120));
});
