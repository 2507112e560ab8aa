import { scalarText } from "./python.ts";
import type { ModelSettings } from "./settings.ts";
import type { Branch, BranchEntry, Layer, Layers, Slot, WrittenEntry } from "./slot.ts";
import type { At } from "./value.ts";

/**
 * What one merge has made itself and may change: everything else is shared with other nodes. Merging a node's ten classes
 * copies each mapping once, not ten times.
 */
export type Owned = Set<Slot>;

/** A slot as layers: one layer without flags, or the layers it is. */
const layersOf = (slot: Slot): readonly Layer[] =>
  slot.kind === "layers" ? slot.layers : [{ slot, overwrite: false, constant: false }];

function mergeBranches(earlier: Branch, later: Branch, owned: Owned): Branch {
  let merged = earlier;
  if (!owned.has(earlier)) {
    const { entries, beside } = earlier;
    merged = { kind: "branch", entries: new Map(entries), at: later.at, ...(beside ? { beside } : {}) };
    owned.add(merged);
  }
  for (const [key, entry] of later.entries) {
    const before = merged.entries.get(key);
    merged.entries.set(
      key,
      before ? { keyAt: entry.keyAt, value: mergeSlots(before.value, entry.value, owned) } : entry,
    );
  }
  return merged;
}

/**
 * Puts one slot over another. Mappings merge key by key; everything else becomes layers, since what a reference points to,
 * and so whether it can be merged, is not known yet.
 */
export function mergeSlots(earlier: Slot, later: Slot, owned: Owned): Slot {
  if (earlier.kind === "branch" && later.kind === "branch") return mergeBranches(earlier, later, owned);
  if (earlier.kind === "layers" && owned.has(earlier)) {
    earlier.layers.push(...layersOf(later));
    return earlier;
  }
  const merged: Layers = { kind: "layers", layers: [...layersOf(earlier), ...layersOf(later)] };
  owned.add(merged);
  return merged;
}

/**
 * Makes a mapping that merges: keys become texts, `~key` and `=key` become flags, of equal keys the later comes over the
 * earlier.
 *
 * @param prepare makes a value ready; `flagged` when it stands behind a `~` or `=`.
 */
export function branchOf(
  written: readonly WrittenEntry[],
  at: At,
  settings: Pick<ModelSettings, "overwritePrefix" | "constantPrefix">,
  prepare: (slot: Slot, flagged: boolean) => Slot,
): Branch {
  const { overwritePrefix, constantPrefix } = settings;
  const entries = new Map<string, BranchEntry>();
  for (const { key, keyAt, value } of written) {
    let name = scalarText(key);
    let overwrite = false;
    let constant = false;
    // reclass takes a prefix off at every merge, so that `~~key` ends as `key`, too.
    for (;;) {
      if (overwritePrefix !== undefined && name.startsWith(overwritePrefix)) {
        overwrite = true;
        name = name.slice(overwritePrefix.length);
      } else if (constantPrefix !== undefined && name.startsWith(constantPrefix)) {
        constant = true;
        name = name.slice(constantPrefix.length);
      } else break;
    }
    const flagged = overwrite || constant;
    const prepared = prepare(value, flagged);
    const flat: Slot = flagged ? { kind: "layers", layers: [{ slot: prepared, overwrite, constant }] } : prepared;
    const before = entries.get(name);
    entries.set(name, { keyAt, value: before ? mergeSlots(before.value, flat, new Set()) : flat });
  }
  return { kind: "branch", entries, at };
}
