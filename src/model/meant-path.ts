import type { Nearest } from "../diagnostics/nearest.ts";
import { childOf, type Slot } from "./slot.ts";

/** @returns whether a path leads somewhere, as far as that can be told without following references. */
function leads(root: Slot, keys: readonly string[]): boolean {
  let slots: readonly Slot[] = [root];
  for (const key of keys) {
    const next = slots.flatMap((slot) => {
      const layers = slot.kind === "layers" ? slot.layers.map((layer) => layer.slot) : [slot];
      return layers.flatMap((layer): readonly Slot[] => {
        if (layer.kind === "text") return [layer];
        const child = layer.kind === "layers" ? undefined : childOf(layer, key);
        return child === undefined ? [] : [child];
      });
    });
    if (next.length === 0) return false;
    slots = next;
  }
  return true;
}

/** Ways in which people write a path that leads nowhere. */
const spellings = (path: string, delimiter: string): readonly string[] => {
  const bare = path.replace(/\s+/g, "");
  const parted = bare.replace(/[./]/g, delimiter);
  return [bare, parted, `_${bare}`, `_${parted}`, `_param${delimiter}${bare}`];
};

/** What a reference asked for, and where that ended. */
export type UnresolvedReference = {
  readonly keys: readonly string[];
  /** Of the key that leads nowhere. */
  readonly index: number;
  /** The keys that stand beside it. */
  readonly known: readonly string[];
  readonly delimiter: string;
};

/** @returns the path that may be meant: the same one written otherwise, or with the nearest key in place of the one that is not there. */
export function meantPath(
  root: Slot,
  { keys, index, known, delimiter }: UnresolvedReference,
  nearest: Nearest,
): string | undefined {
  const path = keys.join(delimiter);
  const other = spellings(path, delimiter).find((each) => each !== path && leads(root, each.split(delimiter)));
  if (other !== undefined) return other;
  const near = nearest(keys[index] as string, known);
  if (near === undefined) return undefined;
  const upTo = [...keys.slice(0, index), near];
  const whole = [...upTo, ...keys.slice(index + 1)];
  return (leads(root, whole) ? whole : upTo).join(delimiter);
}
