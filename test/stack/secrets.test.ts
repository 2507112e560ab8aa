import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { load, YAML11_SCHEMA } from "js-yaml";
import { rotations, withRotations } from "../support/rotations.ts";

const file = load(readFileSync("compose.yaml", "utf8"), { schema: YAML11_SCHEMA }) as {
  readonly services: Readonly<
    Record<
      string,
      { readonly secrets?: readonly string[]; readonly restart?: string; readonly profiles?: readonly string[] }
    >
  >;
  readonly secrets: Readonly<Record<string, unknown>>;
};
const readers = (secret: string, jobs: boolean): readonly string[] =>
  Object.entries(file.services)
    // What is run by hand reads a secret again each time.
    .filter(([, { profiles }]) => profiles === undefined)
    .filter(([, service]) => service.secrets?.includes(secret) && (service.restart === "on-failure") === jobs)
    .map(([name]) => name)
    .sort();

test("the table says how to change each secret of the stack", () => {
  assert.deepEqual(rotations.map(({ secret }) => secret).sort(), Object.keys(file.secrets).sort());
});

for (const { secret, again, restart } of rotations) {
  test(`${secret}: every service and job that reads it is named`, () => {
    assert.deepEqual([...restart].sort(), readers(secret, false));
    for (const job of again) assert.ok(readers(secret, true).includes(job), `${job} does not read it`);
  });
}

test("docs/secrets.md has the same table, as `make golden` writes it", () => {
  const page = readFileSync("docs/secrets.md", "utf8");
  for (const { secret } of rotations) assert.ok(page.includes(`\n| \`${secret}\` |`), secret);
  assert.equal(withRotations(page), page);
});
