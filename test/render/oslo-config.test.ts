import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseOslo } from "../../src/render/oslo.ts";
import { renderFiles } from "../../src/render/render.ts";
import { boolean, type Field, integer, list, number, string } from "../../src/schema/field.ts";
import type { Json } from "../../src/schema/json.ts";
import { judge, missingPython } from "../support/python.ts";
import { awkwardTexts, random } from "../support/random.ts";
import { mustBe, plainSettings, smallImage } from "../support/rendering.ts";

type Kind = "string" | "list" | "integer" | "number" | "boolean" | "multi";
type Case = { readonly group: string; readonly name: string; readonly type: Kind; readonly value: Json };

const groups = ["DEFAULT", "database", "a_group"];

/** What a list can hold: no comma, no blank at its ends, nothing empty; the rest is refused, which oslo.test.ts shows. */
const items = awkwardTexts(3000, 7)
  .map((text) =>
    text
      .replaceAll(",", "")
      .trim()
      .replace(/^[\u001c\u0085]+|[\u001c\u0085]+$/g, "")
      .trim(),
  )
  .filter((text) => text !== "" && text.length < 1000 && !/^[\u001c\u0085\s]|[\u001c\u0085\s]$/.test(text));

function cases(): readonly Case[] {
  const { below, pick } = random(11);
  const values: (readonly [Kind, Json])[] = [
    ...awkwardTexts(2400, 3).map((text) => ["string", text] as const),
    ...Array.from({ length: 200 }, () => ["list", Array.from({ length: below(5) }, () => pick(items))] as const),
    ...Array.from({ length: 100 }, () => ["multi", Array.from({ length: 1 + below(4) }, () => pick(awkward))] as const),
    ...[0, -1, 1, 65535, 2 ** 40, Number.MIN_SAFE_INTEGER].map((value) => ["integer", value] as const),
    ...[0, -1.5, 16, 1e21, 1e-7, 0.1].map((value) => ["number", value] as const),
    ...[true, false].map((value) => ["boolean", value] as const),
  ];
  return values.map(([type, value], index) => ({ group: groups[index % 3] as string, name: `o${index}`, type, value }));
}
const awkward = awkwardTexts(300, 5);

const fields: Readonly<Record<Kind, Field>> = {
  string: string("A text."),
  list: list("A list.", string("An item.")),
  multi: list("A repeated option.", string("An item.")),
  integer: integer("A number."),
  number: number("A number."),
  boolean: boolean("A flag."),
};

function rendered(all: readonly Case[]): string {
  const lines = groups.flatMap((group) => [
    `[${group}]`,
    ...all
      .filter((one) => one.group === group)
      .map(({ name, type }) =>
        type === "multi" ? `{{ multi("${name}", settings.${name}) }}` : `${name} = {{ settings.${name} }}`,
      ),
  ]);
  const schema = Object.fromEntries(all.map(({ name, type }) => [name, fields[type]]));
  const { image, files } = smallImage(schema, { main: lines.join("\n") });
  const settings = plainSettings(Object.fromEntries(all.map(({ name, value }) => [name, value])));
  return mustBe(renderFiles(image(), settings, files))[0]?.text ?? "";
}

test("oslo.config reads back every value as the settings have it", { skip: missingPython("oslo_config") }, () => {
  const all = cases();
  assert.ok(all.length > 2000);
  const directory = mkdtempSync(join(tmpdir(), "oslo-"));
  try {
    const file = join(directory, "main.conf");
    writeFileSync(file, rendered(all));
    const options = all.map(({ group, name, type }) => ({ group, name, type }));
    const read = judge<readonly Json[]>(new URL("judges/read_options.py", import.meta.url), { file, options });
    const wrong = all.flatMap((one, index) =>
      JSON.stringify(one.value) === JSON.stringify(read[index]) ? [] : [{ ...one, read: read[index] }],
    );
    assert.deepEqual(wrong, []);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("plinth's own reader gives the same values", () => {
  const all = cases().filter(({ type }) => type === "string");
  const read = new Map(parseOslo(rendered(all)).map(({ option, value }) => [option, value]));
  assert.deepEqual(
    all.filter(({ name, value }) => read.get(name) !== value),
    [],
  );
});
