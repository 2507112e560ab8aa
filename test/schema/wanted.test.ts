import assert from "node:assert/strict";
import { test } from "node:test";
import { string } from "../../src/schema/field.ts";
import { describe, readText, type Wanted, wantedOf } from "../../src/schema/wanted.ts";

const port: Wanted = { kind: "port" };
const integer: Wanted = { kind: "integer" };
const number: Wanted = { kind: "number" };
const text: Wanted = { kind: "string" };
const boolean: Wanted = { kind: "boolean" };
const list: Wanted = { kind: "list", item: text };

for (const [title, given, wanted, value] of [
  ["a port", "3306", port, 3306],
  ["blanks around a port", " 3306\t", port, 3306],
  ["the largest port", "65535", port, 65535],
  ["a negative number", "-1", integer, -1],
  ["a signed zero, which JSON does not have", "-0", integer, 0],
  ["a number with a dot", "8.0", number, 8],
  ["a number with an exponent", "1e3", number, 1000],
  ["an unchanged text with blanks", "  a  ", text, "  a  "],
  [
    "a text of signs that mean something elsewhere",
    "$ % # ; = [ ] ' \" ` \\ \u00e9\u{1f600}",
    text,
    "$ % # ; = [ ] ' \" ` \\ \u00e9\u{1f600}",
  ],
  ["a tab in a text", "a\tb", text, "a\tb"],
  ["an empty text where that means something", "", { kind: "string", empty: true }, ""],
  ["lines where they are allowed", "a\nb\n", { kind: "string", multiline: true }, "a\nb\n"],
  ["one of the choices", "https", { kind: "string", choices: ["http", "https"] }, "https"],
  ["a list, blanks around its commas", "a, b ,c", list, ["a", "b", "c"]],
  ["a list of one", "a", list, ["a"]],
  ["a list of ports", "1,2", { kind: "list", item: port }, [1, 2]],
] as const) {
  test(`reads ${title}`, () => assert.deepEqual(readText(given, wanted), { ok: true, value }));
}

for (const [words, value] of [
  [["yes", "true", "on", "1", "YES", "True", "oN", " true "], true],
  [["no", "false", "off", "0", "NO", "False", "oFF"], false],
] as const) {
  for (const word of words)
    test(`reads "${word}" as ${value}`, () => assert.deepEqual(readText(word, boolean), { ok: true, value }));
}

for (const [title, given, wanted, problem] of [
  ["a word for a port", "http", port, "misfit"],
  ["port 0", "0", port, "misfit"],
  ["port 65536", "65536", port, "misfit"],
  ["a leading zero, octal to some", "0640", integer, "misfit"],
  ["a fraction for a whole number", "1.5", integer, "misfit"],
  ["hexadecimal", "0x10", integer, "misfit"],
  ["more digits than a number holds", "9007199254740993", integer, "misfit"],
  ["a number beyond the limits", "9", { kind: "integer", maximum: 8 }, "misfit"],
  ["infinity", "1e999", number, "misfit"],
  ["a word that objects have by nature", "constructor", boolean, "misfit"],
  ["2 as yes or no", "2", boolean, "misfit"],
  ["what is no choice", "ftp", { kind: "string", choices: ["http"] }, "misfit"],
  ["what does not match", "x y", { kind: "string", pattern: ["^\\S+$", "one word"] }, "misfit"],
  ["what matches only within", "x128Mhello world", { kind: "string", pattern: ["[1-9]\\d*[KMG]", "bytes"] }, "misfit"],
  ["what matches one of two at an end", "ax", { kind: "string", pattern: ["a|b", "a or b"] }, "misfit"],
  ["a text before the other of two", "xb", { kind: "string", pattern: ["a|b", "a or b"] }, "misfit"],
  ["an empty text", "", text, "empty"],
  ["blanks for a port", "  ", port, "empty"],
  ["an empty list", "", list, "empty"],
  ["an empty item in a list", "a,,b", list, "misfit"],
  ["a newline", "a\nb", text, "control"],
  ["a newline at the end", "a\n", text, "control"],
  ["a carriage return", "a\rb", text, "control"],
  ["a NUL", "a\0b", text, "control"],
  ["half a character", "a\ud800b", text, "control"],
  ["a newline before a port", "\n80", port, "control"],
  ["a carriage return among lines", "a\r\nb", { kind: "string", multiline: true }, "control"],
] as const) {
  test(`refuses ${title}`, () => assert.deepEqual(readText(given, wanted), { ok: false, problem }));
}

test("describes every kind with its limits", () => {
  for (const [wanted, words] of [
    [port, "a port (1 to 65535)"],
    [{ kind: "integer", minimum: 1 }, "a whole number, 1 or more"],
    [{ kind: "integer", minimum: 0, maximum: 200 }, "a whole number from 0 to 200"],
    [{ kind: "string", choices: ["a", "b"] }, "one of a, b"],
    [list, "a list with commas (a,b,c), each item a text that is not empty, in one line"],
  ] as const) {
    assert.equal(describe(wanted), words);
  }
});

test("a field hands its limits on", () => {
  const field = string("doc", { secret: true, empty: true, choices: ["a"], multiline: true });
  assert.deepEqual(wantedOf(field), { kind: "string", secret: true, empty: true, choices: ["a"], multiline: true });
});
