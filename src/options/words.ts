import type { Value } from "../model/value.ts";
import { namesIn, parseParts } from "../pillar/placeholder.ts";
import { isNull, textOf } from "../pillar/value.ts";
import { anything, divided, each, misread, quoted, type Refusal, shapeWords } from "./leaf.ts";
import type { Leaf, Lines } from "./said.ts";
import { otherNumber } from "./written.ts";

const unclean = /[\n\r\0\t]/;

function wordsLine(value: Value, path: string): readonly Leaf[] | Refusal {
  const { at } = value;
  const wants = "words in one line, or a list of words";
  if (value.kind === "mapping") return { kind: "wrong", at, shown: shapeWords.mapping, wants };
  if (value.kind === "sequence") return each(value.items, anything, path);
  const other = otherNumber(value);
  if (other !== undefined) return misread(other, value);
  if (value.value === true) return [];
  const text = textOf(value);
  if (text === "" || value.value === false || unclean.test(text))
    return { kind: "wrong", at, shown: quoted(text), wants: `true for a word that stands alone, or ${wants}` };
  const parts = parseParts(text);
  if ("malformedAt" in parts) return { kind: "malformed", at };
  return divided(parts, " ").map((word, index): Leaf => {
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
export function readWords(value: Value, path: string): Lines | Refusal {
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
