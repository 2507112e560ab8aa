import assert from "node:assert/strict";
import { test } from "node:test";
import { type Change, compareNodes } from "../../src/model/diff.ts";
import { valueJson } from "../../src/model/json.ts";
import { type CompiledNode, openModel } from "../../src/model/model.ts";
import type { Value } from "../../src/model/value.ts";
import { memorySource } from "../support/model.ts";
import { mustBe } from "../support/must-be.ts";
import { random } from "../support/random.ts";

/** A node with these lines in its file; JSON is YAML, too. */
const node = (text: string, classes: Readonly<Record<string, string>> = {}): CompiledNode => {
  const files = Object.entries(classes).map(([name, content]) => [`classes/${name}.yml`, content]);
  return mustBe(mustBe(openModel(memorySource({ "nodes/n.yml": text, ...Object.fromEntries(files) }))).compile("n"));
};

const json = (value: Value | undefined): unknown => (value === undefined ? undefined : JSON.parse(valueJson(value)));

/** Each change in one line. */
const lines = (before: string, after: string, classes: Readonly<Record<string, string>> = {}): readonly string[] =>
  (compareNodes(node(before, classes), node(after, classes))?.changes ?? []).map(
    ({ part, path, before: old, after: now }) =>
      `${part} ${path.join(":")} ${JSON.stringify(json(old))} -> ${JSON.stringify(json(now))}`,
  );

test("equal values are no change, whatever the order of keys and the notation", () => {
  assert.deepEqual(lines("parameters: {x: 1, y: {a: 1, b: 2}}", "parameters: {y: {b: 2, a: 1}, x: 1}"), []);
  assert.deepEqual(lines("parameters: {x: 0x10, y: yes}", "parameters: {x: 16, y: true}"), []);
});

test("a change has a path, and added and removed keys have all that is below them", () => {
  assert.deepEqual(lines("parameters: {a: {b: {c: 1, d: 2}, e: 3}}", "parameters: {a: {b: {c: 2, x: {y: 1}}, e: 3}}"), [
    "parameters a:b:c 1 -> 2",
    "parameters a:b:d 2 -> undefined",
    'parameters a:b:x undefined -> {"y":1}',
  ]);
});

test("values of different types are a change: text and number, integer and float, null and nothing", () => {
  assert.deepEqual(lines("parameters: {a: 2025.1, b: 1, c: null}", "parameters: {a: '2025.1', b: 1.0}"), [
    'parameters a 2025.1 -> "2025.1"',
    "parameters b 1 -> 1",
    "parameters c null -> undefined",
  ]);
});

test("lists of one length are compared item by item, others as a whole", () => {
  assert.deepEqual(lines("parameters: {l: [1, {a: 1, b: 2}, 3]}", "parameters: {l: [1, {a: 1, b: 3}, 4]}"), [
    "parameters l:1:b 2 -> 3",
    "parameters l:2 3 -> 4",
  ]);
  assert.deepEqual(lines("parameters: {l: [1, 2]}", "parameters: {l: [0, 1, 2]}"), ["parameters l [1,2] -> [0,1,2]"]);
});

test("a value that changes its kind is one change", () => {
  assert.deepEqual(lines("parameters: {a: {b: 1}, c: [1]}", "parameters: {a: [1], c: x}"), [
    'parameters a {"b":1} -> [1]',
    'parameters c [1] -> "x"',
  ]);
});

test("classes, applications, environment and exports are compared, too", () => {
  const before = "classes: [a]\napplications: [web]\nexports: {e: 1}";
  const after = "classes: [a, b]\napplications: [db, web]\nenvironment: test\nexports: {e: 2}";
  assert.deepEqual(lines(before, after, { a: "", b: "" }), [
    'parameters _reclass_:environment "base" -> "test"',
    "exports e 1 -> 2",
    'environment  "base" -> "test"',
    'classes  ["a"] -> ["a","b"]',
    'applications  ["web"] -> ["db","web"]',
  ]);
});

test("a node on one side only is added or removed", () => {
  const one = node("parameters: {a: 1}");
  assert.deepEqual(compareNodes(undefined, one), { node: "n", change: "added", changes: [] });
  assert.deepEqual(compareNodes(one, undefined), { node: "n", change: "removed", changes: [] });
  assert.equal(compareNodes(undefined, undefined), undefined);
});

type Tree = { [key: string]: Tree } | Tree[] | number;

/** Makes the changes to what was before, the only way to see that they say everything. */
function patched(before: Tree, changes: readonly Change[]): Tree {
  const tree = structuredClone({ top: before }) as { [key: string]: Tree };
  for (const { path, after } of changes) {
    const keys = ["top", ...path];
    const last = keys.pop() as string;
    const parent = keys.reduce<Tree>((part, key) => (part as { [key: string]: Tree })[key] as Tree, tree);
    if (after === undefined) delete (parent as { [key: string]: Tree })[last];
    else (parent as { [key: string]: Tree })[last] = json(after) as Tree;
  }
  return tree["top"] as Tree;
}

test("the changes between two random trees turn one into the other, and each is a real change", () => {
  const { below, pick } = random(11);
  const tree = (depth: number): Tree => {
    const kind = depth > 4 ? 0 : below(4);
    if (kind === 1) return Array.from({ length: below(4) }, () => tree(depth + 1));
    if (kind > 1)
      return Object.fromEntries(Array.from({ length: below(5) }, () => [pick("abcdef".split("")), tree(depth + 1)]));
    return below(3);
  };
  for (let time = 0; time < 500; time++) {
    const [before, after] = [tree(0), tree(0)];
    const text = (value: Tree): string => JSON.stringify({ parameters: { value } });
    const changes = compareNodes(node(text(before)), node(text(after)))?.changes ?? [];
    const cut = changes.map((change) => ({ ...change, path: change.path.slice(1) }));
    assert.deepEqual(patched(before, cut), after);
    for (const change of changes) assert.notDeepEqual(json(change.before), json(change.after));
  }
});
