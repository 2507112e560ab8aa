import assert from "node:assert/strict";
import { test } from "node:test";
import { isName, isWhole, namesIn, type Part, parseParts } from "../../src/pillar/placeholder.ts";

const name = (text: string): Part => ({ name: text });

for (const [title, text, parts] of [
  ["a text without a dollar", "a b", ["a b"]],
  ["nothing", "", []],
  ["a name", "$A_b1", [name("A_b1")]],
  ["a name in braces", "${A}", [name("A")]],
  ["names side by side", "$A$B${C}", [name("A"), name("B"), name("C")]],
  ["a name within a text", "x-$A.y", ["x-", name("A"), ".y"]],
  ["a name in braces before a letter", "${A}b", [name("A"), "b"]],
  ["two dollars as one", "a$$b", ["a$b"]],
  ["two dollars before what would be a name", "$$A", ["$A"]],
  ["three dollars: a dollar and a name", "$$$A", ["$", name("A")]],
  ["two dollars before a brace", "$${A}", ["${A}"]],
  ["keystone's own substitution as text", "/v2/$(tenant_id)s", ["/v2/$(tenant_id)s"]],
  ["a dollar before a digit as text", "$5", ["$5"]],
  ["a dollar at the end as text", "a$", ["a$"]],
  ["a dollar before a letter beyond ASCII as text", "$\u00e9", ["$\u00e9"]],
  ["a name that ends where ASCII ends", "$A\u00e9", [name("A"), "\u00e9"]],
] as const) {
  test(`takes ${title}`, () => assert.deepEqual(parseParts(text), parts));
}

for (const [text, malformedAt] of [
  ["${A:-x}", 0],
  ["ab${", 2],
  ["${}", 0],
  ["${1}", 0],
  ["$A${B C}", 2],
  ["$$${", 2],
] as const) {
  test(`refuses ${JSON.stringify(text)}, which a shell would understand otherwise`, () =>
    assert.deepEqual(parseParts(text), { malformedAt }));
}

/** A small generator with a seed, so that a failure can be repeated. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
}

test("a text built from literals and names is parsed into the same parts, 5,000 times", () => {
  const random = generator(20160301);
  const alphabet = [
    "$",
    "$",
    "a",
    "Z",
    "_",
    "0",
    "9",
    "{",
    "}",
    "(",
    ")",
    ":",
    "-",
    " ",
    "\u00e9",
    "\u{1f600}",
    "\n",
    "\\",
    '"',
  ];
  const pick = (letters: readonly string[], length: number): string =>
    Array.from({ length }, () => letters[random(letters.length)]).join("");
  for (let round = 0; round < 5000; round++) {
    const expected: Part[] = [];
    let text = "";
    for (let index = random(6); index >= 0; index--) {
      const literal = pick(alphabet, random(4));
      if (literal !== "") {
        const before = expected.at(-1);
        if (typeof before === "string") expected[expected.length - 1] = before + literal;
        else expected.push(literal);
        text += literal.replaceAll("$", "$$$$");
      }
      const given = `${pick(["A", "b", "_"], 1)}${pick(["A", "b", "_", "7"], random(5))}`;
      expected.push({ name: given });
      text += `\${${given}}`;
    }
    assert.deepEqual(parseParts(text), expected, JSON.stringify(text));
  }
});

test("any text is parsed or refused, and text without dollars stays unchanged, 5,000 times", () => {
  const random = generator(42);
  const alphabet = ["$", "{", "}", "A", "1", "(", "\u00e9", "\ud800", " "];
  for (let round = 0; round < 5000; round++) {
    const text = Array.from({ length: random(12) }, () => alphabet[random(alphabet.length)]).join("");
    const parts = parseParts(text);
    if ("malformedAt" in parts) {
      assert.ok(text.startsWith("${", parts.malformedAt), JSON.stringify(text));
    } else {
      assert.ok(namesIn(parts).every(isName));
      if (!text.includes("$")) assert.deepEqual(parts, text === "" ? [] : [text]);
      assert.ok(parts.every((part, index) => typeof part !== "string" || typeof parts[index - 1] !== "string"));
    }
  }
});

test("a value is whole only if it consists of one name", () => {
  for (const [text, whole] of [
    ["$A", true],
    ["${A}", true],
    ["$A$B", false],
    [" $A", false],
    ["a", false],
  ] as const) {
    assert.equal(isWhole(parseParts(text) as readonly Part[]), whole, text);
  }
});
