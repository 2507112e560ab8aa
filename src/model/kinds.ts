import type { Common } from "./classes.ts";
import type { Entity } from "./entity.ts";
import { automaticAt, branch } from "./given.ts";
import { mergeSlots, type Owned } from "./merge.ts";
import { addOwnKeys, keysText, type OwnKeys } from "./ownership.ts";
import type { Branch, Slot } from "./slot.ts";
import { type Stencil, sizeOf } from "./stencil.ts";

/** How nodes of one kind that say the same keys are written. */
export type Written = {
  readonly parameters: Stencil;
  readonly exports: Stencil;
  /** The names of their classes as JSON. */
  readonly classes: string;
  /** The evaluation of the node that they were cut for. */
  readonly base: number;
};

/** Nodes with the same classes in the same order: what the classes make together is merged once. */
export type Kind = {
  readonly common: Common;
  /** Parameters of the classes that class_mappings give, and of those that nodes list. */
  readonly mapped: Branch;
  readonly listed: Branch;
  readonly exports: Branch;
  /** What the classes say; a node may add some, and take some back. */
  readonly applications: readonly string[];
  /** By the indent, and the keys that a node says itself. */
  readonly written: Map<string, Written>;
};

/** What a node says itself: the parts that are merged with those of its kind. */
export type OwnParts = {
  readonly automatic: readonly Branch[];
  readonly parameters: Branch;
  readonly exports: Branch;
  readonly overrides: Branch | undefined;
};

/** Kinds that are kept, and characters of all their stencils: what was not used for long goes first. */
const kindLimit = 500;
const textLimit = 48 * 1024 * 1024;

export class Kinds {
  /** By the last class, which says most of what a node is for. */
  readonly #byLast = new Map<Entity | undefined, Kind[]>();
  /** The one that was used last comes last, each with the size of its stencils. */
  readonly #sizes = new Map<Kind, number>();
  #size = 0;

  of(common: Common): Kind {
    const last = common.classes.at(-1);
    let kinds = this.#byLast.get(last);
    if (!kinds) {
      kinds = [];
      this.#byLast.set(last, kinds);
    }
    let kind = kinds.find((each) => sameClasses(each.common, common));
    if (!kind) {
      kind = makeKind(common);
      kinds.push(kind);
    }
    this.#use(kind, 0);
    return kind;
  }

  /** Keeps how nodes are written. */
  keep(kind: Kind, keys: string, written: Written): void {
    kind.written.set(keys, written);
    this.#use(kind, sizeOf(written.parameters) + sizeOf(written.exports));
  }

  #use(kind: Kind, more: number): void {
    const size = (this.#sizes.get(kind) ?? 0) + more;
    this.#sizes.delete(kind);
    this.#sizes.set(kind, size);
    this.#size += more;
    while (this.#sizes.size > kindLimit || (this.#size > textLimit && this.#sizes.size > 1)) {
      const [oldest, itsSize] = this.#sizes.entries().next().value as [Kind, number];
      this.#sizes.delete(oldest);
      this.#size -= itsSize;
      const last = oldest.common.classes.at(-1);
      const kinds = (this.#byLast.get(last) as Kind[]).filter((each) => each !== oldest);
      if (kinds.length > 0) this.#byLast.set(last, kinds);
      else this.#byLast.delete(last);
    }
  }
}

const sameList = <T>(one: readonly T[], other: readonly T[]): boolean =>
  one === other || (one.length === other.length && one.every((each, at) => each === other[at]));

const sameClasses = (one: Common, other: Common): boolean =>
  one === other ||
  (sameList(one.classes, other.classes) && sameList(one.mapped, other.mapped) && sameList(one.names, other.names));

const makeKind = (common: Common): Kind => ({
  common,
  mapped: mergeAll(common.mapped.map((entity) => entity.parameters)),
  listed: mergeAll(common.classes.map((entity) => entity.parameters)),
  exports: mergeAll([...common.mapped, ...common.classes].map((entity) => entity.exports)),
  applications: applicationsOf([...common.mapped, ...common.classes]),
  written: new Map(),
});

/** @returns the names of applications, the later entities' added to those before, or taken back with `~`. */
export function applicationsOf(
  entities: readonly Pick<Entity, "applications">[],
  before: readonly string[] = [],
): readonly string[] {
  const found = new Set(before);
  for (const { applications } of entities) {
    for (const { name } of applications) {
      if (name.startsWith("~")) found.delete(name.slice(1));
      else found.add(name);
    }
  }
  return [...found];
}

/** Puts one branch over the other, the last over all. */
export function mergeAll(branches: readonly Branch[]): Branch {
  const empty = branch({}, automaticAt);
  const owned: Owned = new Set<Slot>([empty]);
  let merged: Slot = empty;
  for (const each of branches) if (each.entries.size > 0) merged = mergeSlots(merged, each, owned);
  return merged as Branch;
}

/** @returns the parameters of a node of this kind. */
export const parametersOf = (kind: Kind, { automatic, parameters, overrides }: OwnParts): Branch =>
  mergeAll([kind.mapped, ...automatic, kind.listed, parameters, ...(overrides ? [overrides] : [])]);

/** @returns the exports of a node of this kind. */
export const exportsOf = (kind: Kind, { exports }: OwnParts): Branch => mergeAll([kind.exports, exports]);

/** @returns a text that is the same for nodes that say the same keys. */
export const ownText = ({ automatic, parameters, exports }: OwnParts): string =>
  [...automatic, parameters, exports].map(keysText).join("");

/** @returns the keys that differ from node to node. */
export function ownKeys(branches: readonly Branch[]): OwnKeys {
  const keys: OwnKeys = new Map();
  for (const each of branches) addOwnKeys(keys, each);
  return keys;
}
