import { Fault } from "./fault.ts";
import { modelMessage } from "./messages.ts";
import type { Beginning, Ownership } from "./ownership.ts";
import { placeOf } from "./place.ts";
import type { At } from "./value.ts";

/**
 * What one call makes on JavaScript's stack before it starts over from where it got: a reference takes two to four of these and
 * a hundred stack frames a dozen, of the roughly 10,000 that V8's megabyte holds.
 */
const depthLimit = 300;

/** Values that wait for each other. No known model comes near; what never ends does. */
export const waitingLimit = 500_000;

/** Names of a cycle that are shown at its beginning and at its end. */
const shownNames = 5;

/** @returns the names, those in the middle of many only counted. */
export function shortened(names: readonly string[]): readonly string[] {
  const middle = names.length - 2 * shownNames;
  if (middle <= 1) return names;
  return [...names.slice(0, shownNames), `(${middle} more)`, ...names.slice(-shownNames)];
}

/** Thrown where the stack gets too deep; `EvaluationStack.run` catches it, and nothing in between. */
const tooDeep = new Error("too deep");

/**
 * The values that are being made, the outermost first: each waits for the next. Evaluation recurses, which is fast; but a chain of
 * 20,000 references would overflow the stack. So what gets too deep is abandoned, and then made from the deepest value
 * outwards, each with an empty stack. That works because a finished value is kept in its slot, and making one has no effect
 * but that. Each value is begun twice at most for each `depthLimit` values below it.
 */
export class EvaluationStack {
  readonly #ownership: Ownership;
  readonly #make: (beginning: Beginning) => unknown;
  /** With the texts of the references between them. */
  readonly #steps: (Beginning | string)[] = [];
  /** A cycle is met wherever something leads back into it; it is one mistake. */
  readonly #cycles = new Map<Beginning["of"], Fault>();
  #depth = 0;

  /** @param make makes a value that was begun, and keeps it where it belongs. */
  constructor(ownership: Ownership, make: (beginning: Beginning) => unknown) {
    this.#ownership = ownership;
    this.#make = make;
  }

  get length(): number {
    return this.#steps.length;
  }

  /** Makes a value that others wait for, `beginning` being the last of them. */
  through(beginning: Beginning): void {
    this.#steps.push(beginning);
    this.#depth++;
    this.#make(beginning);
    this.#depth--;
    this.#steps.pop();
  }

  /** To be called before a value is begun: from here on it may be abandoned. */
  checkDepth(): void {
    if (this.#depth >= depthLimit) throw tooDeep;
  }

  /** Begins to follow a reference. @param text as it was written. */
  follow(text: string): void {
    this.#steps.push(text);
  }

  /** Has followed a reference. */
  arrive(): void {
    this.#steps.pop();
  }

  /** Looks for what a reference within a reference gives, which takes stack as well. */
  within<T>(look: () => T): T {
    this.#depth++;
    const found = look();
    this.#depth--;
    return found;
  }

  /** Runs what makes values, on as much stack as it gets; `make` is called again where that was not enough. */
  run<T>(make: () => T): T {
    const outside = this.#ownership.here;
    for (;;) {
      try {
        return make();
      } catch (error) {
        if (error !== tooDeep) throw error;
        this.#makeWaiting();
      } finally {
        this.#depth = 0;
        this.#ownership.resume(outside);
      }
    }
  }

  /** Makes all that was abandoned, the innermost first: each finds what it waited for. */
  #makeWaiting(): void {
    for (let step = this.#steps.at(-1); step !== undefined; step = this.#steps.at(-1)) {
      try {
        if (typeof step !== "string") {
          this.#depth = 0;
          this.#ownership.resume(step);
          this.#make(step);
        }
        this.#steps.pop();
      } catch (error) {
        if (error !== tooDeep) throw error;
      }
    }
  }

  /** Calls `mark` with all that is being made. */
  remark(mark: (of: Beginning["of"]) => void): void {
    for (const step of this.#steps) if (typeof step !== "string") mark(step.of);
  }

  /**
   * Says that a value waits for itself.
   *
   * @param names picks what is said of the steps on the way round.
   */
  cycle(of: Beginning["of"], names: (round: readonly (Beginning | string)[]) => readonly string[], at: At): Fault {
    const known = this.#cycles.get(of);
    if (known) return known;
    const from = this.#steps.findIndex((step) => typeof step !== "string" && step.of === of);
    const round = shortened(names(this.#steps.slice(from)));
    const fault = new Fault(modelMessage("reference-cycle", { cycle: round.join(" → ") }, placeOf(at)));
    this.#cycles.set(of, fault);
    return fault;
  }
}
