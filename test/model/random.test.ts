import assert from "node:assert/strict";
import { after, test } from "node:test";
import { nodeInfoJson } from "../../src/model/json.ts";
import { openModel } from "../../src/model/model.ts";
import { memorySource } from "../support/model.ts";
import { startJudge, withoutReclass } from "../support/reclass.ts";
import { compare, described, shrink } from "./compare.ts";
import { randomInventory } from "./random-inventory.ts";
import { filesOf } from "./tree.ts";

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
