import type { At, Value } from "../model/value.ts";
import { passwordOf } from "../pillar/envelope.ts";
import { isWhole, namesIn, type Part, parseParts } from "../pillar/placeholder.ts";
import { isNull, textOf } from "../pillar/value.ts";
import type { Json } from "../schema/json.ts";
import { describe, readText, type Wanted } from "../schema/wanted.ts";
import { kindOf } from "./kinds.ts";
import type { OptionRecord } from "./list.ts";
import type { Leaf, Lines } from "./said.ts";

/** Why a value cannot be an option's. `shown` is undefined where it may be a secret. */
export type Refusal =
  | { readonly kind: "wrong"; readonly at: At; readonly shown: string | undefined; readonly wants: string }
  | { readonly kind: "open"; readonly at: At }
  | { readonly kind: "malformed"; readonly at: At };

type Read = Lines | Refusal;
type ReadLeaf = Leaf | Refusal;

export const isRefusal = (read: object): read is Refusal => "kind" in read;

const quoted = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);

const shapeWords: Readonly<Record<Value["kind"], string>> = {
  mapping: "a mapping",
  sequence: "a list",
  scalar: "a single value",
};

/** What a value may be where no list says it. */
const anything: Wanted = { kind: "string", empty: true };

/** A URL without a password says none, although its option counts as a secret. */
const isOpenUrl = (text: string): boolean => /^[\w+.-]+:\/\//.test(text) && !passwordOf(text).written;

/** @returns whether literal text in a value shows a secret. */
function isInTheClear(text: string, parts: readonly Part[], secret: boolean): boolean {
  if (text === "") return false;
  const url = passwordOf(text);
  if (url.written) return true;
  if (!secret) return false;
  return namesIn(parts).length === 0 && !isOpenUrl(text);
}

/** Reads one value. `path` is its place, for dynamic parameters. */
function readLeaf(value: Value, wanted: Wanted, path: string, typed: boolean): ReadLeaf {
  const { at } = value;
  const wants = describe(wanted);
  if (value.kind !== "scalar") return { kind: "wrong", at, shown: shapeWords[value.kind], wants };
  if (isNull(value)) return { kind: "wrong", at, shown: "nothing", wants };
  const text = textOf(value);
  const parts = parseParts(text);
  if ("malformedAt" in parts) return { kind: "malformed", at };
  if (isInTheClear(text, parts, wanted.secret === true)) return { kind: "open", at };
  if (namesIn(parts).length > 0) {
    if (!isWhole(parts) && wanted.kind !== "string")
      return { kind: "wrong", at, shown: "a parameter within a text", wants };
    // A URL's password is one, whatever the list says of the option.
    const secret = wanted.secret || passwordOf(text).names.length > 0;
    return { at: { path, parts, wanted: secret ? { ...wanted, secret: true } : wanted } };
  }
  const literal = parts.join("");
  if (typed && typeof value.value !== "string" && value.value !== null && typeof value.value !== "object")
    return { is: typeof value.value === "bigint" ? literal : value.value };
  const read = readText(literal, wanted);
  if (read.ok) return { is: read.value as Json };
  if (read.problem === "control")
    return { kind: "wrong", at, shown: "a text with a line break, a NUL or half a character", wants };
  return { kind: "wrong", at, shown: wanted.secret ? undefined : quoted(literal), wants };
}

/** Reads several values. @returns the first refusal, or all. */
function each(values: readonly Value[], wanted: Wanted, path: string): readonly Leaf[] | Refusal {
  const leaves: Leaf[] = [];
  for (const [index, value] of values.entries()) {
    const leaf = readLeaf(value, wanted, `${path}:${index}`, false);
    if (isRefusal(leaf)) return leaf;
    leaves.push(leaf);
  }
  return leaves;
}

/** A mapping as `name:value` items, as oslo.config's Dict has them. */
function names(value: Extract<Value, { kind: "mapping" }>, wanted: Wanted, path: string): readonly Leaf[] | Refusal {
  const leaves: Leaf[] = [];
  for (const [key, entry] of value.entries) {
    if (/[:,]/.test(key))
      return { kind: "wrong", at: entry.keyAt, shown: "a name with a colon or a comma", wants: "names without" };
    const leaf = readLeaf(entry.value, wanted, `${path}:${key}`, false);
    if (isRefusal(leaf)) return leaf;
    leaves.push(
      "is" in leaf
        ? { is: `${key}:${leaf.is}` }
        : { at: { ...leaf.at, parts: [`${key}:`, ...leaf.at.parts], wanted: { ...leaf.at.wanted, kind: "string" } } },
    );
  }
  return leaves;
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

/** Reads the value of an option that a list knows; null takes it out. */
export function readListed(value: Value, record: OptionRecord, path: string): Read {
  if (isNull(value)) return { lines: [] };
  const { shape, wanted } = kindOf(record);
  const items = { kind: "list", item: wanted, ...(wanted.secret ? { secret: true } : {}) } as const;
  switch (shape) {
    case "list":
      if (value.kind === "sequence") return asList(each(value.items, wanted, path));
      // `key =` is an empty list.
      if (value.kind === "scalar" && textOf(value) === "") return { lines: [[]], list: true };
      break;
    case "names":
      if (value.kind === "mapping") return asList(names(value, wanted, path));
      if (value.kind === "sequence") break;
      return oneLine(readLeaf(value, wanted, path, false));
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
  if (value.kind !== "scalar") {
    const wants = shape === "names" ? "a mapping of names to values" : describe(items);
    return { kind: "wrong", at: value.at, shown: shapeWords[value.kind], wants };
  }
  return oneLine(readLeaf(value, items, path, false));
}

const isParameter = (value: Extract<Value, { kind: "scalar" }>): boolean => {
  const parts = parseParts(textOf(value));
  return !("malformedAt" in parts) && isWhole(parts);
};

const oneLine = (leaf: ReadLeaf): Read => (isRefusal(leaf) ? leaf : { lines: [[leaf]] });

/** Reads the value of an option that no list knows: as the model has it; a list is a line for each item. */
export function readFree(value: Value, path: string): Read {
  if (isNull(value)) return { lines: [] };
  if (value.kind !== "sequence") return oneLine(readLeaf(value, anything, path, true));
  const lines: (readonly Leaf[])[] = [];
  for (const [index, item] of value.items.entries()) {
    const leaf = readLeaf(item, anything, `${path}:${index}`, true);
    if (isRefusal(leaf)) return leaf;
    lines.push([leaf]);
  }
  return { lines };
}

/** Splits the parts of a text at blanks: a blank within a parameter's value divides nothing. */
function wordsOf(parts: readonly Part[]): readonly (readonly Part[])[] {
  const words: Part[][] = [];
  let open = false;
  for (const part of parts) {
    if (typeof part === "object") {
      if (!open) words.push([]);
      words.at(-1)?.push(part);
      open = true;
      continue;
    }
    for (const piece of part.match(/ +|[^ ]+/g) ?? []) {
      if (piece.startsWith(" ")) open = false;
      else {
        if (!open) words.push([]);
        words.at(-1)?.push(piece);
        open = true;
      }
    }
  }
  return words;
}

const unclean = /[\n\r\0\t]/;

function wordsLine(value: Value, path: string): readonly Leaf[] | Refusal {
  const { at } = value;
  const wants = "words in one line, or a list of words";
  if (value.kind === "mapping") return { kind: "wrong", at, shown: shapeWords.mapping, wants };
  if (value.kind === "sequence") return each(value.items, anything, path);
  if (value.value === true) return [];
  const text = textOf(value);
  if (text === "" || value.value === false || unclean.test(text))
    return { kind: "wrong", at, shown: quoted(text), wants: `true for a word that stands alone, or ${wants}` };
  const parts = parseParts(text);
  if ("malformedAt" in parts) return { kind: "malformed", at };
  return wordsOf(parts).map((word, index): Leaf => {
    const names = namesIn(word);
    return names.length === 0
      ? { is: word.join("") }
      : { at: { path: `${path}:${index}`, parts: word, wanted: anything } };
  });
}

/**
 * Reads the value of HAProxy's words: a text is words with blanks between them, a list is a line for each item, and an item that is
 * a list itself has words that may hold blanks. `true` is a keyword without any.
 */
export function readWords(value: Value, path: string): Read {
  if (isNull(value)) return { lines: [] };
  if (value.kind !== "sequence") {
    const line = wordsLine(value, path);
    return "length" in line ? { lines: [line] } : line;
  }
  const lines: (readonly Leaf[])[] = [];
  for (const [index, item] of value.items.entries()) {
    const line = wordsLine(item, `${path}:${index}`);
    if (!("length" in line)) return line;
    lines.push(line);
  }
  return { lines };
}
