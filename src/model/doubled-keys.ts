import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { shownKey } from "../diagnostics/source-line.ts";
import { keysAbove } from "./locate.ts";
import { modelMessage } from "./messages.ts";
import { placeOf } from "./place.ts";
import { scalarText } from "./python.ts";
import type { Scalar } from "./scalar.ts";
import type { Slot, Written } from "./slot.ts";
import type { At } from "./value.ts";

/** A key that stands a second time in a mapping: YAML 1.1 as PyYAML reads it keeps what comes last, and says nothing. */
export type DoubledKey = {
  readonly key: Scalar;
  /** The one whose value is dropped. */
  readonly first: At;
  readonly again: At;
  /** Two keys to YAML, whose texts are the same: reclass puts the later over the earlier. */
  readonly merges: boolean;
  readonly within: Written;
};

/** Keys of one file that are told of one by one; a file that was pasted into itself has hundreds. */
const reportLimit = 5;

/** @returns the keys that lead to each of these mappings; of one that has several aliases, the first way. */
function pathsOf(mappings: ReadonlySet<Slot>, content: Slot): ReadonlyMap<Slot, readonly string[]> {
  const found = new Map<Slot, readonly string[]>();
  const seen = new Set<Slot>();
  const visit = (slot: Slot, path: readonly string[]): void => {
    if (seen.has(slot)) return;
    seen.add(slot);
    if (mappings.has(slot)) found.set(slot, path);
    if (slot.kind === "list") for (const [index, item] of slot.items.entries()) visit(item, [...path, String(index)]);
    if (slot.kind === "written") for (const { key, value } of slot.entries) visit(value, [...path, scalarText(key)]);
  };
  visit(content, []);
  return found;
}

const below = (path: readonly string[], key: string): readonly string[] =>
  path[0] === "parameters" ? [...path.slice(1), key] : [...path, key];

/** Of a mapping that was dropped itself there is nothing but its lines. */
function byLines({ file, start }: At, key: string): readonly string[] {
  const { line, column } = file.position(start);
  const keys = keysAbove(file.lines, line) ?? [];
  const isFirst = /^[\s-]*$/.test((file.lines[line - 1] ?? "").slice(0, column - 1));
  return isFirst && keys.length > 0 ? keys : [...keys, key];
}

/** Warns of keys that stand twice, each with both of its lines. */
export function doubledKeys(doubled: readonly DoubledKey[], content: Slot): readonly Diagnostic[] {
  if (doubled.length === 0) return [];
  const paths = pathsOf(new Set(doubled.map(({ within }) => within)), content);
  const ordered = doubled.toSorted((one, other) => one.again.start - other.again.start);
  return ordered.slice(0, reportLimit).map(({ key, first, again, merges, within }, index) => {
    const name = shownKey(scalarText(key));
    const { line } = first.file.position(first.start);
    const more =
      index === reportLimit - 1
        ? ordered.slice(reportLimit).map(({ again: at }) => at.file.position(at.start).line)
        : [];
    const diagnostic = modelMessage("key-twice", { key: name, line, merges, more }, placeOf(again));
    const known = paths.get(within);
    const keys = known ? below(known, scalarText(key)) : byLines(again, scalarText(key));
    return { ...diagnostic, path: keys.join(":") };
  });
}
