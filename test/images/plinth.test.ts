import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { plinthIn } from "../../images/plinth.ts";
import { openDirectory } from "../../src/host/inventory/inventory.ts";
import { imagesOf } from "../../src/image/catalog.ts";
import { type Recipe, startedByPlinth } from "../../src/image/recipe.ts";
import { openModel } from "../../src/model/model.ts";
import { supportedNames } from "../../src/openstack/releases.ts";

function recipesOf(release: string): readonly Recipe[] {
  const source = openDirectory("model");
  const model = source.ok ? openModel(source.value, { overrides: new Map([["_param:release", release]]) }) : source;
  const rows = model.ok ? imagesOf(model.value) : model;
  assert.ok(rows.ok);
  return rows.value.map(({ recipe }) => recipe);
}

/** What an image has of plinth with all that it stands on. */
const whole = (recipe: Recipe, recipes: readonly Recipe[], parts: ReturnType<typeof plinthIn>): readonly string[] => [
  ...recipes.filter(({ node }) => node === recipe.parent).flatMap((parent) => whole(parent, recipes, parts)),
  ...(parts.get(recipe.node)?.adds ?? []),
];

describe("plinth in the images of a release", () => {
  for (const release of supportedNames) {
    test(`${release}: the carrier is in what they stand on, once, and the program in each that plinth starts`, () => {
      const recipes = recipesOf(release);
      const parts = plinthIn(recipes);
      for (const recipe of recipes) {
        const own = parts.get(recipe.node)?.adds;
        assert.ok(parts.get(recipe.node)?.carries, recipe.node);
        const expected = recipe.parent === null ? ["carrier"] : startedByPlinth(recipe.name) ? ["program"] : [];
        assert.deepEqual(own, expected, recipe.node);
        if (startedByPlinth(recipe.name)) assert.deepEqual(whole(recipe, recipes, parts), ["carrier", "program"]);
      }
    });
  }
});

describe("plinth in images of another model", () => {
  const [keystone] = recipesOf("2025.1").filter(({ name }) => name === "keystone-server");
  assert.ok(keystone);
  const base: Recipe = { ...keystone, node: "base", name: "base", directory: "base", parent: null };
  const middle: Recipe = { ...base, node: "middle", name: "middle", directory: "middle", parent: "base" };
  const service: Recipe = { ...keystone, parent: "middle" };
  const cases: readonly (readonly [title: string, copies: readonly string[], parts: readonly (readonly string[])[]])[] =
    [
      ["a base that has the carrier", ["base", "keystone-server"], [["carrier"], [], ["program"]]],
      ["a base of one's own below it", ["middle", "keystone-server"], [[], ["carrier"], ["program"]]],
      ["no base that has it", ["keystone-server"], [[], [], ["carrier", "program"]]],
    ];
  for (const [title, copies, parts] of cases) {
    test(title, () => {
      const found = plinthIn([base, middle, service], ({ directory }) => copies.includes(directory));
      assert.deepEqual(
        [...found.values()].map(({ adds }) => adds),
        parts,
      );
    });
  }
});
