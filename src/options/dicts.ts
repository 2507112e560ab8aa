import type { Value } from "../model/value.ts";
import { namesIn, parseParts } from "../pillar/placeholder.ts";
import { type ScalarValue, textOf } from "../pillar/value.ts";
import { describe, readText, type Wanted } from "../schema/wanted.ts";
import { anything, divided, isRefusal, quoted, type Refusal, readLeaf } from "./leaf.ts";
import type { Leaf } from "./said.ts";

/** @returns whether a dynamic parameter stands in a value. */
export function isDynamic(value: Value): boolean {
  const parts = value.kind === "scalar" ? parseParts(textOf(value)) : [];
  return !("malformedAt" in parts) && namesIn(parts).length > 0;
}

/** A mapping as `name:value` items, as oslo.config's Dict has them. */
export function names(value: Extract<Value, { kind: "mapping" }>, of: Wanted, path: string): readonly Leaf[] | Refusal {
  const leaves: Leaf[] = [];
  // A secret mapping, such as cinder's replication_device, has its password in one of its values.
  const hidden = of.secret === true && [...value.entries.values()].some((entry) => isDynamic(entry.value));
  const { secret: _, ...open } = of;
  for (const [key, entry] of value.entries) {
    if (/[:,]/.test(key))
      return { kind: "wrong", at: entry.keyAt, shown: "a name with a colon or a comma", wants: "names without" };
    const wanted = hidden && !isDynamic(entry.value) ? open : of;
    const leaf = readLeaf(entry.value, wanted, `${path}:${key}`, false);
    if (isRefusal(leaf)) return leaf;
    leaves.push(
      "is" in leaf
        ? { is: `${key}:${leaf.is}` }
        : { at: { ...leaf.at, parts: [`${key}:`, ...leaf.at.parts], wanted: { ...anything, ...secrecy(leaf) } } },
    );
  }
  return leaves;
}

const secrecy = (leaf: Leaf): { readonly secret?: true } =>
  "at" in leaf && leaf.at.wanted.secret ? { secret: true } : {};

/** Dicts of which each is a line, or an item of a list; a text is one as it stands in a file. */
export function dicts(values: readonly Value[], wanted: Wanted, path: string): readonly (readonly Leaf[])[] | Refusal {
  const lines: (readonly Leaf[])[] = [];
  for (const [index, value] of values.entries()) {
    const here = `${path}:${index}`;
    if (value.kind === "mapping") {
      const leaves = names(value, wanted, here);
      if (!("length" in leaves)) return leaves;
      lines.push(leaves);
      continue;
    }
    const leaf = readLeaf(value, anything, here, false);
    if (isRefusal(leaf)) return leaf;
    if (wanted.secret && "is" in leaf && leaf.is !== "") return { kind: "open", at: value.at };
    const pairs = divided("is" in leaf ? [String(leaf.is)] : leaf.at.parts, ",").map((parts, at): Leaf | undefined => {
      if (namesIn(parts).length > 0)
        return {
          at: { path: `${here}:${at}`, parts, wanted: { ...anything, ...(wanted.secret ? { secret: true } : {}) } },
        };
      const pair = parts.join("").trim();
      const own = /^([^:]*[^:\s])\s*:\s*(.*)$/.exec(pair)?.[2];
      return own !== undefined && (own === "" || readText(own, wanted).ok) ? { is: pair } : undefined;
    });
    if (pairs.includes(undefined)) {
      const wants = `names with values, such as a:b,c:d, or a mapping, each value ${describe(wanted)}`;
      return {
        kind: "wrong",
        at: value.at,
        shown: wanted.secret ? undefined : quoted(textOf(value as ScalarValue)),
        wants,
      };
    }
    lines.push(pairs as readonly Leaf[]);
  }
  return lines;
}
