import type { At, Value } from "../model/value.ts";
import { namesIn, parseParts } from "../pillar/placeholder.ts";
import { isNull, type ScalarValue, textOf } from "../pillar/value.ts";
import type { Json } from "../schema/json.ts";
import { describe, type Wanted } from "../schema/wanted.ts";
import { dicts, isDynamic, names } from "./dicts.ts";
import { kindOf } from "./kinds.ts";
import {
  anything,
  each,
  isParameter,
  isRefusal,
  quoted,
  type ReadLeaf,
  type Refusal,
  readLeaf,
  shapeWords,
} from "./leaf.ts";
import type { OptionRecord } from "./list.ts";
import { dict } from "./patterns.ts";
import type { Leaf, Lines } from "./said.ts";

type Read = Lines | Refusal;

/** A list in brackets may be a text with them, as it stands in a file. */
function withoutBrackets(value: ScalarValue): typeof value | undefined {
  if (isParameter(value)) return value;
  const inner = /^\s*\[(.*)\]\s*$/.exec(textOf(value))?.[1];
  return inner === undefined ? undefined : { ...value, value: inner.trim() };
}

/** Reads a list that oslo.config wants in brackets: `[a,b]`. */
function readBracketed(value: Value, record: OptionRecord, path: string): Read {
  const { bounds: _, ...plain } = record;
  const inner = value.kind === "scalar" && textOf(value) !== "" ? withoutBrackets(value) : value;
  const read = inner && readListed(inner, plain, path);
  if (!read) {
    const wants = `${describe({ kind: "list", item: kindOf(record).wanted })}, in brackets`;
    return { kind: "wrong", at: value.at, shown: quoted(textOf(value as ScalarValue)), wants };
  }
  return isRefusal(read) || read.lines.length === 0 ? read : { ...read, bounds: true };
}

const asList = (items: readonly Leaf[] | Refusal): Read => ("length" in items ? { lines: [items], list: true } : items);

/** @returns a mapping or list without dynamic parameters as plain data, or undefined. */
function plain(value: Value): Json | undefined {
  if (value.kind === "scalar") {
    const parts = parseParts(textOf(value));
    if ("malformedAt" in parts || namesIn(parts).length > 0) return undefined;
    const { value: own } = value;
    return own === null || typeof own === "boolean" || typeof own === "number" ? own : parts.join("");
  }
  if (value.kind === "sequence") {
    const items = value.items.map(plain);
    return items.includes(undefined) ? undefined : (items as Json[]);
  }
  const entries = [...value.entries].map(([key, entry]) => [key, plain(entry.value)] as const);
  return entries.some(([, one]) => one === undefined) ? undefined : (Object.fromEntries(entries) as Json);
}

/** Lines of which some may be mappings, which oslo's options take as JSON: nova's [pci] device_spec. */
function repeated(values: readonly Value[], wanted: Wanted, path: string): Read {
  const lines: (readonly Leaf[])[] = [];
  for (const [index, value] of values.entries()) {
    const json = value.kind === "mapping" ? plain(value) : undefined;
    const leaf = json === undefined ? readLeaf(value, wanted, `${path}:${index}`, false) : { is: JSON.stringify(json) };
    if (isRefusal(leaf)) return leaf;
    lines.push([leaf]);
  }
  return { lines, repeats: true };
}

function choiceRefused(leaf: Leaf, record: OptionRecord, at: At): Refusal | undefined {
  const { choices, type } = record;
  if (!choices || type === "Str" || !("is" in leaf) || typeof leaf.is !== "number") return undefined;
  return choices.map(Number).includes(leaf.is)
    ? undefined
    : { kind: "wrong", at, shown: String(leaf.is), wants: `one of ${choices.join(", ")}` };
}

/** The items of a text with commas in which parameters stand. */
function pieces(value: ScalarValue, wanted: Wanted, path: string): readonly Leaf[] | Refusal {
  // No name of a parameter has a comma.
  const texts = textOf(value)
    .split(",")
    .map((text) => text.trim())
    .filter((text) => text !== "");
  return each(
    texts.map((text) => ({ ...value, value: text })),
    wanted,
    path,
  );
}

/** A parameter that gives a whole Dict. */
const named = ({ secret }: Wanted): Wanted => ({
  ...anything,
  pattern: [dict, "names with values, such as a:b,c:d"],
  ...(secret ? { secret } : {}),
});

function dictText(value: Value, wanted: Wanted, path: string): Read {
  const lines = dicts([value], wanted, path);
  return "length" in lines ? { lines, list: true } : lines;
}

/** Reads the value of an option that a list knows; null takes it out. */
export function readListed(value: Value, record: OptionRecord, path: string): Read {
  if (isNull(value)) return { lines: [] };
  if (record.bounds) return readBracketed(value, record, path);
  const { shape, wanted } = kindOf(record);
  const items = { kind: "list", item: wanted, ...(wanted.secret ? { secret: true } : {}) } as const;
  if (record.item?.type === "Dict" && shape !== "names" && !(value.kind === "scalar" && isParameter(value))) {
    const lines = dicts(value.kind === "sequence" ? value.items : [value], wanted, path);
    if (!("length" in lines)) return lines;
    return { lines: shape === "list" ? [lines.flat()] : lines, list: true };
  }
  switch (shape) {
    case "list":
      if (value.kind === "sequence") return asList(each(value.items, wanted, path));
      // `key =` is an empty list.
      if (value.kind === "scalar" && textOf(value) === "") return { lines: [[]], list: true };
      break;
    case "names":
      if (value.kind === "mapping") return asList(names(value, wanted, path));
      if (value.kind === "sequence") break;
      if (isParameter(value)) return oneLine(readLeaf(value, named(wanted), path, false));
      return dictText(value, wanted, path);
    case "lines":
      if (value.kind === "sequence") return repeated(value.items, wanted, path);
      if (value.kind === "mapping") return repeated([value], wanted, path);
      if (value.kind === "scalar" && isParameter(value)) {
        const leaf = readLeaf(value, items, path, false);
        return isRefusal(leaf) ? leaf : { lines: [[leaf]], repeats: true };
      }
      return oneLine(readLeaf(value, wanted, path, false));
    default: {
      const leaf = readLeaf(value, wanted, path, false);
      return (isRefusal(leaf) ? undefined : choiceRefused(leaf, record, value.at)) ?? oneLine(leaf);
    }
  }
  if (value.kind === "scalar" && isDynamic(value) && !isParameter(value)) return asList(pieces(value, wanted, path));
  if (value.kind !== "scalar") {
    const wants = shape === "names" ? "a mapping of names to values" : describe(items);
    return { kind: "wrong", at: value.at, shown: shapeWords[value.kind], wants };
  }
  return oneLine(readLeaf(value, items, path, false));
}

const oneLine = (leaf: ReadLeaf): Read => (isRefusal(leaf) ? leaf : { lines: [[leaf]] });

/** Where no list says which options are secret, their names do: `default_pass`, `vnc_password`. */
const secretName = /(?:^|[._-])(?:pass|password|passwd|secret)$/i;

/** Reads the value of an option that no list knows: as the model has it; a list is a line for each item. */
export function readFree(value: Value, option: string, path: string): Read {
  if (isNull(value)) return { lines: [] };
  const wanted: Wanted = secretName.test(option) ? { ...anything, secret: true } : anything;
  if (value.kind !== "sequence") return oneLine(readLeaf(value, wanted, path, true));
  const lines: (readonly Leaf[])[] = [];
  for (const [index, item] of value.items.entries()) {
    const leaf = readLeaf(item, wanted, `${path}:${index}`, true);
    if (isRefusal(leaf)) return leaf;
    lines.push([leaf]);
  }
  return { lines };
}
