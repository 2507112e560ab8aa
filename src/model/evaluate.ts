import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Nearest } from "../diagnostics/nearest.ts";
import { shownKey } from "../diagnostics/source-line.ts";
import { EvaluationStack, waitingLimit } from "./evaluation-stack.ts";
import { Fault } from "./fault.ts";
import { type Failed, Finishing, type MeasuredValue, textLimit } from "./finish.ts";
import { meantPath } from "./meant-path.ts";
import { kindName, type MergeState, mergeOver } from "./merge-over.ts";
import { modelMessage } from "./messages.ts";
import { type Beginning, everywhere, type Known, Ownership, type OwnKeys } from "./ownership.ts";
import { placeName, placeOf, shownText } from "./place.ts";
import { scalarText, valueText } from "./python.ts";
import type { Query } from "./query.ts";
import { type Path, pathOf, type Reference } from "./reference.ts";
import type { ModelSettings } from "./settings.ts";
import {
  atOf,
  type Branch,
  childOf,
  isSolid,
  type Layer,
  type Layers,
  type Slot,
  type Solid,
  type Text,
} from "./slot.ts";
import type { At, Value } from "./value.ts";

/** Answers an inventory query from the exports of all nodes. */
export type AskNodes = (query: Query, at: At, parameter: (path: readonly string[]) => Value | Fault) => Slot | Fault;

/** Entries that are copied because a reference leads to them and more is merged over them: in a chain of such, each has all. */
const copyLimit = 1_000_000;

/** Python's int(): what a key must be to stand for a place in a list. */
const indexOf = (key: string): number | undefined =>
  /^\s*[-+]?\d+(?:_\d+)*\s*$/.test(key) ? Number(key.replaceAll("_", "")) : undefined;

/**
 * Resolves the references of one node. A slot is looked at when it is wanted, and once: what a reference points to may
 * itself hold references, which stay until they are wanted in turn.
 */
export class Evaluation {
  readonly #root: Branch;
  readonly #settings: ModelSettings;
  readonly #ask: AskNodes | undefined;
  readonly #nearest: Nearest;
  readonly #ownership: Ownership;
  readonly #finishing: Finishing;
  readonly #stack: EvaluationStack;
  readonly warnings: Diagnostic[] = [];
  /** Characters of mappings and lists that were put into texts, and entries that were merged with others: not all of it is left. */
  #shown = 0;
  #copied = 0;

  /** @param own see Ownership. */
  constructor(
    root: Branch,
    settings: ModelSettings,
    nearest: Nearest,
    ask?: AskNodes,
    own: { readonly keys?: OwnKeys; readonly base?: number } = {},
  ) {
    this.#nearest = nearest;
    this.#root = root;
    this.#settings = settings;
    this.#ask = ask;
    this.#ownership = new Ownership(root, own.keys, own.base);
    this.#stack = new EvaluationStack(this.#ownership, (beginning) => this.#make(beginning));
    this.#finishing = new Finishing((slot) => this.#solid(slot), this.#ownership, this.#stack);
  }

  /** Of this evaluation, for another that it is the base of. */
  get id(): number {
    return this.#ownership.id;
  }

  /** @returns what a slot is: a scalar, a list or a mapping whose parts are not looked at yet. */
  solid(slot: Slot): Solid | Fault {
    return isSolid(slot) ? slot : this.#stack.run(() => this.#solid(slot));
  }

  #solid(slot: Slot): Solid | Fault {
    if (isSolid(slot)) return slot;
    const { resolved } = slot;
    const ownership = this.#ownership;
    if (resolved && ownership.holds(resolved)) {
      if (resolved.made === undefined) return this.#cycle(slot);
      ownership.reuse(resolved);
      return resolved.made;
    }
    const way = this.#stack;
    if (way.length > 2 * waitingLimit) {
      return new Fault(modelMessage("reference-deep", { limit: waitingLimit }, placeOf(atOf(slot))));
    }
    way.checkDepth();
    const beginning = ownership.begin(slot);
    ownership.mark(slot);
    way.through(beginning);
    return slot.resolved?.made as Solid | Fault;
  }

  #make(beginning: Beginning): void {
    const { of } = beginning;
    if (isSolid(of)) of.finished = this.#shared(of, this.#ownership.end(beginning, this.#finishing.partsOf(of)));
    else of.resolved = this.#ownership.end(beginning, of.kind === "text" ? this.#text(of) : this.#layers(of));
  }

  /** An answer that many nodes get is finished, and written, once. */
  #shared(of: Exclude<Solid, { kind: "scalar" }>, known: Known<MeasuredValue | Failed>): Known<MeasuredValue | Failed> {
    if (!of.settled || "faults" in known.made) return known;
    const { value } = known.made;
    if (value.kind !== "scalar") value.answer = { indent: undefined, text: "" };
    return { ...known, by: everywhere };
  }

  #cycle(slot: Text | Layers): Fault {
    const texts = (round: readonly (Beginning | string)[]): readonly string[] => {
      const steps = round.filter((step) => typeof step === "string");
      return [...steps, steps[0] ?? ""];
    };
    return this.#stack.cycle(slot, texts, atOf(slot));
  }

  #text(slot: Text): Solid | Fault {
    const [only] = slot.template;
    if (slot.template.length === 1 && only !== undefined && typeof only !== "string") {
      return only.kind === "query" ? this.#query(only, slot) : this.#reference(only, slot);
    }
    let text = "";
    for (const piece of slot.template) {
      if (typeof piece === "string") text += piece;
      else {
        const found = piece.kind === "query" ? this.#query(piece, slot) : this.#reference(piece, slot);
        const shown = found instanceof Fault ? found : this.#textOf(found);
        if (shown instanceof Fault) return shown;
        text += shown;
      }
      if (text.length > textLimit) return new Fault(modelMessage("result-too-large", {}, placeOf(slot.at)));
    }
    return { kind: "scalar", value: text, at: slot.at };
  }

  #textOf(solid: Solid): string | Fault {
    if (solid.kind === "scalar") return scalarText(solid.value);
    const made = this.#finishing.finish(solid);
    if ("faults" in made) return [...made.faults][0] as Fault;
    const text = valueText(made.value);
    this.#shown += text.length;
    return this.#shown > textLimit ? new Fault(modelMessage("result-too-large", {}, placeOf(solid.at))) : text;
  }

  /** A text that a reference within a reference gives: without it, nobody knows what the outer one asks for. */
  #pathOf(reference: Reference, slot: Text): Path | Fault {
    if (reference.path) return reference.path;
    let path = "";
    for (const part of reference.parts) {
      if (typeof part === "string") {
        path += part;
        continue;
      }
      const found = this.#stack.within(() => this.#reference(part, slot));
      const shown = found instanceof Fault ? found : this.#textOf(found);
      if (shown instanceof Fault) return shown.missing ? new Fault(shown.diagnostic) : shown;
      path += shown;
    }
    return pathOf(path, this.#settings.syntax);
  }

  #reference(reference: Reference, slot: Text): Solid | Fault {
    const path = this.#pathOf(reference, slot);
    if (path instanceof Fault) return path;
    this.#stack.follow(reference.text);
    const found = this.#lookUp(path, reference.text, slot.at);
    this.#stack.arrive();
    return found;
  }

  #lookUp(path: Path, text: string, at: At): Solid | Fault {
    this.#ownership.note(path);
    const { keys } = path;
    let slot: Slot = this.#root;
    for (let index = 0; index < keys.length; index++) {
      const above = this.#solid(slot);
      if (above instanceof Fault) return above;
      const next = this.#step(above, keys[index] as string, index === keys.length - 1);
      if (next === undefined) return this.#nothing(above, keys, index, text, at);
      slot = next;
    }
    return this.#solid(slot);
  }

  /** An item of a list can be passed through, but cannot be the end of a reference: reclass has it so. */
  #step(above: Solid, key: string, last: boolean): Slot | undefined {
    if (above.kind !== "list") return childOf(above, key);
    const index = last ? undefined : indexOf(key);
    return index === undefined ? undefined : above.items.at(index);
  }

  /** @param index of the key that leads nowhere. */
  #nothing(above: Solid, path: readonly string[], index: number, text: string, at: At): Fault {
    const { delimiter } = this.#settings.syntax;
    const before = path.slice(0, index).join(delimiter);
    const key = path[index] as string;
    const shown = shownText(text, at);
    const missing = (why: string, near?: string): Fault => {
      const words = shown === undefined ? { text: "this reference", why: "what it names is not there" } : { text, why };
      return new Fault(modelMessage("reference-missing", { ...words, nearest: near }, placeOf(at)), words.text);
    };
    if (above.kind === "scalar") return missing(`${before} is ${kindName(above)}`);
    if (above.kind === "list") {
      if (index === path.length - 1)
        return missing(`${before} is a list, and an item cannot be the end of a reference`);
      const why = indexOf(key) === undefined ? `${before} is a list` : `${before} has ${above.items.length} items`;
      return new Fault(missing(why).diagnostic);
    }
    const near = meantPath(this.#root, { keys: path, index, known: keysOf(above), delimiter }, this.#nearest);
    const named = shownKey(key) === key ? key : JSON.stringify(key);
    return missing(`${before === "" ? "the node" : before} has no key ${named}`, near);
  }

  #query(query: Query, slot: Text): Solid | Fault {
    const ask = this.#ask;
    if (!ask) return new Fault(modelMessage("query-in-export", { text: query.text }, placeOf(slot.at)));
    this.#ownership.noteOwn();
    this.#stack.follow(query.text);
    const answer = ask(query, slot.at, (path) => {
      const whole = { keys: path, text: path.join(this.#settings.syntax.delimiter) };
      const found = this.#lookUp(whole, query.text, slot.at);
      if (found instanceof Fault) return found;
      const made = this.#finishing.finish(found);
      return "faults" in made ? ([...made.faults][0] as Fault) : made.value;
    });
    this.#stack.arrive();
    // The exports of this very node may rest on what is being made here, and then its marks are gone.
    this.#stack.remark((of) => this.#ownership.mark(of));
    return answer instanceof Fault ? answer : (answer as Solid);
  }

  /** The later over the earlier, by the table of docs/reclass-compatibility.md. */
  #layers({ layers }: Layers): Solid | Fault {
    const { ignoreOverwrittenMissing, strictConstants } = this.#settings;
    let output: Solid | undefined;
    let forgiven: Fault | undefined;
    const skipped: { readonly text: string; readonly at: At }[] = [];
    let through = false;
    let constant: Layer | undefined;
    const piling: MergeState = { owned: new Set(), copied: 0 };
    for (const [index, layer] of layers.entries()) {
      const found = this.#solid(layer.slot);
      let later: Solid;
      if (found instanceof Fault) {
        const forgivable = output === undefined || output.kind === "scalar";
        if (found.missing === undefined) return found;
        if (!(ignoreOverwrittenMissing && forgivable && index < layers.length - 1)) return found;
        forgiven = found;
        skipped.push({ text: found.missing, at: atOf(layer.slot) });
        later = { kind: "scalar", value: null, at: atOf(layer.slot) };
      } else later = found;
      if (constant) {
        if (!strictConstants) continue;
        const where = placeName(atOf(constant.slot));
        return new Fault(modelMessage("constant-changed", { where }, placeOf(atOf(layer.slot))));
      }
      const referred = layer.slot.kind === "text";
      const first = layer.overwrite || output === undefined;
      const next: Solid | Fault = first
        ? later
        : mergeOver(
            { solid: output as Solid, through },
            { solid: later, through: referred },
            layer.slot,
            this.#settings,
            piling,
          );
      if (next instanceof Fault) return next;
      this.#copied += piling.copied;
      piling.copied = 0;
      if (this.#copied > copyLimit) return new Fault(modelMessage("result-too-large", {}, placeOf(atOf(layer.slot))));
      through = next === later ? referred : next === output && through;
      output = next;
      if (layer.constant) constant = layer;
    }
    const made = output as Solid;
    if (forgiven && made.kind !== "scalar") return new Fault(forgiven.diagnostic);
    // Each node is told of it.
    if (skipped.length > 0) this.#ownership.noteOwn();
    for (const { text, at } of skipped) this.warnings.push(modelMessage("reference-skipped", { text }, placeOf(at)));
    return made;
  }

  /**
   * Resolves all that a slot holds.
   *
   * @param faults gets every fault on the way, each once.
   * @returns undefined where there were some.
   */
  finish(slot: Slot, faults: Set<Fault>): Value | undefined {
    const made = this.#stack.run(() => this.#finishing.finish(slot));
    if (!("faults" in made)) return made.value;
    for (const fault of made.faults) faults.add(fault);
    return undefined;
  }

  /** Resolves all that a slot holds. @returns it with its weight, or every fault on the way. */
  finished(slot: Slot): MeasuredValue | Failed {
    return this.#stack.run(() => this.#finishing.finish(slot));
  }

  /** Resolves all that each of many slots holds, up to the first that holds a fault. */
  finishedAll(slots: readonly Slot[]): readonly MeasuredValue[] | undefined {
    return this.#stack.run(() => {
      const all: MeasuredValue[] = [];
      for (const slot of slots) {
        const made = this.#finishing.finish(slot);
        if ("faults" in made) return undefined;
        all.push(made);
      }
      return all;
    });
  }

  /** Looks at something. @returns it, and whether it rests on what the node says itself. */
  observe<T>(look: () => T): { readonly made: T; readonly own: boolean } {
    return this.#ownership.observe(look);
  }

  /** @returns what a slot holds without the parts that have faults; undefined where nothing is left. */
  finishWhatCan(slot: Slot): Value | undefined {
    const made = this.#stack.run(() => this.#finishing.finish(slot));
    return "faults" in made ? made.partial : made.value;
  }
}

function keysOf(mapping: Solid): readonly string[] {
  if (mapping.kind === "branch") return [...mapping.entries.keys()];
  return mapping.kind === "written" ? mapping.entries.flatMap(({ key }) => (typeof key === "string" ? [key] : [])) : [];
}
