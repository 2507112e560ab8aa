import type { Fault } from "./fault.ts";
import type { Finished } from "./finish.ts";
import type { Known } from "./ownership.ts";
import type { Template } from "./reference.ts";
import type { Scalar } from "./scalar.ts";
import type { At } from "./value.ts";

/**
 * One value of the model before references are resolved. Trees of slots are shared between nodes and never changed, but for
 * what is known of them: `resolved` and `finished` are what a slot came to last.
 */
export type Slot = Leaf | Text | Branch | Written | Listing | Layers;

/** A scalar with nothing to resolve. */
export type Leaf = { readonly kind: "scalar"; readonly value: Scalar; readonly at: At };

/** A text with references or inventory queries in it. */
export type Text = { readonly kind: "text"; readonly template: Template; readonly at: At; resolved?: Resolved };

/**
 * A mapping that merges: its keys are texts, and `~` and `=` before them have become flags of a layer. `settled` says that
 * nothing in it is to be resolved: it is an answer to an inventory query, which many nodes get.
 */
export type Branch = {
  readonly kind: "branch";
  readonly entries: Map<string, BranchEntry>;
  /** What references find in it beside its entries, and nobody is shown. */
  readonly beside?: ReadonlyMap<string, Slot>;
  readonly settled?: true;
  readonly at: At;
  finished?: Known<Finished>;
};
export type BranchEntry = { readonly keyAt: At; readonly value: Slot };

/** A mapping as it was written, in a list or as the replacement of `~key`: keys keep their types and their `~`. */
export type Written = {
  readonly kind: "written";
  readonly entries: readonly WrittenEntry[];
  readonly settled?: undefined;
  readonly at: At;
  finished?: Known<Finished>;
};
export type WrittenEntry = { readonly key: Scalar; readonly keyAt: At; readonly value: Slot };

export type Listing = {
  readonly kind: "list";
  readonly items: readonly Slot[];
  readonly settled?: true;
  readonly at: At;
  finished?: Known<Finished>;
};

/** Several values for one place, the later over the earlier; what they make is known once references are resolved. */
export type Layers = { readonly kind: "layers"; readonly layers: Layer[]; resolved?: Resolved };
export type Layer = {
  readonly slot: Slot;
  /** Written as `~key`: whatever came before is gone. */
  readonly overwrite: boolean;
  /** Written as `=key`: nothing may come after. */
  readonly constant: boolean;
};

/** What a text or layers came to; undefined while it is being looked at. */
export type Resolved = Known<Solid | Fault | undefined>;

/** A slot that needs no further look to know what it is; what a mapping or list holds may still need one. */
export type Solid = Leaf | Branch | Written | Listing;

export const isSolid = (slot: Slot): slot is Solid => slot.kind !== "text" && slot.kind !== "layers";

/** @returns where a slot was written: of layers, the last. */
export function atOf(slot: Slot): At {
  let one = slot;
  while (one.kind === "layers") one = (one.layers.at(-1) as Layer).slot;
  return one.at;
}

/** @returns the value of a key that is this text, of a mapping; undefined where there is none. */
export function childOf(solid: Solid, key: string): Slot | undefined {
  if (solid.kind === "branch") return solid.entries.get(key)?.value ?? solid.beside?.get(key);
  return solid.kind === "written" ? solid.entries.findLast((entry) => entry.key === key)?.value : undefined;
}
