import type { At, Value } from "../model/value.ts";
import { passwordOf } from "../pillar/envelope.ts";
import { isWhole, namesIn, type Part, parseParts } from "../pillar/placeholder.ts";
import { isNull, type ScalarValue, textOf } from "../pillar/value.ts";
import type { Json } from "../schema/json.ts";
import { describe, readText, type Wanted } from "../schema/wanted.ts";
import type { Leaf } from "./said.ts";
import { booleanWord, otherNumber } from "./written.ts";

/** Why a value cannot be an option's. `shown` is undefined where it may be a secret. */
export type Refusal =
  | { readonly kind: "wrong"; readonly at: At; readonly shown: string | undefined; readonly wants: string }
  | { readonly kind: "open"; readonly at: At }
  | { readonly kind: "malformed"; readonly at: At };

export type ReadLeaf = Leaf | Refusal;

export const isRefusal = (read: object): read is Refusal => "kind" in read;

export const quoted = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);

export const shapeWords: Readonly<Record<Value["kind"], string>> = {
  mapping: "a mapping",
  sequence: "a list",
  scalar: "a single value",
};

/** What a value may be where no list says it. */
export const anything: Wanted = { kind: "string", empty: true };

/** A URL without a password says none, although its option counts as a secret. */
const isOpenUrl = (text: string): boolean => /^[\w+.-]+:\/\//.test(text) && !passwordOf(text).written;

/** @returns whether literal text in a value shows a secret, or a part of one. */
function isInTheClear(text: string, parts: readonly Part[], secret: boolean): boolean {
  const url = passwordOf(text);
  if (url.written) return true;
  if (!secret || isOpenUrl(text) || url.names.length > 0) return false;
  return parts.some((part) => typeof part === "string" && (namesIn(parts).length === 0 || /[\p{L}\p{N}]/u.test(part)));
}

export const misread = (word: string, value: ScalarValue): Refusal => ({
  kind: "wrong",
  at: value.at,
  shown: `${word}, which YAML reads as ${textOf(value)},`,
  wants: "the number in decimal, or a text in quotes",
});

/** Reads one value. `path` is its place, for dynamic parameters. */
export function readLeaf(value: Value, wanted: Wanted, path: string, typed: boolean): ReadLeaf {
  const { at } = value;
  const wants = describe(wanted);
  if (value.kind !== "scalar") return { kind: "wrong", at, shown: shapeWords[value.kind], wants };
  if (isNull(value)) return { kind: "wrong", at, shown: "nothing", wants };
  const other = otherNumber(value);
  if (other !== undefined) return misread(other, value);
  const text = (wanted.kind === "string" && !typed ? booleanWord(value) : undefined) ?? textOf(value);
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
export function each(values: readonly Value[], wanted: Wanted, path: string): readonly Leaf[] | Refusal {
  const leaves: Leaf[] = [];
  for (const [index, value] of values.entries()) {
    const leaf = readLeaf(value, wanted, `${path}:${index}`, false);
    if (isRefusal(leaf)) return leaf;
    leaves.push(leaf);
  }
  return leaves;
}

/** @returns whether a value is nothing but one dynamic parameter. */
export const isParameter = (value: ScalarValue): boolean => {
  const parts = parseParts(textOf(value));
  return !("malformedAt" in parts) && isWhole(parts);
};

/** Splits the parts of a text at a character: one within a parameter's value divides nothing. */
export function divided(parts: readonly Part[], at: " " | ","): readonly (readonly Part[])[] {
  const words: Part[][] = [];
  let open = false;
  for (const part of parts) {
    if (typeof part === "object") {
      if (!open) words.push([]);
      words.at(-1)?.push(part);
      open = true;
      continue;
    }
    for (const piece of part.match(at === "," ? /,+|[^,]+/g : / +|[^ ]+/g) ?? []) {
      if (piece.startsWith(at)) open = false;
      else {
        if (!open) words.push([]);
        words.at(-1)?.push(piece);
        open = true;
      }
    }
  }
  return words;
}
