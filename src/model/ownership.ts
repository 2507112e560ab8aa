import type { Path } from "./reference.ts";
import { type Branch, isSolid, type Layers, type Slot, type Solid, type Text } from "./slot.ts";

/**
 * The keys that differ from node to node of one kind: what a node says itself, and the automatic parameters. A key leads to the
 * keys below it, or to `true` where the value stands.
 */
export type OwnKeys = Map<string, OwnKeys | true>;

/** What a slot came to when it was last looked at, and whether that rests on what the node says itself. */
export type Known<T> = {
  /** The evaluation that looked. */
  readonly by: number;
  readonly made: T;
  readonly own: boolean;
};

/** In place of an evaluation: what holds for every node. */
export const everywhere = 0;

/** What is being made, and whether that rests on what the node says itself. */
type Here = { own: boolean };

/** Where a slot began to be made; `key` is the one that led to it. */
export type Beginning = Here & {
  readonly of: Text | Layers | Exclude<Solid, { kind: "scalar" }>;
  readonly key: string;
  readonly outside: Here;
};

let evaluations = everywhere;

/** Tells what is a node's own from what holds for all nodes of its kind, while values are made. */
export class Ownership {
  /** Of this evaluation; a number, so that what is known of a class does not keep a node in memory. */
  readonly id = ++evaluations;
  readonly #root: Branch;
  readonly #keys: OwnKeys | undefined;
  readonly #base: number;
  #here: Here = { own: false };

  /**
   * @param keys of the node's kind; undefined where nobody will ask what is the node's own.
   * @param base the evaluation of another node of this kind: what it made holds here, unless it was that node's own.
   */
  constructor(root: Branch, keys?: OwnKeys, base = everywhere) {
    this.#root = root;
    this.#keys = keys;
    this.#base = base;
  }

  /** @returns whether what is known of a slot holds for this node; `made` is undefined while it is being made. */
  holds(known: Known<unknown>): boolean {
    return known.by === this.id || (!known.own && (known.by === this.#base || known.by === everywhere));
  }

  /** What is being made follows a path from the node's root. */
  note({ keys }: Path): void {
    if (this.#keys && !this.#here.own) this.#here.own = this.#isOwn(this.#keys, keys);
  }

  /** What is being made is the node's own. */
  noteOwn(): void {
    this.#here.own = true;
  }

  /** What rests on something rests on all that this rests on. */
  reuse({ own }: Known<unknown>): void {
    if (own) this.#here.own = true;
  }

  /** Begins to make what a slot comes to. @param key that led to it. */
  begin(of: Beginning["of"], key = ""): Beginning {
    const beginning = { of, key, outside: this.#here, own: false };
    this.#here = beginning;
    return beginning;
  }

  /** Marks a slot as one that is being made: who meets it has gone round. */
  mark(of: Beginning["of"]): void {
    const mark = { by: this.id, made: undefined, own: false };
    if (isSolid(of)) of.finished = mark;
    else of.resolved = mark;
  }

  /** @returns what is known of a slot that has been made. */
  end<T>({ own, outside }: Beginning, made: T): Known<T> {
    this.#here = outside;
    if (own) outside.own = true;
    return { by: this.id, made, own };
  }

  /** @returns where the making is, to come back to. */
  get here(): Here {
    return this.#here;
  }

  /** Goes back to where something was begun. */
  resume(here: Here): void {
    this.#here = here;
  }

  /** Looks at something that is not being made. @returns it, and whether it rests on what the node says itself. */
  observe<T>(look: () => T): { readonly made: T; readonly own: boolean } {
    const outside = this.#here;
    const here: Here = { own: false };
    this.#here = here;
    const made = look();
    this.#here = outside;
    return { made, own: here.own };
  }

  /** A path that leaves the node's own keys, as long as all on the way are mappings, leads to what the classes say. */
  #isOwn(own: OwnKeys, keys: readonly string[]): boolean {
    let slot: Slot | undefined = this.#root;
    let below: OwnKeys | true | undefined = own;
    for (const key of keys) {
      if (below === true || slot?.kind !== "branch") return true;
      below = below.get(key);
      if (below === undefined) return false;
      slot = slot.entries.get(key)?.value;
    }
    return true;
  }
}

/** Adds the keys of a mapping to those that are a node's own. */
export function addOwnKeys(own: OwnKeys, branch: Branch): void {
  for (const [key, { value }] of branch.entries) {
    const before = own.get(key);
    if (value.kind !== "branch" || before === true) own.set(key, true);
    else {
      const below = before ?? new Map();
      own.set(key, below);
      addOwnKeys(below, value);
    }
  }
}

/** @returns a text that is the same for mappings with the same keys in the same order, all the way down. */
export function keysText(branch: Branch): string {
  let text = "{";
  for (const [key, { value }] of branch.entries) {
    text += `${JSON.stringify(key)}${value.kind === "branch" ? keysText(value) : ""},`;
  }
  return `${text}}`;
}
