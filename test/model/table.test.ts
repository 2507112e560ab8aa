import assert from "node:assert/strict";
import { after, test } from "node:test";
import { compileNode, type Given } from "../support/model.ts";
import { comparable, type Judged, startJudge, withoutReclass } from "../support/reclass.ts";
import { type Case, readCases, written } from "./case.ts";
import { cells } from "./merge-cells.ts";

const skip = withoutReclass();
const judge = skip ? undefined : startJudge();
after(() => judge?.stop());

/** A placeholder for "ended with an error" beside what a node holds. */
const error = "error";

const said = (given: Given): string =>
  given.ok
    ? given.json
    : given.diagnostics.map(({ code, what, place }) => `${code}: ${what} ${JSON.stringify(place)}`).join("\n");

/** @returns the parts of a node that are named in `like`; `_reclass_` only where it is wanted. */
function parts(node: Record<string, unknown>, like: Record<string, unknown>): Record<string, unknown> {
  const { _reclass_: automatic, ...parameters } = node["parameters"] as Record<string, unknown>;
  const wanted = (like["parameters"] ?? {}) as Record<string, unknown>;
  const shown = { ...node, parameters: "_reclass_" in wanted ? { _reclass_: automatic, ...parameters } : parameters };
  return Object.fromEntries(Object.entries(shown).filter(([key]) => key in like));
}

function expectOurs(given: Given, gives: string): void {
  if (gives === error) {
    assert.ok(!given.ok, `an error was expected:\n${said(given)}`);
    return;
  }
  assert.ok(given.ok, said(given));
  const wanted = comparable(gives);
  assert.deepEqual(parts(comparable(given.json), wanted), wanted);
}

function expectDifferent(judged: Judged, gives: string): void {
  if (gives === error) assert.ok(judged.ok, "reclass ends with an error as well: it is no bug (any more)");
  if (gives === error || !judged.ok) return;
  const wanted = comparable(gives);
  assert.notDeepEqual(
    parts(comparable(judged.json), wanted),
    wanted,
    "reclass gives the same: it is no bug (any more)",
  );
}

/** What reclass passes over in silence. */
const silent: ReadonlySet<string> = new Set(["key-twice", "section-unknown", "text-joined", "reference-odd"]);

function expectSame(given: Given, judged: Judged): void {
  if (!judged.ok) {
    assert.ok(!given.ok, `reclass: ${judged.error}: ${judged.message}\n${said(given)}`);
    return;
  }
  assert.ok(given.ok, `${said(given)}\nreclass:\n${judged.json}`);
  assert.deepEqual(comparable(given.json), comparable(judged.json));
  const common = given.warnings.filter(({ code }) => !silent.has(code));
  assert.equal(common.length > 0, judged.warnings.length > 0, "one warns, the other does not");
}

async function hold({ topic, name, files, node, fails, bug, gives, placeless }: Case): Promise<void> {
  const judged = await judge?.ask(files, node);
  if (!judged) return;
  const given = compileNode(files, node);
  try {
    if (bug !== undefined) {
      assert.ok(gives, "a bug needs what we give");
      expectDifferent(judged, gives);
      expectOurs(given, gives);
    } else {
      const unknown = topic === "cells";
      if (!unknown)
        assert.equal(judged.ok ? undefined : judged.error, fails, "reclass does not do what the table says");
      expectSame(given, judged);
    }
    if (!given.ok) {
      assert.ok(given.diagnostics.length > 0);
      const placed = given.diagnostics.some(({ place }) => place?.kind === "document");
      assert.ok(placed || placeless, `no place in a document:\n${said(given)}`);
    }
  } catch (problem) {
    if (problem instanceof Error) problem.message = `${name}\n${problem.message}\n${written(files)}`;
    throw problem;
  }
}

const table = readCases();

test("the table's cases have names of their own", () => {
  const names = table.map(({ topic, name }) => `${topic}: ${name}`);
  assert.equal(new Set(names).size, names.length);
});

for (const each of table) {
  test(`${each.topic}: ${each.name}`, { skip }, () => hold(each));
}

test("every cell of the table of merging, under every setting", { skip }, async () => {
  for (const cell of cells()) await hold(cell);
});
