import type { Diagnostic } from "../../../src/diagnostics/diagnostic.ts";
import { readRecipe } from "../../../src/image/recipe.ts";
import type { Model } from "../../../src/model/model.ts";
import type { Value } from "../../../src/model/value.ts";
import { placeOf } from "../../../src/pillar/place.ts";

/** Where the model says something: the first node that does, and the value's place. */
export type Where = (path: readonly string[]) => Pick<Diagnostic, "place" | "path" | "node">;

function valueAt(value: Value | undefined, [key, ...rest]: readonly string[]): Value | undefined {
  if (key === undefined || value === undefined) return value;
  return value.kind === "mapping" ? valueAt(value.entries.get(key)?.value, rest) : undefined;
}

/** @returns how places are found in a model; nothing is found in what cannot be compiled. */
export function placesIn(model: Model): Where {
  const nodes = model.nodes.flatMap((name) => {
    const node = model.compile(name);
    if (!node.ok) return [];
    const recipe = readRecipe(name, node.value.parameters);
    return recipe.ok && recipe.value ? [{ name, parameters: node.value.parameters }] : [];
  });
  return (path) => {
    for (const { name, parameters } of nodes) {
      const value = valueAt(parameters, path);
      if (value) return { place: placeOf(value.at), path: path.join(":"), node: name };
    }
    return {};
  };
}
