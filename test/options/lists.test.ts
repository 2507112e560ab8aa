import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import type { At, Value } from "../../src/model/value.ts";
import { isRefusal } from "../../src/options/leaf.ts";
import { OptionList, type OptionRecord } from "../../src/options/list.ts";
import { readListed } from "../../src/options/values.ts";
import type { Json } from "../../src/schema/json.ts";

const directory = process.env["OPTION_LISTS"] ?? "config-templates/options";
const lists = readdirSync(directory)
  .filter((name) => name.endsWith(".json"))
  .map((name) => ({ name, list: new OptionList(readFileSync(`${directory}/${name}`, "utf8")) }));
/** Read from sources: they have neither defaults nor help. */
const isOld = (name: string): boolean => /-(?:kilo|liberty)\.json$/.test(name);
const whole = lists.filter(({ name }) => !isOld(name));

const at: At = { file: { path: "", lines: [""], position: () => ({ line: 1, column: 1 }) }, start: 0, end: 0 };

/** What upstream's sample says where the value is the machine's own: `<current_hostname>`, `multiprocessing.cpu_count()`. */
const isSample = ({ type, default: value }: OptionRecord): boolean =>
  typeof value === "string" && type !== "Str" && /[<$]|\(\)$/.test(value);

/** A default as a model would say it. */
function said(json: Json): Value {
  if (Array.isArray(json)) return { kind: "sequence", items: json.map(said), at };
  if (json !== null && typeof json === "object") {
    const entries = Object.entries(json).map(([key, value]) => [key, { keyAt: at, value: said(value) }] as const);
    return { kind: "mapping", entries: new Map(entries), at };
  }
  return { kind: "scalar", value: typeof json === "string" ? json.replaceAll("$", "$$$$") : json, at };
}

describe("each list of a release that is installed", () => {
  for (const { name, list } of whole) {
    test(`${name} knows bounds, choices, secrets, defaults, help, and what can change without a restart`, () => {
      for (const field of ["min", "choices", "default", "help", "mutable"] as const) {
        assert.ok(
          list.records.some((record) => record[field] !== undefined),
          field,
        );
      }
      assert.ok(list.records.some(({ secret }) => secret));
      const helped = list.records.filter(({ help }) => help).length;
      assert.ok(helped > 0.9 * list.records.length, `${helped} of ${list.records.length} have help`);
    });
  }
});

describe("every default is a value that its option may have, as the model would say it:", () => {
  for (const { name, list } of whole) {
    test(name, () => {
      const refused = list.records.flatMap((record) => {
        const { default: value, secret: _, ...open } = record;
        if (value === undefined || value === null || isSample(record)) return [];
        const read = readListed(said(value as Json), open, "x");
        return isRefusal(read)
          ? [
              `[${record.group}] ${record.name} ${record.type}: ${JSON.stringify([value, read.kind === "wrong" ? [read.shown, read.wants] : read.kind])}`,
            ]
          : [];
      });
      assert.deepEqual(refused, []);
    });
  }
});
