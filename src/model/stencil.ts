import type { Evaluation } from "./evaluate.ts";
import { Fault } from "./fault.ts";
import { depthLimit, jsonKey, type MeasuredValue, textLimit, valueLimit } from "./finish.ts";
import { keyJson, scalarJson, valueJson } from "./json.ts";
import type { OwnKeys } from "./ownership.ts";
import type { Branch, Slot, Solid } from "./slot.ts";

/** A place of a stencil that each node fills: what a slot of a class comes to, or what stands at the node's own path. */
type Opening = { readonly of: Slot | readonly string[]; readonly indent: string };

/**
 * The JSON of a node's parameters or exports with openings for what is the node's own. Nodes of a kind differ in nothing else, so
 * each is written by resolving what is behind the openings.
 */
export type Stencil = {
  /** What stands before each opening, and behind the last. */
  readonly chunks: readonly string[];
  readonly openings: readonly Opening[];
  /** Values and characters of what stands between the openings. */
  readonly values: number;
  readonly characters: number;
};

const isWay = (of: Opening["of"]): of is readonly string[] => Array.isArray(of);

class Cutting {
  readonly #evaluation: Evaluation;
  readonly chunks: string[] = [];
  readonly openings: Opening[] = [];
  #text = "";

  constructor(evaluation: Evaluation) {
    this.#evaluation = evaluation;
  }

  /** Ends a chunk, in one piece: V8 keeps a text that was added together as a tree of its parts, until a character is wanted. */
  end(): void {
    this.#text.charCodeAt(0);
    this.chunks.push(this.#text);
    this.#text = "";
  }

  #open(of: Opening["of"], indent: string): void {
    this.end();
    this.openings.push({ of, indent });
  }

  /** Writes a mapping in which the node says something itself. */
  own(branch: Branch, keys: OwnKeys, way: readonly string[], indent: string): void {
    const below = `${indent}  `;
    this.#entries([...branch.entries], indent, (slot, key) => {
      const own = keys.get(key);
      if (own === undefined) this.#shared(slot, below);
      else if (own === true || slot.kind !== "branch") this.#open([...way, key], below);
      else this.own(slot, own, [...way, key], below);
    });
  }

  /** Writes what a class says: the same slot for every node of the kind, but its references may lead to what is the node's own. */
  #shared(slot: Slot, indent: string): void {
    const { made: solid, own } = this.#evaluation.observe(() => this.#evaluation.solid(slot));
    if (own || solid instanceof Fault) this.#open(slot, indent);
    else if (solid.kind === "scalar") this.#text += scalarJson(solid.value);
    else {
      const { made, own: holdsOwn } = this.#evaluation.observe(() => this.#evaluation.finished(solid));
      if ("faults" in made) this.#open(slot, indent);
      else if (holdsOwn) this.#container(solid, indent);
      else this.#text += valueJson(made.value, indent);
    }
  }

  #container(solid: Exclude<Solid, { kind: "scalar" }>, indent: string): void {
    const below = `${indent}  `;
    if (solid.kind === "branch") {
      this.#entries([...solid.entries], indent, (slot) => this.#shared(slot, below));
    } else if (solid.kind === "written") {
      const entries = solid.entries.map((entry): [string, { value: Slot }] => [jsonKey(entry.key), entry]);
      // Of keys that JSON writes alike, the last counts: only who makes the mapping knows.
      if (new Map(entries).size < entries.length) this.#open(solid, indent);
      else this.#entries(entries, indent, (slot) => this.#shared(slot, below));
    } else {
      for (const [index, item] of solid.items.entries()) {
        this.#text += `${index === 0 ? "[" : ","}\n${below}`;
        this.#shared(item, below);
      }
      this.#text += `\n${indent}]`;
    }
  }

  #entries(
    entries: readonly (readonly [string, { readonly value: Slot }])[],
    indent: string,
    write: (slot: Slot, key: string) => void,
  ): void {
    for (const [index, [key, { value }]] of entries.entries()) {
      this.#text += `${index === 0 ? "{" : ","}\n${indent}  ${keyJson(key)}: `;
      write(value, key);
    }
    this.#text += entries.length === 0 ? "{}" : `\n${indent}}`;
  }
}

/** Openings of one stencil. What has more is better written again. */
const openingLimit = 20_000;

/**
 * Cuts the stencil of a node's kind.
 *
 * @param root of the node's parameters or exports, which hold no faults.
 * @param keys what is the node's own in it.
 * @param whole what root came to.
 * @returns undefined where it would take more room than it is worth.
 */
export function cutStencil(
  root: Branch,
  keys: OwnKeys,
  evaluation: Evaluation,
  whole: MeasuredValue,
  indent: string,
): Stencil | undefined {
  const cutting = new Cutting(evaluation);
  cutting.own(root, keys, [], indent);
  cutting.end();
  if (cutting.openings.length > openingLimit) return undefined;
  const { chunks, openings } = cutting;
  const filled = fill({ chunks, openings, values: 0, characters: 0 }, root, evaluation);
  if (filled === undefined) return undefined;
  return { chunks, openings, values: whole.values - filled.values, characters: whole.characters - filled.characters };
}

export const sizeOf = ({ chunks, openings }: Stencil): number =>
  chunks.reduce((size, chunk) => size + chunk.length, 0) + 100 * openings.length;

/**
 * Fills a stencil for a node of its kind.
 *
 * @param root of this node's parameters or exports.
 * @returns undefined where something is wrong with the node, or it holds too much: it has to be looked at in full.
 */
export function fill(
  { chunks, openings, ...weight }: Stencil,
  root: Branch,
  evaluation: Evaluation,
): { readonly text: string; readonly values: number; readonly characters: number } | undefined {
  const slots: Slot[] = [];
  for (const { of } of openings) {
    const slot = isWay(of) ? slotAt(root, of) : of;
    if (slot === undefined) return undefined;
    slots.push(slot);
  }
  const all = evaluation.finishedAll(slots);
  if (all === undefined) return undefined;
  let text = chunks[0] as string;
  let { values, characters } = weight;
  for (let index = 0; index < openings.length; index++) {
    const { indent } = openings[index] as Opening;
    const made = all[index] as MeasuredValue;
    if (indent.length / 2 + made.depth > depthLimit) return undefined;
    values += made.values;
    characters += made.characters;
    text += valueJson(made.value, indent) + (chunks[index + 1] as string);
  }
  return values > valueLimit || characters > textLimit ? undefined : { text, values, characters };
}

function slotAt(root: Branch, way: readonly string[]): Slot | undefined {
  let slot: Slot | undefined = root;
  for (const key of way) slot = slot?.kind === "branch" ? slot.entries.get(key)?.value : undefined;
  return slot;
}
