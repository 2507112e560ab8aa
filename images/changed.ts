import { builtFrom } from "../src/image/built-from.ts";
import { type Row, withChildren } from "../src/image/catalog.ts";
import type { Model } from "../src/model/model.ts";

/**
 * @param before the model as it was; undefined where it was broken, or none.
 * @returns the nodes whose images are not what they were, and those that stand on them: what `plinth model diff` names.
 */
export function changedSince(before: Model | undefined, rows: readonly Row[]): ReadonlySet<string> {
  const changed = rows.filter(({ node }) => {
    const old = before?.nodes.includes(node.name) ? before.compile(node.name) : undefined;
    return !old?.ok || builtFrom(old.value)?.text !== builtFrom(node)?.text;
  });
  return withChildren(rows, new Set(changed.map(({ recipe }) => recipe.node)));
}
