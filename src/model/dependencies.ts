import type { Path } from "./reference.ts";
import type { Branch, Layers, Slot, Solid, Text } from "./slot.ts";

/** What a value hangs on: that this path of the parameters leads to this slot. Without a slot it holds for no other node. */
export type Dependency = { readonly path: Path; readonly slot: Slot | undefined };

/**
 * What a slot came to when it was last looked at. Slots belong to classes, and classes to many nodes: for another node it comes
 * to the same where all that it hangs on is the same. Of 2,000 nodes, most of what 1,999 hold has been made for the first.
 */
export type Known<T> = {
  by: number;
  readonly made: T;
  readonly dependencies: readonly Dependency[];
  /** How many nodes in a row it came to something else for. */
  readonly misses: number;
};

const none: readonly Dependency[] = [];
const own: Dependency = { path: { keys: [], text: "" }, slot: undefined };
const onlyOwn: readonly Dependency[] = [own];

/** After as many misses a slot is taken to differ from node to node: to write down why would be for nobody. */
const missLimit = 3;

let evaluations = 0;

/**
 * What one value may hang on, and what all values of a node may together, before it is taken to be the node's own. In a chain of
 * 20,000 references each hangs on all below it: written down, that was 3 GB.
 */
const oneLimit = 10_000;
const allLimit = 1_000_000;

/** Where a slot began to be made; `key` is the one that led to it. */
export type Beginning = Here & {
  readonly of: Text | Layers | Exclude<Solid, { kind: "scalar" }>;
  readonly key: string;
  readonly misses: number;
  readonly outside: Here;
};

/** Dependencies behind this mark are those of what is being made, if they are noted at all. */
type Here = { readonly mark: number; readonly noting: boolean };

/** Writes down which slots the references of one node lead to, while values are made of them. */
export class Dependencies {
  /** Of this evaluation; a number, so that what is known of a class does not keep a node in memory. */
  readonly id = ++evaluations;
  readonly #root: Branch;
  readonly #noted: Dependency[] = [];
  #here: Here = { mark: 0, noting: true };
  #room = oneLimit;
  #kept = 0;

  constructor(root: Branch) {
    this.#root = root;
  }

  note(path: Path): void {
    if (this.#here.noting) this.#add({ path, slot: this.#reach(path) });
  }

  /** What is being made is this node's own. */
  noteOwn(): void {
    if (this.#here.noting) this.#add(own);
  }

  #add(dependency: Dependency): void {
    this.#noted.push(dependency);
    if (this.#noted.length > this.#room) this.#makeRoom();
  }

  /** What is noted too often is noted once, and what hangs on too much is the node's own. */
  #makeRoom(): void {
    const { mark } = this.#here;
    const distinct = this.#since(mark);
    if (distinct === onlyOwn || distinct.length > oneLimit / 2 || this.#noted.length > allLimit) {
      this.#noted.length = mark;
      this.#noted.push(own);
    }
    this.#room = this.#noted.length + oneLimit;
  }

  /** @returns whether something made for another node holds for this one; then it is this one's, too. */
  adopts(known: Known<unknown>): boolean {
    for (const { path, slot } of known.dependencies) if (slot === undefined || this.#reach(path) !== slot) return false;
    known.by = this.id;
    this.reuse(known);
    return true;
  }

  /** What hangs on something hangs on all that this hangs on. */
  reuse({ dependencies }: Known<unknown>): void {
    if (this.#here.noting) for (const dependency of dependencies) this.#add(dependency);
  }

  /**
   * Begins to make what a slot comes to.
   *
   * @param before what is known of it from another node.
   * @param key that led to it.
   * @param once when no other node will ask.
   */
  begin(of: Beginning["of"], before: Known<unknown> | undefined, key = "", once = false): Beginning {
    const misses = before ? before.misses + 1 : 0;
    const noting = !once && misses <= missLimit;
    const beginning = { of, key, misses, mark: this.#noted.length, noting, outside: this.#here };
    this.#here = beginning;
    return beginning;
  }

  /** @returns where the making is, to come back to. */
  get here(): Here {
    return this.#here;
  }

  /** Goes back to where something was begun: what was noted since is forgotten. */
  resume(here: Here): void {
    this.#noted.length = here.mark;
    this.#here = here;
  }

  /** @returns what is known of a slot that has been made. */
  end<T>({ mark, misses, noting, outside }: Beginning, made: T): Known<T> {
    const dependencies = noting && this.#kept < allLimit ? this.#since(mark) : onlyOwn;
    this.#here = outside;
    if (dependencies === onlyOwn) {
      this.#noted.length = mark;
      this.noteOwn();
    }
    this.#kept += dependencies.length;
    return { by: this.id, made, dependencies, misses };
  }

  /** @returns all that was noted since a mark, each path once. */
  #since(mark: number): readonly Dependency[] {
    const count = this.#noted.length - mark;
    if (count === 0) return none;
    if (count === 1) return [this.#noted[mark] as Dependency];
    const each = new Map<string, Dependency>();
    for (let at = mark; at < this.#noted.length; at++) {
      const dependency = this.#noted[at] as Dependency;
      if (dependency === own) return onlyOwn;
      each.set(dependency.path.text, dependency);
    }
    const distinct = [...each.values()];
    // Those who go on from here need each once, too.
    this.#noted.length = mark;
    for (const dependency of distinct) this.#noted.push(dependency);
    return distinct;
  }

  /** @returns what a path leads to, as long as nothing on the way must be resolved first. */
  #reach({ keys }: Path): Slot | undefined {
    let slot: Slot | undefined = this.#root;
    for (const key of keys) {
      if (slot?.kind !== "branch") return undefined;
      slot = slot.entries.get(key)?.value;
    }
    return slot;
  }
}
