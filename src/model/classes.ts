import type { Diagnostic, Result } from "../diagnostics/diagnostic.ts";
import type { Nearest } from "../diagnostics/nearest.ts";
import type { Entity, Named } from "./entity.ts";
import { mergeSlots } from "./merge.ts";
import { modelMessage } from "./messages.ts";
import { placeOf } from "./place.ts";
import { scalarText } from "./python.ts";
import { isProblem, mayHold, parseTemplate, type Reference, splitPath } from "./reference.ts";
import type { ModelSettings } from "./settings.ts";
import { childOf, type Slot } from "./slot.ts";
import type { ModelFile } from "./value.ts";

/** The classes of a node, in the order in which they merge, and how each file was reached. */
export type NodeClasses = {
  /** The node itself comes last. */
  readonly entities: readonly Entity[];
  /** Names as they are listed, in reclass's order: what a class includes stands before it. */
  readonly names: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  readonly common: Common;
};

/** What nodes with the same classes have in common, in the order of merging. */
export type Common = {
  /** The classes that class_mappings give; automatic parameters come after them. */
  readonly mapped: readonly Entity[];
  readonly classes: readonly Entity[];
  readonly names: readonly string[];
};

export type ClassLookUp = {
  readonly settings: ModelSettings;
  readonly classFiles: ReadonlyMap<string, string>;
  readonly read: (name: string) => Result<Entity>;
  /** Merged last, and seen by class names, whatever the classes say. */
  readonly overrides: Entity | undefined;
  readonly closures: Closures;
  /** By the classes that a node lists, and those that class_mappings give it. */
  readonly commons: Map<string, Common>;
  readonly nearest: Nearest;
};

/** A class with all it includes, in the order of merging; undefined where that depends on the node, or is broken. */
type Closure = {
  readonly members: readonly { readonly name: string; readonly entity: Entity }[];
  readonly names: readonly string[];
};
type Closures = Map<string, Closure | undefined>;

/**
 * What a class includes is the same for every node, unless a class name holds a reference. Since whatever was met before has
 * brought all that it includes, leaving out what was met gives what going through it again would give.
 */
function closureOf(name: string, looking: ClassLookUp, way: ReadonlySet<string> = new Set()): Closure | undefined {
  const { closures } = looking;
  if (closures.has(name)) return closures.get(name);
  // A cycle, or too long a way: looked at step by step, to name it.
  if (way.has(name) || way.size > depthLimit) return undefined;
  const closure = makeClosure(name, looking, new Set([...way, name]));
  closures.set(name, closure);
  return closure;
}

function makeClosure(name: string, looking: ClassLookUp, way: ReadonlySet<string>): Closure | undefined {
  const { classFiles, read, settings } = looking;
  const entity = classFiles.has(name) ? read(name) : undefined;
  if (!entity?.ok || entity.value.classes.some((listed) => mayHold(listed.name, settings.syntax))) return undefined;
  const members = new Map<string, Entity>();
  const names = new Set<string>();
  for (const listed of entity.value.classes) {
    const closure = closureOf(listed.name, looking, way);
    if (!closure) return undefined;
    for (const member of closure.members) if (!members.has(member.name)) members.set(member.name, member.entity);
    for (const each of closure.names) names.add(each);
  }
  for (const listed of entity.value.classes) names.add(listed.name);
  members.set(name, entity.value);
  return { members: [...members].map(([each, one]) => ({ name: each, entity: one })), names: [...names] };
}

/** Classes that include one another in a row; reclass gives up at about 300, where Python's stack ends. */
const depthLimit = 300;

/** @returns the class that a name means which is that of its file, or of its directory's init.yml. */
function meantClass(name: string, classFiles: ReadonlyMap<string, string>): string | undefined {
  const meant = name
    .replaceAll(":", ".")
    .replace(/\.ya?ml$/, "")
    .replace(/^\.?classes\./, "")
    .replace(/\.init$/, "");
  return meant !== name && classFiles.has(meant) ? meant : undefined;
}

class Gathering {
  readonly #looking: ClassLookUp;
  readonly #seen = new Set<string>();
  readonly #way: string[];
  readonly diagnostics: Diagnostic[] = [];
  /** Whether another node that lists the same gets the same. */
  isCommon = true;
  /** How each file was reached; looked for only when it must be said. */
  readonly chains: Map<ModelFile, readonly string[]> | undefined;

  constructor(looking: ClassLookUp, node: string, chains?: Map<ModelFile, readonly string[]>) {
    this.#looking = looking;
    this.chains = chains;
    this.#way = [node];
  }

  /**
   * Goes through an entity's classes, depth first, each class once.
   *
   * @param level what is merged so far at this level, which gets what is found.
   * @param node what is merged so far at the level of the node.
   * @returns the names of the classes.
   */
  descend(entity: Entity, level: Entity[], node: readonly Entity[]): readonly string[] {
    if (this.chains && !this.chains.has(entity.file)) this.chains.set(entity.file, [...this.#way]);
    const names = new Set<string>();
    for (const listed of entity.classes) {
      const name = this.#nameOf(listed, level, node);
      if (name !== listed.name) this.isCommon = false;
      if (name === undefined || this.#seen.has(name)) continue;
      const closure = this.chains ? undefined : closureOf(name, this.#looking);
      if (closure) {
        this.#take(closure, level);
        for (const each of closure.names) names.add(each);
        continue;
      }
      this.isCommon = false;
      const from = this.#way.indexOf(name, 1);
      if (from >= 0) {
        const cycle = [...this.#way.slice(from), name].join(" → ");
        this.#report(modelMessage("class-cycle", { cycle }, placeOf(listed.at)), listed);
        continue;
      }
      if (this.#way.length > depthLimit) {
        this.#tooDeep(listed);
        continue;
      }
      const found = this.#find(name, listed);
      if (!found) continue;
      this.#way.push(name);
      const below: Entity[] = [];
      for (const each of this.descend(found, below, node)) names.add(each);
      level.push(...below);
      this.#way.pop();
      this.#seen.add(name);
    }
    for (const { name } of entity.classes) names.add(name);
    level.push(entity);
    return [...names];
  }

  #take(closure: Closure, level: Entity[]): void {
    for (const { name, entity } of closure.members) {
      if (this.#seen.has(name)) continue;
      this.#seen.add(name);
      level.push(entity);
    }
  }

  /** Said once: below it, nothing is looked at any more. */
  #tooDeep(listed: Named): void {
    if (this.diagnostics.some(({ code }) => code === "class-deep")) return;
    this.#report(modelMessage("class-deep", { limit: depthLimit }, placeOf(listed.at)), listed);
  }

  #report(diagnostic: Diagnostic, { path }: Named): void {
    this.diagnostics.push({ ...diagnostic, path, through: this.#way.join(" → ") });
  }

  #find(name: string, listed: Named): Entity | undefined {
    const { settings, classFiles, read } = this.#looking;
    if (!classFiles.has(name)) {
      const skipped = settings.mayMiss(name);
      if (typeof skipped === "object") {
        this.diagnostics.push(skipped);
        return undefined;
      }
      if (skipped) {
        if (settings.warnOfMissed) this.#report(modelMessage("class-skipped", { name }, placeOf(listed.at)), listed);
        return undefined;
      }
      const file = `${settings.classes}/${name.replaceAll(".", "/")}.yml`;
      if (listed.relative) {
        const { written, of } = listed.relative;
        const meant = relativeNames(written, of).find((each) => classFiles.has(each));
        const isInit = /\/init\.ya?ml$/.test(listed.at.file.path);
        const message = { written, name, of, file, meant, isInit };
        this.#report(modelMessage("class-relative-unknown", message, placeOf(listed.at)), listed);
        return undefined;
      }
      const near = meantClass(name, classFiles) ?? this.#looking.nearest(name, classFiles.keys());
      this.#report(modelMessage("class-unknown", { name, file, nearest: near }, placeOf(listed.at)), listed);
      return undefined;
    }
    const entity = read(name);
    if (entity.ok) return entity.value;
    const through = [...this.#way, name].join(" → ");
    if (!this.#seen.has(name))
      for (const diagnostic of entity.diagnostics) this.diagnostics.push({ ...diagnostic, through });
    this.#seen.add(name);
    return undefined;
  }

  /** @returns the name with its references filled from what is merged so far: at this level, else at the node's. */
  #nameOf(listed: Named, level: readonly Entity[], node: readonly Entity[]): string | undefined {
    const { settings } = this.#looking;
    if (!mayHold(listed.name, settings.syntax)) return listed.name;
    const template = parseTemplate(listed.name, settings.syntax);
    if (isProblem(template)) {
      this.#report(modelMessage(template.problem, { text: template.text }, placeOf(listed.at)), listed);
      return undefined;
    }
    const fill = (merged: readonly Entity[]): string | Reference | Deep => {
      let text = "";
      for (const piece of template) {
        if (typeof piece === "string") text += piece;
        else if (piece.kind === "query") return new Deep(piece.text);
        else {
          const found = this.#fill(piece, merged);
          if (typeof found !== "string") return found;
          text += found;
        }
      }
      return text;
    };
    let found = fill(level);
    if (typeof found !== "string" && !(found instanceof Deep)) found = fill(node);
    if (typeof found === "string") return found;
    const message = { name: listed.name, reference: found.text };
    const code = found instanceof Deep ? "class-reference-deep" : "class-reference-missing";
    this.#report(modelMessage(code, message, placeOf(listed.at)), listed);
    return undefined;
  }

  /** @returns the text of what a reference points to, or the reference that points to nothing, or to no plain value. */
  #fill(reference: Reference, merged: readonly Entity[]): string | Reference | Deep {
    let path = "";
    for (const part of reference.parts) {
      const found = typeof part === "string" ? part : this.#fill(part, merged);
      if (typeof found !== "string") return found;
      path += found;
    }
    const [first = "", ...rest] = splitPath(path, this.#looking.settings.syntax);
    const { overrides } = this.#looking;
    const owned = new Set<Slot>();
    let slot: Slot | undefined;
    for (const { parameters } of overrides ? [...merged, overrides] : merged) {
      const entry = parameters.entries.get(first);
      if (entry) slot = slot ? mergeSlots(slot, entry.value, owned) : entry.value;
    }
    for (const [at, key] of rest.entries()) {
      if (slot?.kind === "list" && at < rest.length - 1) slot = slot.items.at(Number(key));
      else slot = slot?.kind === "branch" || slot?.kind === "written" ? childOf(slot, key) : undefined;
    }
    if (slot === undefined) return reference;
    // Set several times: the last counts, as it will in the end. reclass 1.7.0 prints a Python object here.
    const last = slot.kind === "layers" ? slot.layers.at(-1)?.slot : slot;
    return last?.kind === "scalar" ? scalarText(last.value) : new Deep(reference.text);
  }
}

/** @returns what a relative name may have been meant for: below the class itself, beside it, or further up. */
function relativeNames(written: string, of: string): readonly string[] {
  const rest = written.replace(/^\.+/, "");
  const parts = of.split(".");
  return parts.map((_, index) => [...parts.slice(0, parts.length - index), rest].join("."));
}

/** A reference in a class name to what is no plain value yet. */
class Deep {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Base = {
  /** Holds the classes that class_mappings give. */
  readonly mapped: Entity | undefined;
  /** Automatic parameters. */
  readonly parameters: readonly Entity[];
};

const made = (node: Entity, base: Base, overrides: Entity | undefined, common: Common): readonly Entity[] => [
  ...common.mapped,
  ...base.parameters,
  ...common.classes,
  node,
  ...(overrides ? [overrides] : []),
];

function gather(gathering: Gathering, node: Entity, base: Base, overrides: Entity | undefined): NodeClasses {
  const level: Entity[] = [];
  const names = new Set(base.mapped ? gathering.descend(base.mapped, level, []) : []);
  // Without what only held the classes that class_mappings give.
  const mapped = level.slice(0, -1);
  level.push(...base.parameters);
  const start = level.length;
  for (const name of gathering.descend(node, level, level)) names.add(name);
  const common: Common = { mapped, classes: level.slice(start, -1), names: [...names] };
  const entities = made(node, base, overrides, common);
  return { entities, names: common.names, diagnostics: gathering.diagnostics, common };
}

const namesOf = (entity: Entity | undefined): readonly string[] => entity?.classes.map(({ name }) => name) ?? [];

/** Finds the classes of a node; what `base` holds is merged before everything else. */
export function gatherClasses(looking: ClassLookUp, node: Entity, base: Base): NodeClasses {
  const { commons, overrides } = looking;
  const key = JSON.stringify([namesOf(node), namesOf(base.mapped)]);
  const common = commons.get(key);
  if (common) return { entities: made(node, base, overrides, common), names: common.names, diagnostics: [], common };
  const gathering = new Gathering(looking, node.name);
  const gathered = gather(gathering, node, base, overrides);
  if (gathering.isCommon && gathered.diagnostics.length === 0) commons.set(key, gathered.common);
  return gathered;
}

/** @returns how each file became part of a node: the node, then each class that includes the next. */
export function chainsOf(looking: ClassLookUp, node: Entity, base: Base): ReadonlyMap<ModelFile, readonly string[]> {
  const chains = new Map<ModelFile, readonly string[]>();
  gather(new Gathering(looking, node.name, chains), node, base, looking.overrides);
  return chains;
}
