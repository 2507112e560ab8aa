import assert from "node:assert/strict";
import { test } from "node:test";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import { nodeLimit, readDocument, sizeLimit } from "../../src/pillar/document.ts";
import type { Tree } from "../../src/pillar/tree.ts";

/** The tree as plain data: null for nothing, every scalar as its text. */
const plain = (tree: Tree): unknown => {
  if (tree.kind === "scalar") return tree.isNull ? null : tree.text;
  if (tree.kind === "sequence") return tree.items.map(plain);
  return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, plain(entry.value)]));
};

function mistakes(text: string): readonly Diagnostic[] {
  const read = readDocument(text, "p.yml");
  assert.ok(!read.ok, "it was accepted");
  return read.diagnostics;
}
const at = ({ place }: Diagnostic) => (place?.kind === "document" ? [place.line, place.column] : place?.name);

for (const [title, text, expected] of [
  [
    "numbers as they are written",
    "version: 2025.10\nhex: 0x10\nyes: true",
    { version: "2025.10", hex: "0x10", yes: "true" },
  ],
  ["nothing, ~ and null as nothing", "a:\nb: ~\nc: null\nd: ''", { a: null, b: null, c: null, d: "" }],
  ["quoted null as text", 'a: "null"', { a: "null" }],
  [
    "anchors, aliases and merge keys",
    "x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\nz: *x",
    { x: { a: "1", b: "2" }, y: { a: "1", b: "3" }, z: { a: "1", b: "2" } },
  ],
  [
    "the earlier of two merged mappings",
    "p: &p {a: 1}\nq: &q {a: 2, b: 2}\nr: {<<: [*p, *q]}",
    { p: { a: "1" }, q: { a: "2", b: "2" }, r: { a: "1", b: "2" } },
  ],
  ["block scalars", "a: |-\n  x\n  y\nb: >-\n  x\n  y", { a: "x\ny", b: "x y" }],
  ["lines that end in CR LF", "a: 1\r\nb:\r\n  c: 2\r\n", { a: "1", b: { c: "2" } }],
  ["a key called __proto__ without harm", "__proto__: {a: 1}", JSON.parse('{"__proto__": {"a": "1"}}')],
] as const) {
  test(`reads ${title}`, () => {
    const read = readDocument(text, "p.yml");
    assert.ok(read.ok);
    assert.deepEqual(plain(read.value.tree), expected);
  });
}

for (const [title, text, code, place, source] of [
  ["an unclosed quote", "a: 1\nhost: 'x\n", "yaml-broken", [3, 1], ""],
  ["an unclosed bracket", "a:\n  b: [1, 2\nc: 1", "yaml-broken", [3, 1], "c: 1"],
  ["a tab as indentation", "a:\n\tb: 1", "yaml-broken", [2, 1], "\tb: 1"],
  ["a second colon in a line", "a: b: c", "yaml-broken", [1, 4], "a: b: c"],
  ["keys out of line", "a:\n  b: 1\n c: 2", "yaml-broken", [3, 1], " c: 2"],
  ["a second document", "a: 1\n---\nb: 1", "yaml-broken", [2, 1], "---"],
  ["a tag", "a: !vault x", "yaml-broken", [1, 4], "a: !vault x"],
  ["a key that stands twice", "a: 1\nb: 2\na: 3", "yaml-key-twice", [3, 1], "a: 3"],
  ['1 and "1" as keys, which are the same to a pillar', '1: a\n"1": b', "yaml-key-twice", [2, 1], '"1": b'],
  ["an alias without its anchor", "a: *nowhere", "yaml-alias-unknown", [1, 4], "a: *nowhere"],
  ["an alias within its own anchor", "a: &a [*a]", "yaml-alias-unknown", [1, 8], "a: &a [*a]"],
  ["a list as key", "? [a]\n: 1", "yaml-key-not-text", [1, 3], "? [a]"],
  ["a merge key with a text", "a: {<<: x}", "yaml-merge-wrong", [1, 5], "a: {<<: x}"],
] as const) {
  test(`refuses ${title}, with line, column and source line`, () => {
    const [first] = mistakes(text);
    assert.equal(first?.code, code);
    assert.deepEqual(at(first as Diagnostic), place);
    assert.equal(first?.place?.kind === "document" ? first.place.source : undefined, source);
  });
}

test("reports broken lines together, each once", () => {
  assert.deepEqual(mistakes("a: @x\nb: ok\nc: %x\n").map(at), [
    [1, 4],
    [3, 4],
  ]);
});

const secret = "hunter2";
for (const [title, text] of [
  ["after a key that sounds like one", `password: "${secret}`],
  ["behind an alias", `password: *${secret}`],
  ["behind a tag", `password: !${secret} x`],
  ["in a bad escape", `api_token: "\\${secret}"`],
  ["in the lines of a block below such a key", `private_key: |\n  a\n ${secret}: [`],
  ["in a text that goes on", `password: "a\n  ${secret}\n  @" b`],
  ["deeper below such a key", `credential:\n  a:\n    b: [${secret}\n`],
  ["in a URL", `url: [http://user:${secret}@host`],
  ["in the same line", `{user: x, password: ${secret}, host: [}`],
] as const) {
  test(`never shows a secret ${title}`, () => {
    assert.ok(!JSON.stringify(mistakes(text)).includes(secret), JSON.stringify(mistakes(text)));
  });
}

test("a pillar of 10 MB is refused at once, with the limit", () => {
  const begun = performance.now();
  const [first] = mistakes(`a: ${"x".repeat(10 * 1024 * 1024)}`);
  assert.equal(first?.code, "pillar-too-large");
  assert.match(first?.what ?? "", new RegExp(`${sizeLimit}`));
  assert.ok(performance.now() - begun < 100);
});

test("a pillar just below the limit is read", () => {
  const line = "key: a value of usual length\n";
  const text = Array.from({ length: Math.floor(sizeLimit / 40) }, (_, index) => `k${index}${line}`).join("");
  assert.ok(text.length > sizeLimit * 0.75 && text.length <= sizeLimit);
  assert.ok(readDocument(text, "p.yml").ok);
});

test("aliases that unfold to more than the limit are refused", () => {
  const bomb = ["a: &a [x,x,x,x,x,x,x,x,x,x]"];
  for (let index = 1; index < 9; index++) {
    const [name, before] = [String.fromCharCode(97 + index), String.fromCharCode(96 + index)];
    bomb.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(",")}]`);
  }
  const [first] = mistakes(bomb.join("\n"));
  assert.equal(first?.code, "pillar-too-nested");
  assert.match(first?.what ?? "", new RegExp(`${nodeLimit}`));
});

for (const open of ["[", "{a: ", "- ", "a: - ", "? ", "!!x ", "&a "]) {
  test(`very many levels of ${JSON.stringify(open)} are a mistake, not a crash`, () => {
    const begun = performance.now();
    assert.ok(mistakes(open.repeat(200_000)).length > 0);
    assert.ok(performance.now() - begun < 5000);
  });
}
