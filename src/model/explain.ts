import { failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { Fault } from "./fault.ts";
import { modelMessage } from "./messages.ts";
import type { MergedNode, Model } from "./model.ts";
import { placeName } from "./place.ts";
import { scalarText } from "./python.ts";
import { splitPath, type Template, templateText } from "./reference.ts";
import { atOf, childOf, type Layer, type Slot } from "./slot.ts";
import type { At, Value } from "./value.ts";

/** One class that says something of a value. */
export type Setting = {
  /** The class, or the node itself. */
  readonly name: string;
  /** How it became part of the node: the node, then each class that includes the next. */
  readonly through: readonly string[];
  /** `file:line:column`. */
  readonly place: string;
  /** As it was written: `${_param:workers}`; a list or mapping says only that it is one. */
  readonly written: string;
  /** Written with `~`: what was before is gone. */
  readonly overwrites: boolean;
  /** Written with `=`: nothing may come after. */
  readonly constant: boolean;
  /** What its references point to, each explained in turn. */
  readonly references: readonly Explanation[];
};

/** Where a value comes from: what sets it, the one that counts last. */
export type Explanation = {
  readonly path: string;
  readonly value: Value;
  readonly settings: readonly Setting[];
};

/** References are followed this deep; a cycle never gets here, since the node would not compile. */
const followed = 20;

const slotText = (slot: Slot): string => {
  if (slot.kind === "scalar") return slot.value === null ? "null" : scalarText(slot.value);
  if (slot.kind === "text") return templateText(slot.template);
  return slot.kind === "list" ? "a list" : "a mapping";
};

/** A layer of a class, and the keys of the path that lead on from it: below a reference, they lead on where that points to. */
type Slice = Layer & { readonly rest: readonly string[] };

/** The slots at a path in one class, and the flags on the way; a slot above it that hides the path counts for it. */
function sliceOf(root: Slot, path: readonly string[]): readonly Slice[] {
  let slices: readonly Slice[] = [{ slot: root, overwrite: false, constant: false, rest: path }];
  for (const key of path) slices = slices.flatMap((slice) => belowOf(slice, key));
  return slices;
}

function belowOf(slice: Slice, key: string): readonly Slice[] {
  const { slot } = slice;
  const rest = slice.rest.slice(1);
  if (slot.kind === "text" || slot.kind === "scalar") return [slice];
  if (slot.kind === "layers") return slot.layers.flatMap((layer) => belowOf({ ...layer, rest: slice.rest }, key));
  const found = slot.kind === "list" ? (/^\d+$/.test(key) ? slot.items[Number(key)] : undefined) : childOf(slot, key);
  // What stands behind `~` replaces all of it, also what it does not name.
  if (found === undefined) return slice.overwrite ? [slice] : [];
  if (found.kind === "layers") return found.layers.map((layer) => ({ ...layer, rest }));
  return [{ ...slice, slot: found, rest }];
}

class Explaining {
  readonly #node: MergedNode;
  readonly #delimiter: string;
  constructor(node: MergedNode, delimiter: string) {
    this.#node = node;
    this.#delimiter = delimiter;
  }

  valueAt(path: readonly string[]): Value | Fault | undefined {
    const { evaluation } = this.#node;
    let slot: Slot = this.#node.parameters;
    for (const key of path) {
      const solid = evaluation.solid(slot);
      if (solid instanceof Fault) return solid;
      const next: Slot | undefined =
        solid.kind === "list" && /^\d+$/.test(key) ? solid.items[Number(key)] : childOf(solid, key);
      if (next === undefined) return undefined;
      slot = next;
    }
    const faults = new Set<Fault>();
    return evaluation.finish(slot, faults) ?? [...faults][0];
  }

  explain(path: readonly string[], depth = 0): Explanation | undefined {
    const value = this.valueAt(path);
    if (value === undefined || value instanceof Fault) return undefined;
    const chains = this.#node.chains();
    const settings = this.#node.entities.flatMap((entity) =>
      sliceOf(entity.parameters, path).map(({ slot, overwrite, constant, rest }): Setting => {
        const at: At = atOf(slot);
        return {
          name: entity.name,
          through: chains.get(entity.file) ?? [],
          place: placeName(at),
          written: slotText(slot),
          overwrites: overwrite,
          constant,
          references: depth < followed && slot.kind === "text" ? this.#references(slot.template, rest, depth) : [],
        };
      }),
    );
    return { path: path.join(this.#delimiter), value, settings };
  }

  #references(template: Template, rest: readonly string[], depth: number): readonly Explanation[] {
    return template.flatMap((piece) => {
      if (typeof piece === "string" || piece.kind === "query" || piece.path === undefined) return [];
      return this.explain([...piece.path.keys, ...rest], depth + 1) ?? [];
    });
  }
}

/** @returns which classes set the value at a path below `parameters`, in the order in which they merge. */
export function explainPath(model: Model, name: string, path: string): Result<Explanation> {
  const merged = model.merge(name);
  if (!merged.ok) return merged;
  const keys = splitPath(path, model.settings.syntax);
  const explaining = new Explaining(merged.value, model.settings.syntax.delimiter);
  const value = explaining.valueAt(keys);
  if (value instanceof Fault) return failure(merged.value.located([value.diagnostic]));
  const explanation = explaining.explain(keys);
  if (explanation) return success(explanation, merged.warnings);
  const above = explaining.valueAt(keys.slice(0, -1));
  const known = above && !(above instanceof Fault) && above.kind === "mapping" ? [...above.entries.keys()] : [];
  const last = nearest(keys.at(-1) ?? "", known);
  const near = last === undefined ? undefined : [...keys.slice(0, -1), last].join(model.settings.syntax.delimiter);
  const message = { path, node: name, nearest: near };
  return failure([{ ...modelMessage("path-unknown", message, { kind: "named", name }), path, node: name }]);
}
