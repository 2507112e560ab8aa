import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { load, YAML11_SCHEMA } from "js-yaml";
import { findImage } from "../../src/openstack/images.ts";
import { bakeModelNode } from "../support/rendering.ts";

type Service = {
  readonly image: string;
  readonly command: readonly string[];
  readonly user?: string;
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly secrets?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly depends_on?: unknown;
};

const release = "2025.1";
const file = load(readFileSync("compose.yaml", "utf8"), { schema: YAML11_SCHEMA }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, unknown>>;
};
const baked = new Map<string, ReturnType<typeof bakeModelNode>>();
const imageOf = ({ image }: Service): string => /\/([\w-]+):/.exec(image)?.[1] ?? "";

for (const [name, service] of Object.entries(file.services)) {
  test(`compose.yaml: ${name} is given what it wants, secrets as files`, () => {
    const image = imageOf(service);
    if (!baked.has(image)) baked.set(image, bakeModelNode(image, release));
    const { image: made, details } = baked.get(image) as ReturnType<typeof bakeModelNode>;
    const [word = ""] = service.command;
    assert.ok(word in made.services, `${image} has no ${word}`);
    const given = Object.keys(service.environment ?? {});
    const wanted = details.contract.filter(({ neededBy }) => neededBy === undefined || neededBy.includes(word));
    const missing = wanted
      .filter(
        ({ required, name: parameter }) => required && !given.some((key) => key.replace(/_FILE$/, "") === parameter),
      )
      .map(({ name: parameter }) => parameter);
    assert.deepEqual(missing, []);
    for (const { name: parameter, secret } of details.contract) {
      if (secret) assert.ok(!given.includes(parameter), `${parameter} is a secret and stands in the environment`);
    }
    const mounted = (service.secrets ?? []).map((secret) => `/run/secrets/${secret}`);
    const read = given.filter((key) => key.endsWith("_FILE")).map((key) => String(service.environment?.[key]));
    assert.deepEqual(mounted.toSorted(), [...new Set(read)].sort(), "what is mounted is what is read");
    for (const secret of service.secrets ?? []) assert.ok(secret in file.secrets, secret);
  });

  test(`compose.yaml: ${name} runs as its image's account, and waits for nobody by compose`, () => {
    const [, component = "", role = ""] = /^(\w+)-(\w+)$/.exec(imageOf(service)) ?? [];
    const row = findImage(component, role);
    assert.ok(row, imageOf(service));
    if (service.user !== undefined && row.account.uid !== 0) {
      assert.equal(service.user, `${row.account.uid}:${row.account.gid}`);
    }
    if (service.user !== undefined) {
      assert.equal(service.read_only, true);
      assert.deepEqual(service.cap_drop, ["ALL"]);
    }
    assert.equal(service.depends_on, undefined);
  });
}
