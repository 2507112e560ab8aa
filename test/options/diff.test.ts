import assert from "node:assert/strict";
import { test } from "node:test";
import { type Change, changeText, compareLists } from "../../src/options/diff.ts";
import { OptionList, type OptionRecord } from "../../src/options/list.ts";

const option = (name: string, more: Partial<OptionRecord> = {}): OptionRecord => ({
  group: "DEFAULT",
  name,
  type: "Str",
  ...more,
});
const list = (options: readonly OptionRecord[]): OptionList => new OptionList(JSON.stringify({ options }));
const formerly = (group: string, name: string) => ({ deprecated: [{ group, name }] });
const changed = { section: "DEFAULT", option: "a" };
// A list that has defaults at all, so that those of both can be compared.
const other = option("z", { default: "same" });

const cases: readonly (readonly [
  title: string,
  before: readonly OptionRecord[],
  after: readonly OptionRecord[],
  changes: readonly Change[],
])[] = [
  ["one that comes", [], [option("a")], [{ ...changed, kind: "comes" }]],
  ["one that goes", [option("a")], [], [{ ...changed, kind: "goes" }]],
  [
    "one with another name, which still takes the old one",
    [option("a")],
    [option("b", formerly("DEFAULT", "a"))],
    [{ ...changed, kind: "renamed", to: "[DEFAULT] b" }],
  ],
  [
    "one in another group",
    [option("a")],
    [option("a", { group: "api", ...formerly("DEFAULT", "a") })],
    [{ ...changed, kind: "renamed", to: "[api] a" }],
  ],
  [
    "a new one that takes an old name of its own, which is still there",
    [option("a")],
    [option("a"), option("b", formerly("DEFAULT", "a"))],
    [{ section: "DEFAULT", option: "b", kind: "comes" }],
  ],
  [
    "one that will be removed",
    [option("a")],
    [option("a", { deprecated_for_removal: true })],
    [{ ...changed, kind: "deprecated" }],
  ],
  [
    "another default",
    [option("a", { default: 1 }), other],
    [option("a", { default: 2 }), other],
    [{ ...changed, kind: "default", before: "1", after: "2" }],
  ],
  ["defaults that only one list knows", [option("a")], [option("a", { default: 2 })], []],
];

for (const [title, before, after, changes] of cases) {
  test(`between two lists: ${title}`, () => assert.deepEqual(compareLists(list(before), list(after)), changes));
}

const texts: readonly (readonly [title: string, before: string, after: string, text: string])[] = [
  ["a short value is shown before and after", "1", "2", "1 -> 2"],
  ["a long list is shown by the items that differ", "a,b,c,d,e", "a,c,d,e,f", "without b; with f"],
  ["so are choices", "Str: one of a, b, c, d, e", "Str: one of a, b, c, d", "without e"],
  ["a long list in another order is shown whole", "a,b,c,d", "b,a,c,d", "a,b,c,d -> b,a,c,d"],
  ["a long list that becomes a short one is shown whole", "a,b,c,d", "a", "a,b,c,d -> a"],
];
for (const [title, before, after, text] of texts) {
  test(`a change as text: ${title}`, () => {
    const change: Change = { section: "DEFAULT", option: "o", kind: "type", before, after };
    assert.equal(changeText(change), `~ [DEFAULT] o: ${text}`);
  });
}
