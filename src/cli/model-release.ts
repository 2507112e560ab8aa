import { releasePath } from "../image/recipe.ts";
import type { Model } from "../model/model.ts";
import { standingAt, textOf } from "../pillar/value.ts";

/** @returns the release that a model's nodes are of; undefined where no node says one. */
export function releaseOfModel(model: Model): string | undefined {
  for (const name of model.nodes) {
    const node = model.compile(name);
    const value = node.ok ? standingAt(node.value.parameters, releasePath) : undefined;
    if (value?.kind === "scalar") return textOf(value);
  }
  return undefined;
}
