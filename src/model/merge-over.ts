import { Fault } from "./fault.ts";
import { valueLimit } from "./finish.ts";
import { branchOf, mergeSlots } from "./merge.ts";
import { modelMessage } from "./messages.ts";
import { placeName, placeOf } from "./place.ts";
import type { ModelSettings } from "./settings.ts";
import { atOf, type Branch, type BranchEntry, type Listing, type Slot, type Solid, type Written } from "./slot.ts";
import type { At } from "./value.ts";

/** A solid, and whether a reference led to it. */
export type ResolvedValue = { readonly solid: Solid; readonly through: boolean };

/** @returns what a message calls it. */
export function kindName(solid: Solid): string {
  if (solid.kind === "list") return "a list";
  if (solid.kind !== "scalar") return "a mapping";
  return solid.value === null ? "null" : "a single value";
}

const settingFor = (empty: boolean, kind: "list" | "dict"): string =>
  empty ? "allow_none_override" : `allow_scalar_over_${kind}`;

const listOf = (items: readonly Slot[], at: At): Listing => ({ kind: "list", items, at });

/** What one row of layers has made itself and may change, and how many entries it has copied so far. */
export type MergeState = { readonly owned: Set<Slot>; copied: number };

/**
 * Puts one value over another by reclass's table: mappings merge, lists are put together, single values replace each other,
 * and all else is a mistake unless a setting allows it.
 *
 * @param written the slot that gave `later`, for messages.
 */
export function mergeOver(
  earlier: ResolvedValue,
  later: ResolvedValue,
  written: Slot,
  settings: ModelSettings,
  piling: MergeState,
): Solid | Fault {
  const { allow } = settings;
  const [under, over] = [earlier.solid, later.solid];
  const clash = (setting?: string): Fault => {
    const message = { over: kindName(over), under: kindName(under), where: placeName(under.at), setting };
    return new Fault(modelMessage("merge-wrong", message, placeOf(atOf(written))));
  };
  const empty = over.kind === "scalar" && over.value === null;
  if (under.kind === "scalar") {
    if (under.value === null || over.kind === "scalar") return over;
    if (over.kind !== "list") return allow.mappingOverScalar ? over : clash("allow_dict_over_scalar");
    return allow.listOverScalar ? listOf([under, ...over.items], over.at) : clash("allow_list_over_scalar");
  }
  if (under.kind === "list") {
    if (over.kind === "list") {
      if (under.items.length + over.items.length > valueLimit) {
        return new Fault(modelMessage("result-too-large", {}, placeOf(atOf(written))));
      }
      // Of 10,000 layers, each would copy all before it.
      if (piling.owned.has(under)) {
        for (const item of over.items) (under.items as Slot[]).push(item);
        return under;
      }
      const joined = listOf([...under.items, ...over.items], over.at);
      piling.copied += under.items.length;
      piling.owned.add(joined);
      return joined;
    }
    if (over.kind !== "scalar") return clash();
    return allow.scalarOverList || (empty && allow.nullOverAll) ? over : clash(settingFor(empty, "list"));
  }
  if (over.kind === "list") return clash();
  if (over.kind === "scalar") {
    return allow.scalarOverMapping || (empty && allow.nullOverAll) ? over : clash(settingFor(empty, "dict"));
  }
  const below = piling.owned.has(under) ? (under as Branch) : mergeable(under, earlier.through, settings, piling);
  return mergeSlots(below, mergeable(over, later.through, settings, piling), piling.owned) as Branch;
}

/**
 * @returns a mapping that merges. What a reference led to is taken for what it is there: a `~` or `=` in it has done its
 * work, and does it no second time where it is merged to.
 */
function mergeable(mapping: Branch | Written, through: boolean, settings: ModelSettings, piling: MergeState): Branch {
  if (mapping.kind === "written") {
    piling.copied += mapping.entries.length;
    return branchOf(mapping.entries, mapping.at, settings, (slot, flagged) =>
      slot.kind === "written" && !flagged ? mergeable(slot, false, settings, piling) : slot,
    );
  }
  return through ? sealed(mapping, piling) : mapping;
}

function sealed(branch: Branch, piling: MergeState): Branch {
  piling.copied += branch.entries.size;
  const entries = new Map<string, BranchEntry>();
  for (const [key, { keyAt, value }] of branch.entries) {
    const whole: Slot = { kind: "layers", layers: [{ slot: value, overwrite: false, constant: false }] };
    const kept = value.kind === "branch" ? sealed(value, piling) : value.kind === "layers" ? whole : value;
    entries.set(key, { keyAt, value: kept });
  }
  const made: Branch = { kind: "branch", entries, at: branch.at };
  piling.owned.add(made);
  return made;
}
