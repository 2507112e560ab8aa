import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "js-yaml";
import { isCommand } from "./blocks.ts";
import { notRunBound, order, readPages } from "./pages.ts";

const { blocks, mistakes } = readPages(".");

test("every block of the documentation has a language, and a reason where it is not run", () => {
  assert.deepEqual(mistakes, []);
});

test("every page with commands has its place in the order in which they are run", () => {
  const places = order.map(([page]) => page);
  const pages = new Set(blocks.filter(isCommand).map(({ page }) => page));
  assert.deepEqual([...pages].toSorted(), places.toSorted());
});

test("no more command blocks are left out than were", () => {
  const left = blocks.filter(({ notRun }) => notRun !== undefined);
  const told = left.map(({ page, line, notRun }) => `${page}:${line}: ${notRun}`).join("\n");
  assert.ok(left.length <= notRunBound, `${left.length} blocks are not run, and the bound is ${notRunBound}:\n${told}`);
  assert.equal(
    left.length,
    notRunBound,
    `only ${left.length} blocks are not run any more: lower the bound in pages.ts`,
  );
});

test("what is shown as YAML or JSON is that", () => {
  const wrong = blocks.flatMap(({ page, line, language, text }) => {
    try {
      if (language === "yaml") load(text);
      if (language === "json") JSON.parse(text);
      return [];
    } catch (error) {
      return [`${page}:${line}: ${(error as Error).message}`];
    }
  });
  assert.deepEqual(wrong, []);
});
