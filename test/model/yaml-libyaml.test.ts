import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { textOf } from "../../src/host/inventory/inventory-text.ts";
import { type Content, readDocument } from "../../src/model/document.ts";
import { floatText } from "../../src/model/python.ts";
import { Float, type Scalar, Stamp } from "../../src/model/scalar.ts";
import type { Slot } from "../../src/model/slot.ts";
import { judge, missingPython } from "../support/python.ts";
import { random } from "../support/random.ts";
import {
  blockDocuments,
  handWritten,
  mutated,
  pillars,
  randomDocument,
  scalarDocuments,
  shortDocuments,
} from "./yaml-documents.ts";

/** PyYAML with libyaml, by which reclass reads its files, is the judge of every document: the same value, or an error in both. */

const skip = missingPython("yaml");

/** Of each kind by chance so many; PLINTH_YAML_DOCUMENTS asks for more. */
const amount = Number(process.env["PLINTH_YAML_DOCUMENTS"] ?? 4000);

type Tree = readonly [kind: string, of: string | readonly (Tree | readonly [Tree, Tree])[]];
type Answer = { readonly value: Tree } | { readonly error: string };

function leafTree(value: Scalar): Tree {
  if (value === null) return ["word", "None"];
  if (typeof value === "boolean") return ["word", value ? "True" : "False"];
  if (typeof value === "string") return ["str", value];
  if (value instanceof Float) return ["float", floatText(value.value)];
  return value instanceof Stamp ? ["stamp", value.text] : ["int", String(value)];
}

function treeOf(slot: Slot | Content): Tree {
  if (slot.kind === "scalar") return leafTree(slot.value);
  if (slot.kind === "list") return ["list", slot.items.map(treeOf)];
  assert.equal(slot.kind, "written");
  const { entries } = slot as Extract<Slot, { kind: "written" }>;
  return ["map", entries.map(({ key, value }) => [leafTree(key), treeOf(value)] as const)];
}

/** The order of keys is none of YAML's: it shows only where merge keys bring some. */
function sorted(tree: Tree): Tree {
  const [kind, of] = tree;
  if (kind === "list") return [kind, (of as readonly Tree[]).map(sorted)];
  if (kind !== "map") return tree;
  const entries = (of as readonly (readonly [Tree, Tree])[]).map(([key, value]) => [key, sorted(value)] as const);
  return [kind, entries.sort(([one], [other]) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))];
}

function ours(bytes: Buffer): Answer {
  const text = textOf(bytes, "file");
  const read = text.ok ? readDocument(text.value, "file") : text;
  if (!read.ok) return { error: read.diagnostics.map(({ code }) => code).join() };
  return { value: treeOf(read.value.content) };
}

/** What docs/reclass-compatibility.md lists: both are right by their own lights. */
const listed = (theirs: Answer, given: Answer): boolean =>
  "error" in theirs
    ? /found duplicate anchor|yaml\.org,2002:(?:value|merge)'/.test(theirs.error)
    : "error" in given && /yaml-alias-unknown/.test(given.error);

function same(documents: readonly (string | Buffer)[]): void {
  const bytes = documents.map((document) => Buffer.from(document as string));
  const theirs = judge<readonly Answer[]>(
    new URL("judge/yaml_judge.py", import.meta.url),
    bytes.map((each) => each.toString("base64")),
  );
  assert.equal(theirs.length, documents.length);
  const differing = theirs.flatMap((answer, index) => {
    const given = ours(bytes[index] as Buffer);
    if (listed(answer, given)) return [];
    if ("error" in answer && "error" in given) return [];
    const [one, other] = [answer, given].map((each) => JSON.stringify("error" in each ? each : sorted(each.value)));
    return one === other ? [] : [`${JSON.stringify(documents[index])}\n  PyYAML: ${one}\n  plinth: ${other}`];
  });
  const shortest = differing.sort((one, other) => one.length - other.length).slice(0, 5);
  assert.equal(`${differing.length} differ\n${shortest.join("\n")}`, "0 differ\n");
}

test("what is worth a look of its own", { skip }, () => same(handWritten));

test("scalars of every style, by what follows them", { skip }, () => same([...scalarDocuments()]));

test("block texts of every header, by body, place and ending", { skip }, () => {
  // A third of the table; its axes have other lengths, so that each of their values is met.
  same([...blockDocuments()].filter((_, index) => index % 3 === 0));
});

test("pillars, cut off at every character", { skip }, () => {
  same(pillars.flatMap((text) => Array.from({ length: text.length + 1 }, (_, end) => text.slice(0, end))));
});

for (const piece of [
  "[",
  "{",
  "[{",
  "- ",
  "? ",
  ": ",
  "&a ",
  "!a ",
  "'",
  '"\\',
  "|\n",
  "---\n",
  "%\n",
  "a\n",
  "a: ",
  "\n",
  "#",
  "*",
]) {
  test(`a file of nothing but ${JSON.stringify(piece)} ends soon`, () => {
    for (const before of ["", "[", `${"[".repeat(250)}\n`, "a: |\n", 'a: "']) {
      const used = process.cpuUsage();
      readDocument(before + piece.repeat(400_000 / piece.length), "file");
      const { user, system } = process.cpuUsage(used);
      assert.ok(user + system < 2e6, `${before}: ${user + system} µs`);
    }
  });
}

test("bytes that are not text, or not UTF-8", { skip }, () => {
  const utf16 = (text: string): Buffer => Buffer.from(text, "utf16le");
  same([
    Buffer.from([0xff, 0xfe, ...utf16("a: 1\n")]),
    Buffer.from([0xfe, 0xff, ...utf16("a: 1\n").swap16()]),
    utf16("a: 1\n"),
    Buffer.from("a: caf\xe9\n", "latin1"),
    Buffer.from([0x61, 0x3a, 0x20, 0xed, 0xa0, 0x80]),
    Buffer.from([0x61, 0x3a, 0x20, 0xf4, 0x90, 0x80, 0x80]),
    Buffer.from([0x61, 0x3a, 0x20, 0xc0, 0x80]),
    Buffer.from([0x61, 0x3a, 0x20, 0xf0, 0x9f, 0x98]),
    Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0x3a, 0x20, 0x31]),
  ]);
});

test("two or three pieces of syntax, one after the other", { skip }, () => {
  const all = [...shortDocuments()];
  const step = Math.max(1, Math.floor(all.length / (2 * amount)));
  same(all.filter((_, index) => index % step === 0));
});

test("pieces of syntax by chance", { skip }, () => {
  const { below } = random(11);
  same(Array.from({ length: amount }, () => randomDocument(below)));
});

test("typical documents with typing errors", { skip }, () => {
  const { below, pick } = random(12);
  const own = globSync("model/**/*.yml").map((path) => readFileSync(path, "utf8").slice(0, 3000));
  same(Array.from({ length: amount }, () => mutated(pick(below(2) === 0 ? own : pillars), below)));
});
