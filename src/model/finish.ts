import { type EvaluationStack, shortened } from "./evaluation-stack.ts";
import { Fault } from "./fault.ts";
import { modelMessage } from "./messages.ts";
import type { Beginning, Ownership } from "./ownership.ts";
import { placeOf } from "./place.ts";
import { scalarText } from "./python.ts";
import { templateText } from "./reference.ts";
import type { Scalar } from "./scalar.ts";
import { atOf, isSolid, type Slot, type Solid } from "./slot.ts";
import type { At, Value, ValueEntry } from "./value.ts";

/** What a node may hold once all references are resolved: values, and characters of text. */
export const valueLimit = 4_000_000;
export const textLimit = 60_000_000;

/**
 * Levels of mappings and lists within each other, as references make them. What is written of a node is written recursively.
 * reclass gives up at about 550, where Python's stack ends.
 */
export const depthLimit = 600;

type Container = Exclude<Solid, { kind: "scalar" }>;

/** A finished mapping or list, with its weight and depth: a reference takes a word, and may stand for millions of values. */
export type MeasuredValue = {
  readonly value: Value;
  readonly values: number;
  readonly characters: number;
  readonly depth: number;
};

/** `partial` is what is left without the parts that have faults. */
export type Failed = {
  readonly faults: ReadonlySet<Fault>;
  readonly partial?: Value | undefined;
  readonly depth: number;
};

/** What a mapping or list came to; undefined while it is being looked at. */
export type Finished = MeasuredValue | Failed | undefined;

const failed = (fault: Fault): Failed => ({ faults: new Set([fault]), depth: 0 });

/** @returns what JSON makes of a key. */
export function jsonKey(key: Scalar): string {
  if (typeof key === "string") return key;
  return key === null || typeof key === "boolean" ? String(key) : scalarText(key);
}

/** Resolves all that slots hold, down to the last; each mapping and list once, wherever references lead to it. */
export class Finishing {
  readonly #solid: (slot: Slot) => Solid | Fault;
  readonly #ownership: Ownership;
  readonly #stack: EvaluationStack;

  constructor(solid: (slot: Slot) => Solid | Fault, ownership: Ownership, stack: EvaluationStack) {
    this.#solid = solid;
    this.#ownership = ownership;
    this.#stack = stack;
  }

  /** @returns the value, or every fault on the way. */
  finish(slot: Slot): MeasuredValue | Failed {
    const solid = this.#solid(slot);
    if (solid instanceof Fault) return failed(solid);
    if (solid.kind !== "scalar") return this.#container(solid, slot, "");
    const characters = typeof solid.value === "string" ? solid.value.length : 0;
    return { value: solid, values: 1, characters, depth: 0 };
  }

  /** Names the way round: `a:x (${b}) → a`. */
  #cycle(container: Container, slot: Slot, key: string): Fault {
    const keysOf = (round: readonly (Beginning | string)[]): readonly string[] => {
      const containers = round.filter((step) => typeof step !== "string" && isSolid(step.of)) as readonly Beginning[];
      const keys = [...containers.map((step) => step.key), key].filter((each) => each !== "");
      const written = slot.kind === "text" ? ` (${templateText(slot.template)})` : "";
      return [`${shortened(keys).join(":")}${written}`, keys[0] ?? ""];
    };
    return this.#stack.cycle(container, keysOf, atOf(slot));
  }

  #container(solid: Container, slot: Slot, key: string): MeasuredValue | Failed {
    const { finished } = solid;
    const ownership = this.#ownership;
    if (finished && ownership.holds(finished)) {
      if (finished.made === undefined) return failed(this.#cycle(solid, slot, key));
      ownership.reuse(finished);
      return finished.made;
    }
    this.#stack.checkDepth();
    const beginning = ownership.begin(solid, key);
    ownership.mark(solid);
    this.#stack.through(beginning);
    return solid.finished?.made as MeasuredValue | Failed;
  }

  /** Makes a mapping or list of its finished parts. */
  partsOf(container: Container): MeasuredValue | Failed {
    let faults: Set<Fault> | undefined;
    let values = 1;
    let characters = 0;
    let depth = 0;
    let crossing: At | undefined;
    const weigh = (slot: Slot, moreValues: number, moreCharacters: number): void => {
      values += moreValues;
      characters += moreCharacters;
      if (values > valueLimit || characters > textLimit) crossing ??= atOf(slot);
    };
    const part: Part = (slot, key) => {
      if (crossing) return undefined;
      const solid = this.#solid(slot);
      if (!(solid instanceof Fault) && solid.kind === "scalar") {
        weigh(slot, 1, typeof solid.value === "string" ? solid.value.length : 0);
        return solid;
      }
      const made = solid instanceof Fault ? failed(solid) : this.#container(solid, slot, key);
      depth = Math.max(depth, made.depth);
      if ("faults" in made) {
        faults ??= new Set();
        for (const fault of made.faults) faults.add(fault);
        return made.partial;
      }
      weigh(slot, made.values, made.characters);
      return made.value;
    };
    const value = container.kind === "list" ? listOf(container, part) : mappingOf(container, part);
    if (crossing) faults ??= new Set([new Fault(modelMessage("result-too-large", {}, placeOf(crossing)))]);
    if (depth >= depthLimit) {
      faults ??= new Set([new Fault(modelMessage("result-too-deep", { limit: depthLimit }, placeOf(container.at)))]);
      return { faults, depth: 0 };
    }
    return faults ? { faults, partial: value, depth: depth + 1 } : { value, values, characters, depth: depth + 1 };
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
