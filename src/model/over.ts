import { Fault } from "./fault.ts";
import { valueLimit } from "./finish.ts";
import { branchOf, mergeSlots } from "./merge.ts";
import { modelMessage } from "./messages.ts";
import { placeName, placeOf } from "./place.ts";
import type { ModelSettings } from "./settings.ts";
import { atOf, type Branch, type BranchEntry, type Listing, type Slot, type Solid, type Written } from "./slot.ts";
import type { At } from "./value.ts";

/** A solid, and whether a reference led to it. */
export type Reached = { readonly solid: Solid; readonly through: boolean };

/** @returns what a message calls it. */
export function kindName(solid: Solid): string {
  if (solid.kind === "list") return "a list";
  if (solid.kind !== "scalar") return "a mapping";
  return solid.value === null ? "null" : "a single value";
}

const settingFor = (empty: boolean, kind: "list" | "dict"): string =>
  empty ? "allow_none_override" : `allow_scalar_over_${kind}`;

const listOf = (items: readonly Slot[], at: At): Listing => ({ kind: "list", items, at });

/**
 * Puts one value over another by reclass's table: mappings merge, lists are put together, single values replace each other,
 * and all else is a mistake unless a setting allows it.
 *
 * @param written the slot that gave `later`, for messages.
 */
export function putOver(earlier: Reached, later: Reached, written: Slot, settings: ModelSettings): Solid | Fault {
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
      return listOf([...under.items, ...over.items], over.at);
    }
    if (over.kind !== "scalar") return clash();
    return allow.scalarOverList || (empty && allow.nullOverAll) ? over : clash(settingFor(empty, "list"));
  }
  if (over.kind === "list") return clash();
  if (over.kind === "scalar") {
    return allow.scalarOverMapping || (empty && allow.nullOverAll) ? over : clash(settingFor(empty, "dict"));
  }
  const branches = [mergeable(under, earlier.through, settings), mergeable(over, later.through, settings)] as const;
  return mergeSlots(...branches, new Set()) as Branch;
}

/**
 * @returns a mapping that merges. What a reference led to is taken for what it is there: a `~` or `=` in it has done its
 * work, and does it no second time where it is merged to.
 */
function mergeable(mapping: Branch | Written, through: boolean, settings: ModelSettings): Branch {
  if (mapping.kind === "written") {
    return branchOf(mapping.entries, mapping.at, settings, (slot, flagged) =>
      slot.kind === "written" && !flagged ? mergeable(slot, false, settings) : slot,
    );
  }
  return through ? sealed(mapping) : mapping;
}

function sealed(branch: Branch): Branch {
  const entries = new Map<string, BranchEntry>();
  for (const [key, { keyAt, value }] of branch.entries) {
    const whole: Slot = { kind: "layers", layers: [{ slot: value, overwrite: false, constant: false }] };
    const kept = value.kind === "branch" ? sealed(value) : value.kind === "layers" ? whole : value;
    entries.set(key, { keyAt, value: kept });
  }
  return { kind: "branch", entries, at: branch.at };
}
