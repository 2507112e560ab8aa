import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Result } from "../../src/diagnostics/diagnostic.ts";
import { imagesOf, withChildren, withParents } from "../../src/image/catalog.ts";
import type { Recipe } from "../../src/image/recipe.ts";
import { openModel } from "../../src/model/model.ts";
import { memorySource } from "../support/model.ts";

/** Nodes, each with its `_image`, of a deployment like the project's. */
function recipesOf(nodes: Readonly<Record<string, object | undefined>>, more: object = {}): Result<readonly Recipe[]> {
  const usual = { registry: null, deploy_name: "tcpcloud", tag: "kilo" };
  const file = (name: string, own: object | undefined): readonly [string, string] => [
    `nodes/${name}.yml`,
    JSON.stringify({
      parameters: { _param: { release: "kilo" }, ...(own && { _image: { name, ...usual, ...own } }), ...more },
    }),
  ];
  const model = openModel(
    memorySource(Object.fromEntries(Object.entries(nodes).map(([name, own]) => file(name, own)))),
  );
  assert.ok(model.ok);
  const rows = imagesOf(model.value);
  return rows.ok ? { ...rows, value: rows.value.map(({ recipe }) => recipe) } : rows;
}

const codes = (result: Result<unknown>): readonly string[] =>
  result.ok ? [] : result.diagnostics.map(({ code, what }) => `${code}: ${what}`);

test("an image is named as those of the seed, after the registry", () => {
  const recipes = recipesOf({ "nova-controller": {}, pushed: { registry: "registry.example.com:5000" } });
  assert.ok(recipes.ok, codes(recipes).join());
  assert.deepEqual(
    recipes.value.map(({ image, registered }) => [image, registered]),
    [
      ["tcpcloud/nova-controller:kilo", false],
      ["registry.example.com:5000/tcpcloud/pushed:kilo", true],
    ],
  );
});

test("a tag without quotes is the number that was written", () => {
  const model = openModel(
    memorySource({
      "nodes/n.yml":
        "parameters: {_param: {release: 2025.1}, _image: {name: n, deploy_name: plinth, tag: 2025.10, packages: [g++]}}",
    }),
  );
  assert.ok(model.ok);
  const rows = imagesOf(model.value);
  assert.ok(rows.ok, codes(rows).join());
  assert.deepEqual(
    rows.value.map(({ recipe }) => [recipe.release, recipe.image, recipe.packages]),
    [["2025.1", "plinth/n:2025.10", ["g++"]]],
  );
});

test("a node without _image is not an image", () => {
  const recipes = recipesOf({ gateway: undefined, base: {} });
  assert.ok(recipes.ok);
  assert.deepEqual(
    recipes.value.map(({ node }) => node),
    ["base"],
  );
});

describe("images stand in an order in which they can be built", () => {
  const nodes = { a: { parent: "z" }, b: { parent: "a" }, c: {}, z: { parent: "c" } };
  const recipes = recipesOf(nodes);
  assert.ok(recipes.ok);
  const rows = recipes.value.map((recipe) => ({ recipe }));
  const names = (chosen: readonly { readonly recipe: Recipe }[]) => chosen.map(({ recipe }) => recipe.node);

  test("parents first", () => assert.deepEqual(names(rows), ["c", "z", "a", "b"]));
  test("with what they stand on", () => assert.deepEqual(names(withParents(rows, new Set(["a"]))), ["c", "z", "a"]));
  test("with what stands on them", () => assert.deepEqual([...withChildren(rows, new Set(["z"]))], ["z", "a", "b"]));
  test("a cycle has no order, and is named", () => {
    assert.deepEqual(codes(recipesOf({ a: { parent: "b" }, b: { parent: "a" } })), [
      "parent-cycle: these images are based on each other: a -> b -> a",
    ]);
  });
  test("the message for a parent that is not an image names the nearest", () => {
    const result = recipesOf({ base: {}, a: { parent: "bose" } });
    assert.match(codes(result).join(), /^parent-unknown: _image:parent of the node a names bose/);
    assert.ok(!result.ok && result.diagnostics[0]?.fix.includes('"base"'));
  });
});

describe("an invalid image name or package is refused", () => {
  const cases = [
    { path: "_image:name", own: { name: "Nova" } },
    { path: "_image:deploy_name", own: { deploy_name: "tcp cloud" } },
    { path: "_image:deploy_name", own: { deploy_name: null } },
    { path: "_image:tag", own: { tag: "-x" } },
    { path: "_image:tag", own: { tag: [] } },
    { path: "_image:registry", own: { registry: "https://registry.example.com" } },
    { path: "_image:packages", own: { packages: "nova-api" } },
    { path: "_image:packages", own: { packages: ["nova-api; rm -rf /"] } },
    { path: "_image:packages", own: { packages: ["--allow-downgrades"] } },
    { path: "_image:base", own: { base: "debian trixie" } },
  ];
  for (const { path, own } of cases) {
    test(`${path}: ${JSON.stringify(Object.values(own)[0])}`, () => {
      const result = recipesOf({ n: own });
      assert.deepEqual(codes(result), [`image-data-wrong: cannot use ${path} of the node n`]);
      assert.ok(!result.ok && result.diagnostics[0]?.place?.kind === "document");
    });
  }
});
