import assert from "node:assert/strict";
import { test } from "node:test";
import type { AskRow, ServiceRow } from "../../src/openstack/component.ts";
import { featuresOf } from "../../src/openstack/features.ts";
import { imageName, images } from "../../src/openstack/images.ts";
import { inRange, lastBegun, releases, supportedNames } from "../../src/openstack/releases.ts";
import { parametersKey, waitKey } from "../../src/pillar/envelope.ts";
import type { Default, Field, SectionField } from "../../src/schema/field.ts";
import { readText, type Wanted, wantedOf } from "../../src/schema/wanted.ts";
import { references } from "../../src/settings/interpolate.ts";

/** Every field of a schema, with its path; `*` stands for an index or a free key. */
function fieldsOf(field: Field, path = ""): readonly (readonly [path: string, field: Field])[] {
  const below = (key: string, child: Field) => fieldsOf(child, path === "" ? key : `${path}.${key}`);
  const children =
    field.kind === "section"
      ? Object.entries(field.fields).flatMap(([key, child]) => below(key, child))
      : field.kind === "list"
        ? below("*", field.item)
        : field.kind === "map"
          ? below("*", field.value)
          : [];
  return [[path, field], ...children];
}

const fieldAt = (schema: SectionField, path: string): Field | undefined =>
  fieldsOf(schema).find(([at]) => at === path)?.[1];

/** Every question of a service's health check. */
const asksOf = ({ health }: ServiceRow): readonly AskRow[] =>
  health ? [...health.alive, ...(health.ready ?? []), ...(health.depends ?? [])] : [];

const known = releases.map(({ name }) => name);

for (const image of images) {
  const name = imageName(image);
  const all = fieldsOf(image.schema);

  test(`${name}: every default is what its field wants`, () => {
    for (const [path, field] of all) {
      if (field.kind === "section" || field.kind === "map" || field.default === undefined) continue;
      const choice = field.default as Default<string>;
      const plain = typeof choice !== "object" || Array.isArray(choice);
      const rows = plain ? [["", choice] as const] : "byRelease" in choice ? choice.byRelease : [];
      const values = rows.map(([, value]) => value);
      const wanted = wantedOf(field) as Wanted;
      for (const value of values)
        assert.ok(readText(String(value), wanted).ok || `${value}` === "", `${path} ${value}`);
    }
  });

  test(`${name}: every copied default names a scalar of the same kind`, () => {
    for (const [path, field] of all) {
      if (!("default" in field) || field.default === null || typeof field.default !== "object") continue;
      if (!("from" in field.default)) continue;
      assert.equal(fieldAt(image.schema, field.default.from)?.kind, field.kind, path);
    }
  });

  test(`${name}: every release in its rows is one, and defaults by release begin with the first`, () => {
    for (const [path, field] of all) {
      for (const release of [field.since, field.until])
        assert.ok(release === undefined || known.includes(release), path);
      if (!("default" in field) || typeof field.default !== "object" || !("byRelease" in field.default)) continue;
      const begun = field.default.byRelease.map(([release]) => known.indexOf(release));
      assert.deepEqual(
        begun,
        begun.toSorted((one, other) => one - other),
        path,
      );
      assert.equal(begun[0], 0, path);
    }
  });

  test(`${name}: no key could be taken for something else`, () => {
    assert.ok(!(waitKey in image.schema.fields) && !(parametersKey in image.schema.fields));
    for (const [path, field] of all) {
      if (field.kind === "section")
        for (const key of Object.keys(field.fields)) assert.match(key, /^[a-z][a-z0-9_]*$/, path);
    }
  });

  test(`${name}: of a group of which one is due, each may be left out`, () => {
    for (const [path, field] of all) {
      if (field.kind !== "section") continue;
      for (const key of (field.exactlyOne ?? []).flat()) {
        const member = field.fields[key];
        assert.ok(member && "optional" in member && member.optional, `${path}.${key}`);
      }
    }
  });

  for (const [service, row] of Object.entries(image.services)) {
    test(`${name} ${service}: every {path} is a scalar of the schema, and no secret stands in a command`, () => {
      const commands = row.run.flatMap(({ command }) => command);
      const health = asksOf(row).flatMap((one) => [
        ...("port" in one ? [one.port, one.host ?? ""] : []),
        ...("server" in one ? [one.server ?? ""] : []),
      ]);
      const needs = row.needs.flatMap((need) =>
        need.probe === "file" ? [need.path] : need.probe === "mysql" && need.row ? [need.row.is] : [],
      );
      const texts = [
        ...commands,
        ...health,
        ...needs,
        ...(row.schemas ?? []).flatMap(({ name: database }) => database ?? []),
        ...Object.values(row.environment ?? {}),
        ...Object.values(row.ports ?? {}).map(({ port }) => port),
      ];
      for (const path of texts.flatMap(references)) {
        const field = fieldAt(image.schema, path);
        assert.ok(field && !["section", "list", "map"].includes(field.kind), path);
      }
      // A value at the beginning of a word must not be taken for an option, and no shell reads a value as its program.
      for (const [index, word] of commands.entries()) {
        const [, path] = /^\{([^}]+)\}/.exec(word) ?? [];
        const field = path === undefined ? undefined : fieldAt(image.schema, path);
        if (field?.kind === "string" && !field.choices)
          assert.ok(!readText("-x", wantedOf(field) as Wanted).ok, `${path} may begin with -`);
        if (/^-[a-z]*c$/.test(commands[index - 1] ?? "")) assert.deepEqual(references(word), []);
      }
      for (const path of commands.flatMap(references)) {
        const field = fieldAt(image.schema, path);
        assert.ok(field?.kind !== "string" || !field.secret, path);
      }
      for (const word of texts) assert.ok(!/\{(?!\[?[a-z][\w.-]*\]?\})/.test(word), word);
      // An IPv6 address before a port or in a URL wants brackets.
      for (const word of texts) assert.ok(!/\{[\w.-]*(?:host|address)\}[:/]/.test(word), word);
    });

    test(`${name} ${service}: what it needs is a block of the schema`, () => {
      for (const need of [...row.needs, ...(row.schemas ?? [])]) {
        if ("from" in need) assert.ok(fieldAt(image.schema, need.from), need.from);
      }
      for (const one of asksOf(row)) if ("from" in one) assert.ok(fieldAt(image.schema, one.from), one.from);
      // Whether a schema is whole is noted under the lock of its job.
      if (row.schemas) assert.equal(row.lock, row.schemas[0]?.from);
    });

    test(`${name} ${service}: in every release that has it there is a way to run it`, () => {
      for (const release of supportedNames) {
        if (inRange(row, release))
          assert.ok(
            row.run.some((run) => inRange(run, release)),
            release,
          );
      }
    });
  }
}

for (const [range, release, expected] of [
  [{}, "kilo", true],
  [{ since: "liberty" }, "kilo", false],
  [{ since: "liberty" }, "liberty", true],
  [{ until: "liberty" }, "kilo", true],
  [{ until: "liberty" }, "liberty", false],
  [{ since: "zed", until: "2025.1" }, "2024.2", true],
] as const) {
  test(`${release} is ${expected ? "" : "not "}in ${JSON.stringify(range)}`, () =>
    assert.equal(inRange(range, release), expected));
}

test("of rows by release the last that has begun counts", () => {
  const rows = [
    ["liberty", 1],
    ["zed", 2],
  ] as const;
  assert.deepEqual(
    ["kilo", "liberty", "yoga", "zed", "2026.2"].map((release) => lastBegun(rows, release)),
    [undefined, 1, 1, 2, 2],
  );
});

test("a feature ends with its range", () => {
  assert.equal(featuresOf("kilo").nova_cert, true);
  assert.equal(featuresOf("2025.1").nova_cert, false);
});
