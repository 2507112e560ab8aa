import type { Entity } from "./entity.ts";
import { automaticAt, branch, overrideAt } from "./given.ts";
import { mergeSlots, type Owned } from "./merge.ts";
import type { Branch, Slot } from "./slot.ts";

/**
 * Merges the parameters of one node after another. Nodes of a kind have the same classes, so what these make together is
 * kept: 2,000 nodes with 40 kinds merge 40 times, and then each only what it says itself.
 */
export class Merging {
  readonly #kinds = new Map<Entity, { readonly classes: readonly Entity[]; readonly merged: Branch }[]>();

  merge(entities: readonly Entity[]): Branch {
    const from = entities.findIndex((entity) => entity.file !== automaticAt.file);
    const to = entities.findLastIndex((entity) => entity.file !== overrideAt.file);
    const classes = entities.slice(from, to);
    // The last class says most of what a node is for.
    const last = classes.at(-1);
    if (last === undefined) return mergeAll(entities.map((entity) => entity.parameters));
    const kinds = this.#kinds.get(last) ?? [];
    this.#kinds.set(last, kinds);
    let kind = kinds.find(
      (each) => each.classes.length === classes.length && each.classes.every((one, at) => one === classes[at]),
    );
    if (!kind) {
      kind = { classes, merged: mergeAll(classes.map((entity) => entity.parameters)) };
      kinds.unshift(kind);
      kinds.length = Math.min(kinds.length, kindLimit);
    }
    const before = entities.slice(0, from).map((entity) => entity.parameters);
    const after = entities.slice(to).map((entity) => entity.parameters);
    return mergeAll([...before, kind.merged, ...after], Object.assign(new Set<Slot>(), { once: true as const }));
  }
}

/** Kinds of nodes that are kept for each last class. */
const kindLimit = 50;

/** Puts one branch over the other, the last over all. */
export function mergeAll(branches: readonly Branch[], owned: Owned = new Set()): Branch {
  const empty: Branch = { ...branch({}, automaticAt), ...(owned.once ? { once: true } : {}) };
  owned.add(empty);
  let merged: Slot = empty;
  for (const each of branches) if (each.entries.size > 0) merged = mergeSlots(merged, each, owned);
  return merged as Branch;
}
