import type { Dependencies } from "./dependencies.ts";
import { Fault } from "./fault.ts";
import { modelMessage } from "./messages.ts";
import { placeOf } from "./place.ts";
import { scalarText } from "./python.ts";
import { templateText } from "./reference.ts";
import type { Scalar } from "./scalar.ts";
import { atOf, type Slot, type Solid } from "./slot.ts";
import type { Value, ValueEntry } from "./value.ts";

/** What a node may hold once all references are resolved: values, and characters of text. */
export const valueLimit = 4_000_000;
export const textLimit = 60_000_000;

/** Levels of mappings and lists within each other, as references make them. */
const depthLimit = 1000;

type Container = Exclude<Solid, { kind: "scalar" }>;

/** A finished mapping or list, with its weight: a reference takes a word, and may stand for millions of values. */
type Made = { readonly value: Value; readonly values: number; readonly characters: number };

/** `partial` is what is left without the parts that have faults. */
type Failed = { readonly faults: ReadonlySet<Fault>; readonly partial?: Value | undefined };

/** What a mapping or list came to; undefined while it is being looked at. */
export type Finished = Made | Failed | undefined;

const failed = (fault: Fault): Failed => ({ faults: new Set([fault]) });

/** @returns what JSON makes of a key. */
function jsonKey(key: Scalar): string {
  if (typeof key === "string") return key;
  return key === null || typeof key === "boolean" ? String(key) : scalarText(key);
}

/** Resolves all that slots hold, down to the last; each mapping and list once, wherever references lead to it. */
export class Finishing {
  readonly #solid: (slot: Slot) => Solid | Fault;
  readonly #dependencies: Dependencies;
  /** The mappings and lists that are being made, the innermost last, each with the key that led to it. */
  readonly #way: { readonly container: Container; readonly key: string }[] = [];

  constructor(solid: (slot: Slot) => Solid | Fault, dependencies: Dependencies) {
    this.#solid = solid;
    this.#dependencies = dependencies;
  }

  /** @returns the value, or every fault on the way. */
  finish(slot: Slot): { readonly value: Value } | Failed {
    const solid = this.#solid(slot);
    if (solid instanceof Fault) return failed(solid);
    return solid.kind === "scalar" ? { value: solid } : this.#container(solid, slot, "");
  }

  /** Names the way round: `a:x (${b}) → a`. */
  #cycle(container: Container, slot: Slot, key: string): Fault {
    const from = this.#way.findIndex((step) => step.container === container);
    const keys = [...this.#way.slice(from).map((step) => step.key), key].filter((each) => each !== "");
    const written = slot.kind === "text" ? ` (${templateText(slot.template)})` : "";
    const cycle = `${keys.join(":")}${written} → ${keys[0] ?? ""}`;
    return new Fault(modelMessage("reference-cycle", { cycle }, placeOf(atOf(slot))));
  }

  #container(solid: Container, slot: Slot, key: string): Made | Failed {
    const { finished } = solid;
    const dependencies = this.#dependencies;
    if (finished?.by === dependencies.id) {
      if (finished.made === undefined) return failed(this.#cycle(solid, slot, key));
      dependencies.reuse(finished);
      return finished.made;
    }
    if (finished?.made && !("faults" in finished.made) && dependencies.adopts(finished)) return finished.made;
    if (this.#way.length > depthLimit) {
      return failed(new Fault(modelMessage("reference-deep", { limit: depthLimit }, placeOf(atOf(slot)))));
    }
    const beginning = dependencies.begin(finished, solid.kind === "branch" && solid.once);
    solid.finished = { by: dependencies.id, made: undefined, dependencies: [], misses: 0 };
    this.#way.push({ container: solid, key });
    const made = this.#parts(solid);
    this.#way.pop();
    solid.finished = dependencies.end(beginning, made);
    return made;
  }

  #parts(container: Container): Made | Failed {
    let faults: Set<Fault> | undefined;
    let values = 1;
    let characters = 0;
    const part: Part = (slot, key) => {
      const solid = this.#solid(slot);
      if (!(solid instanceof Fault) && solid.kind === "scalar") {
        values++;
        if (typeof solid.value === "string") characters += solid.value.length;
        return solid;
      }
      const made = solid instanceof Fault ? failed(solid) : this.#container(solid, slot, key);
      if ("faults" in made) {
        faults ??= new Set();
        for (const fault of made.faults) faults.add(fault);
        return made.partial;
      }
      values += made.values;
      characters += made.characters;
      return made.value;
    };
    const value = container.kind === "list" ? listOf(container, part) : mappingOf(container, part);
    if (values > valueLimit || characters > textLimit) {
      faults ??= new Set([new Fault(modelMessage("result-too-large", {}, placeOf(container.at)))]);
    }
    return faults ? { faults, partial: value } : { value, values, characters };
  }
}

type Part = (slot: Slot, key: string) => Value | undefined;

const listOf = ({ items, at }: Extract<Container, { kind: "list" }>, part: Part): Value => ({
  kind: "sequence",
  items: items.map((item, index) => part(item, String(index))).filter((item) => item !== undefined),
  at,
});

function mappingOf(mapping: Exclude<Container, { kind: "list" }>, part: Part): Value {
  const entries = new Map<string, ValueEntry>();
  if (mapping.kind === "branch") {
    for (const [key, entry] of mapping.entries) {
      const value = part(entry.value, key);
      // Most entries hold a single value, and stand for themselves.
      if (value === entry.value) entries.set(key, entry as ValueEntry);
      else if (value) entries.set(key, { keyAt: entry.keyAt, value });
    }
  } else {
    for (const { key, keyAt, value: slot } of mapping.entries) {
      const name = jsonKey(key);
      const value = part(slot, name);
      if (value) entries.set(name, { keyAt, value, ...(typeof key === "string" ? {} : { key }) });
    }
  }
  return { kind: "mapping", entries, at: mapping.at };
}
