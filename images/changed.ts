import { valueJson } from "../src/model/json.ts";
import type { CompiledNode, Model } from "../src/model/model.ts";
import type { Value } from "../src/model/value.ts";
import { type Row, withChildren } from "./catalog.ts";

/** What an image is built from, as text: its pillar, which is what has no `_` before its name, and `_image`. */
function builtFrom({ parameters }: CompiledNode): string {
  const entries = parameters.kind === "mapping" ? [...parameters.entries] : [];
  const counts = entries.filter(([key]) => !key.startsWith("_") || key === "_image");
  const texts = counts.map(([key, { value }]: readonly [string, { readonly value: Value }]) => [key, valueJson(value)]);
  return JSON.stringify(texts.sort(([one = ""], [other = ""]) => (one < other ? -1 : 1)));
}

/**
 * @param before the model as it was; undefined where it was broken, or none.
 * @returns the nodes whose images are not what they were, and those that stand on them.
 */
export function changedSince(before: Model | undefined, rows: readonly Row[]): ReadonlySet<string> {
  const changed = rows.filter(({ node }) => {
    const old = before?.nodes.includes(node.name) ? before.compile(node.name) : undefined;
    return !old?.ok || builtFrom(old.value) !== builtFrom(node);
  });
  return withChildren(rows, new Set(changed.map(({ recipe }) => recipe.node)));
}
