import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { isQuick, withDeadline } from "./deadline.ts";
import type { Named } from "./entity.ts";
import { Fault } from "./fault.ts";
import { modelMessage } from "./messages.ts";
import { expand, globPattern, longestPattern, pythonPattern, splitMapping } from "./pattern.ts";
import { placeOf } from "./place.ts";
import { atOf, type Slot } from "./slot.ts";
import type { At } from "./value.ts";

/** A line of class_mappings, and the classes that it gives a node of a name. */
export type ClassMapping = Line & {
  readonly at: At;
  /** In the settings, for messages: `class_mappings:0`. */
  readonly path: string;
  readonly text: string;
};
type Line = {
  readonly key: string;
  readonly isQuick: boolean;
  readonly classesOf: (name: string) => readonly string[];
};

/** @returns what finds the classes, or why there is no such thing. */
function readMapping(mapping: string): Line | { readonly why: string } {
  const words = splitMapping(mapping);
  if (words === undefined) return { why: "a quote or slash is not closed" };
  const [key, ...classes] = words;
  if (key === undefined) return { why: "it is empty" };
  if (key.length > longestPattern) return { why: `the pattern has more than ${longestPattern} characters` };
  if (!mapping.startsWith("/")) {
    const glob = globPattern(key);
    return { key, isQuick: true, classesOf: (name) => (glob.test(name) ? classes : []) };
  }
  const pattern = pythonPattern(key);
  if (pattern === undefined) return { why: "the regular expression is none that plinth understands" };
  const classesOf = (name: string): readonly string[] => {
    const match = pattern.exec(name);
    return match ? classes.map((each) => expand(each, match)) : [];
  };
  return { key, isQuick: isQuick(pattern), classesOf };
}

/**
 * Reads the setting class_mappings, whose items are known to be texts; what is wrong with them is added to `diagnostics`.
 *
 * @param ofPaths whether paths are matched, and not names.
 */
export function readMappings(
  setting: Slot | undefined,
  ofPaths: boolean,
  diagnostics: Diagnostic[],
): readonly ClassMapping[] {
  const items = setting === undefined ? [] : setting.kind === "list" ? setting.items : [setting];
  const mappings: ClassMapping[] = [];
  for (const [index, item] of items.entries()) {
    if (item.kind !== "scalar" || typeof item.value !== "string") continue;
    const at = atOf(item);
    const made = readMapping(item.value);
    const path = `class_mappings:${index}`;
    const report = (diagnostic: Diagnostic): number => diagnostics.push({ ...diagnostic, path });
    if ("why" in made) {
      report(modelMessage("mapping-wrong", { mapping: item.value, why: made.why }, placeOf(at)));
      continue;
    }
    // A group or an alternative may do without the slash.
    if (!ofPaths && /^[^(|?]*\//.test(made.key)) {
      report(modelMessage("mapping-of-path", { mapping: item.value }, placeOf(at)));
    }
    mappings.push({ ...made, at, path, text: item.value });
  }
  return mappings;
}

/** Finds the classes that class_mappings give to the nodes of a model, in bounded time. */
export class MappedClasses {
  readonly #mappings: readonly ClassMapping[];
  readonly #all: () => readonly string[];
  readonly #known = new Map<string, readonly Named[]>();
  #slow: Fault | undefined;

  /** @param all gives every name that may be asked for. */
  constructor(mappings: readonly ClassMapping[], all: () => readonly string[]) {
    this.#mappings = mappings;
    this.#all = all;
  }

  /** @returns the classes of a name, or which mapping takes too long. */
  of(name: string): readonly Named[] | Fault {
    if (this.#slow) return this.#slow;
    if (this.#mappings.every((mapping) => mapping.isQuick)) return this.#match(name);
    if (!this.#known.has(name)) {
      // A watchdog for each of 2,000 nodes takes longer than the matching: who asks twice is given all.
      this.#watch(this.#known.size === 0 ? [name] : [name, ...this.#all()]);
    }
    return this.#slow ?? (this.#known.get(name) as readonly Named[]);
  }

  #match(name: string, before: (mapping: ClassMapping) => void = () => {}): readonly Named[] {
    return this.#mappings.flatMap((mapping) => {
      before(mapping);
      return mapping.classesOf(name).map((each) => ({ name: each, at: mapping.at, path: mapping.path }));
    });
  }

  #watch(names: readonly string[]): void {
    let at: { readonly mapping: ClassMapping; readonly name: string } | undefined;
    const done = withDeadline(() => {
      for (const name of names)
        this.#known.set(
          name,
          this.#match(name, (mapping) => (at = { mapping, name })),
        );
    });
    if (done || !at) return;
    const { mapping, name } = at;
    const message = { setting: "class_mappings", pattern: mapping.text, name };
    this.#slow = new Fault({ ...modelMessage("pattern-slow", message, placeOf(mapping.at)), path: mapping.path });
  }
}
