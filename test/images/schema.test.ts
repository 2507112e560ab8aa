import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readRequest, readWords } from "../../images/request.ts";
import { imageName, images } from "../../src/openstack/images.ts";

/** The settings blocks of the databases whose schema an image's jobs make. */
const blocksOf = ({ services }: (typeof images)[number]): readonly string[] => [
  ...new Set(Object.values(services).flatMap(({ schemas = [] }) => schemas.map(({ from }) => from))),
];

test("every image whose job makes schemas makes them when it is built, a file for each settings block", () => {
  for (const row of images) {
    const text = readFileSync(`images/${imageName(row)}/Dockerfile`, "utf8").replaceAll("\\\n", " ");
    const [, words = ""] = /make-schema (.*?) -- /.exec(text) ?? [];
    const made = words.split(/\s+/).flatMap((word) => word.split("=")[0] || []);
    assert.deepEqual(made.sort(), blocksOf(row).toSorted(), imageName(row));
    assert.equal(/^COPY --from=schema \/schema\/ \/$/m.test(text), made.length > 0, imageName(row));
  }
});

for (const [release, expected] of [
  ["2025.1", ["mariadb-server-core"]],
  ["zed", ["mariadb-server-core"]],
  ["kilo", []],
] as const) {
  test(`the model of ${release} has ${expected.join(" ") || "no server"} to make them with, and no other image gets it`, () => {
    const words = readWords(["--release", release]);
    const request = words.ok ? readRequest(words.value) : words;
    assert.ok(request.ok, JSON.stringify(request));
    for (const { recipe } of request.value.rows) {
      const row = images.find((one) => imageName(one) === recipe.name);
      const makes = row !== undefined && blocksOf(row).length > 0;
      assert.deepEqual(recipe.schemaPackages, makes ? expected : [], recipe.name);
    }
  });
}
