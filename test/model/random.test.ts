import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Diagnostic, Result } from "../../src/diagnostics/diagnostic.ts";
import { nodeInfoJson } from "../../src/model/json.ts";
import { type CompiledNode, openModel, type PrintedNode } from "../../src/model/model.ts";
import { memorySource } from "../support/model.ts";
import { startJudge, withoutReclass } from "../support/reclass.ts";
import { compare, described, shrink } from "./compare.ts";
import { randomInventory } from "./random-inventory.ts";
import { filesOf } from "./tree.ts";
import { withTwins } from "./twins.ts";

/** More, or others: MODEL_INVENTORIES=10000 MODEL_SEED=77 node --test test/model/random.test.ts */
const count = Number(process.env["MODEL_INVENTORIES"] ?? 500);
const first = Number(process.env["MODEL_SEED"] ?? 1);

const skip = withoutReclass();
const judge = skip ? undefined : startJudge();
after(() => judge?.stop());

test(`random inventories of the seeds ${first} to ${first + count - 1} compile to what reclass gives`, {
  skip,
}, async (t) => {
  if (!judge) return;
  const differing: string[] = [];
  for (let seed = first; seed < first + count; seed++) {
    const inventory = randomInventory(seed);
    const found = await compare(judge, inventory);
    if (found === undefined) continue;
    const small = await shrink(judge, inventory, found);
    differing.push(await described(judge, small, `seed ${seed}: ${found}`));
    if (differing.length === 5) break;
  }
  t.diagnostic(`${count} inventories, seeds ${first} to ${first + count - 1}`);
  assert.equal(differing.length, 0, `\n${differing.join("\n\n")}`);
});

/** @returns what each node comes to, compiled in this order by one model, which keeps what nodes share. */
function compiledInTurn(
  files: Readonly<Record<string, string>>,
  order: (names: readonly string[]) => readonly string[],
) {
  const model = openModel(memorySource(files));
  if (!model.ok) return [];
  return order(model.value.nodes).map((name): readonly [string, string] => {
    const compiled = model.value.compile(name);
    const said = compiled.ok ? compiled.warnings : compiled.diagnostics;
    return [name, `${compiled.ok ? nodeInfoJson(compiled.value) : ""}${JSON.stringify(said)}`];
  });
}

test("a node compiles to the same whichever nodes were compiled before it", () => {
  for (let seed = first; seed < first + count; seed++) {
    const files = filesOf(randomInventory(seed));
    const forwards = new Map(compiledInTurn(files, (names) => names));
    const backwards = compiledInTurn(files, (names) => [...names.toReversed(), ...names]);
    for (const [name, given] of backwards) assert.equal(given, forwards.get(name), `seed ${seed}, node ${name}`);
    for (const name of forwards.keys()) {
      assert.deepEqual(
        compiledInTurn(files, () => [name]),
        [[name, forwards.get(name)]],
        `seed ${seed}, node ${name}`,
      );
    }
  }
});

/**
 * What was said of a node, but for the order, and for the names that may be meant: they are looked for some times only, and so
 * depend on what was looked at before.
 */
const sorted = (said: readonly Diagnostic[]): string =>
  said
    .map(({ fix: _, ...each }) => JSON.stringify(each))
    .sort()
    .join("\n");

test("a node is printed as compiled, whichever nodes with the same keys were printed before it", () => {
  let filled = 0;
  for (let seed = first; seed < first + count; seed++) {
    const files = filesOf(withTwins(randomInventory(seed), seed));
    const [model, alone] = [openModel(memorySource(files)), openModel(memorySource(files))];
    if (!model.ok || !alone.ok) continue;
    for (const name of [...model.value.nodes, ...model.value.nodes.toReversed()]) {
      const printed: Result<PrintedNode> = model.value.print(name, "  ");
      const compiled: Result<CompiledNode> = alone.value.compile(name);
      const wanted: string = compiled.ok ? nodeInfoJson(compiled.value, "  ") : "";
      assert.equal(printed.ok ? printed.value.json : "", wanted, `seed ${seed}, node ${name}`);
      const due: string = sorted(compiled.ok ? compiled.warnings : compiled.diagnostics);
      assert.equal(sorted(printed.ok ? printed.warnings : printed.diagnostics), due, `seed ${seed}, node ${name}`);
      if (printed.ok && printed.value.filled) filled++;
    }
  }
  assert.ok(filled > count, `only ${filled} were printed by what is their own`);
});
