import { valueJson } from "./json.ts";
import type { CompiledNode } from "./model.ts";
import type { Value } from "./value.ts";

/** The parts of a node. A path of a change is below its part; that of a whole part is empty. */
export type Part = "parameters" | "exports" | "environment" | "classes" | "applications";

/** One difference; a side that is undefined has nothing there. */
export type Change = {
  readonly part: Part;
  readonly path: readonly string[];
  readonly before: Value | undefined;
  readonly after: Value | undefined;
};

export type NodeChange = {
  readonly node: string;
  readonly change: "added" | "removed" | "changed";
  readonly changes: readonly Change[];
};

/** Scalars are equal when they are the same JSON: 1 and 1.0 are not, since a template would show them differently. */
const isSame = (before: Value, after: Value): boolean => {
  if (before.kind !== "scalar" || after.kind !== "scalar") return false;
  return before.value === after.value || valueJson(before) === valueJson(after);
};

/**
 * Adds what differs below a path. Lists of the same length are compared item by item; where one is longer nobody can tell
 * which items are the same ones, so the whole list is the change.
 */
function compare(
  before: Value,
  after: Value,
  at: { readonly part: Part; readonly path: readonly string[] },
  found: Change[],
): void {
  const below = (key: string) => ({ part: at.part, path: [...at.path, key] });
  if (before.kind === "mapping" && after.kind === "mapping") {
    for (const [key, { value }] of before.entries) {
      const other = after.entries.get(key)?.value;
      if (other) compare(value, other, below(key), found);
      else found.push({ ...below(key), before: value, after: undefined });
    }
    for (const [key, { value }] of after.entries) {
      if (!before.entries.has(key)) found.push({ ...below(key), before: undefined, after: value });
    }
  } else if (before.kind === "sequence" && after.kind === "sequence" && before.items.length === after.items.length) {
    for (const [index, item] of before.items.entries()) {
      compare(item, after.items[index] as Value, below(String(index)), found);
    }
  } else if (!isSame(before, after)) found.push({ ...at, before, after });
}

const names = (texts: readonly string[], { at }: Value): Value => ({
  kind: "sequence",
  items: texts.map((value) => ({ kind: "scalar", value, at })),
  at,
});

const isSameList = (before: readonly string[], after: readonly string[]): boolean =>
  before.length === after.length && before.every((name, index) => name === after[index]);

/** @returns what differs between a node as it was and as it is; undefined where nothing does. */
export function compareNodes(
  before: CompiledNode | undefined,
  after: CompiledNode | undefined,
): NodeChange | undefined {
  const node = (after ?? before)?.name ?? "";
  if (!before) return after && { node, change: "added", changes: [] };
  if (!after) return { node, change: "removed", changes: [] };
  const changes: Change[] = [];
  for (const part of ["parameters", "exports", "environment"] as const) {
    compare(before[part], after[part], { part, path: [] }, changes);
  }
  for (const part of ["classes", "applications"] as const) {
    if (isSameList(before[part], after[part])) continue;
    const sides = { before: names(before[part], before.parameters), after: names(after[part], after.parameters) };
    changes.push({ part, path: [], ...sides });
  }
  return changes.length > 0 ? { node, change: "changed", changes } : undefined;
}
