import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { onceEach } from "../diagnostics/once.ts";
import type { CompiledNode, Model } from "../model/model.ts";
import { imageMessage } from "./messages.ts";
import { isOfItsRelease, type Recipe, readRecipe } from "./recipe.ts";

/** An image of the model, with all that its node says. */
export type Row = { readonly recipe: Recipe; readonly node: CompiledNode };

/** Parents before what stands on them, or why there is no such order. */
function inOrder(rows: readonly Row[]): Result<readonly Row[]> {
  const byNode = new Map(rows.map((row) => [row.recipe.node, row]));
  const ordered = new Set<Row>();
  const diagnostics: Diagnostic[] = [];
  const place = (row: Row, above: readonly string[]): void => {
    const { node, parent } = row.recipe;
    if (ordered.has(row)) return;
    if (above.includes(node)) {
      diagnostics.push(imageMessage("parent-cycle", { nodes: [...above.slice(above.indexOf(node)), node] }));
      return;
    }
    const below = parent === null ? undefined : byNode.get(parent);
    if (below) place(below, [...above, node]);
    else if (parent !== null) {
      const near = nearest(parent, [...byNode.keys()]);
      diagnostics.push(imageMessage("parent-unknown", { node, parent, near }));
    }
    ordered.add(row);
  };
  for (const row of rows) place(row, []);
  return diagnostics.length > 0 ? failure(diagnostics) : success([...ordered]);
}

/** Compiles every node of a model. @returns the images that its release has, parents first, which is the order of building. */
export function imagesOf(model: Model): Result<readonly Row[]> {
  const rows: Row[] = [];
  const diagnostics: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  for (const name of model.nodes) {
    const node = model.compile(name);
    const recipe = node.ok ? readRecipe(name, node.value.parameters) : node;
    if (!recipe.ok) diagnostics.push(...recipe.diagnostics);
    else if (node.ok && recipe.value && isOfItsRelease(recipe.value))
      rows.push({ recipe: recipe.value, node: node.value });
    if (node.ok) warnings.push(...node.warnings);
  }
  if (diagnostics.length > 0) return failure(onceEach([...warnings, ...diagnostics]));
  const ordered = inOrder(rows);
  return ordered.ok ? success(ordered.value, warnings) : ordered;
}

/** @returns the images of these nodes and of all they stand on, in the order of `rows`: parents first. */
export function withParents<T extends Pick<Row, "recipe">>(
  rows: readonly T[],
  nodes: ReadonlySet<string>,
): readonly T[] {
  const wanted = new Set(nodes);
  for (const { recipe } of rows.toReversed()) {
    if (wanted.has(recipe.node) && recipe.parent !== null) wanted.add(recipe.parent);
  }
  return rows.filter(({ recipe }) => wanted.has(recipe.node));
}

/** @returns these nodes and all that stand on them. */
export function withChildren(rows: readonly Pick<Row, "recipe">[], nodes: ReadonlySet<string>): ReadonlySet<string> {
  const wanted = new Set(nodes);
  for (const { recipe } of rows) if (recipe.parent !== null && wanted.has(recipe.parent)) wanted.add(recipe.node);
  return wanted;
}
