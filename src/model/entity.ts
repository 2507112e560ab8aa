import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { placeText } from "../diagnostics/frame.ts";
import { readDocument } from "./document.ts";
import { locate, rootsOf } from "./locate.ts";
import { branchOf } from "./merge.ts";
import { modelMessage } from "./messages.ts";
import { placeOf, shownText } from "./place.ts";
import { isProblem, mayHold, parseTemplate } from "./reference.ts";
import {
  insteadOfMapping,
  insteadOfName,
  insteadOfNames,
  type Shape,
  unknownSections,
  wrongClassName,
} from "./sections.ts";
import type { ModelSettings } from "./settings.ts";
import { atOf, type Branch, type Leaf, type Slot, type Written } from "./slot.ts";
import type { At, ModelFile } from "./value.ts";

/** What a class or node file says, ready to be merged. */
export type Entity = {
  readonly name: string;
  readonly file: ModelFile;
  /** In the order of the file, relative names already absolute; references in them stay. */
  readonly classes: readonly Named[];
  /** `~name` takes back an application. */
  readonly applications: readonly Named[];
  readonly parameters: Branch;
  readonly exports: Branch;
  /** A node's only; what a class says here counts for nothing in reclass. */
  readonly environment: Leaf | undefined;
  /** What is odd in its file, and wrong for nobody. */
  readonly warnings: readonly Diagnostic[];
};

/**
 * A class that an entity lists.
 *
 * @property path of the item, for messages: `classes:0`.
 */
export type Named = {
  readonly name: string;
  readonly at: At;
  readonly path: string;
  readonly relative?: Relative;
};

/** A class name with dots before it, and the class or node in whose file it stands. */
export type Relative = { readonly written: string; readonly of: string };

/** Turns what was written into slots that merge: texts are looked into, mappings get their flags. */
export class Preparing {
  readonly #settings: ModelSettings;
  readonly #diagnostics: Diagnostic[];
  readonly #queries: boolean;
  /** Aliases make a tree of shared parts: each is done once, or a bomb would go off here. */
  readonly #done = new Map<Slot, Slot>();
  readonly #branches = new Map<Slot, Branch>();

  /** @param queries whether inventory queries may stand here. */
  constructor(settings: ModelSettings, diagnostics: Diagnostic[], queries: boolean) {
    this.#queries = queries;
    this.#settings = settings;
    this.#diagnostics = diagnostics;
  }

  /** Keys stay as they are written: below a list, or in the replacement of `~key`. */
  #plain(slot: Slot): Slot {
    if (slot.kind === "scalar") return typeof slot.value === "string" ? this.#text(slot, slot.value) : slot;
    const done = this.#done.get(slot);
    if (done) return done;
    const made = this.#container(slot);
    this.#done.set(slot, made);
    return made;
  }

  #container(slot: Slot): Slot {
    if (slot.kind === "list") return { ...slot, items: slot.items.map((item) => this.#plain(item)) };
    if (slot.kind !== "written") return slot;
    return { ...slot, entries: slot.entries.map((entry) => ({ ...entry, value: this.#plain(entry.value) })) };
  }

  #text(leaf: Leaf, text: string): Slot {
    const { syntax } = this.#settings;
    if (!mayHold(text, syntax)) {
      if (text.includes("_param:") && looksLikeReference.test(text)) this.#odd(leaf.at);
      return leaf;
    }
    const template = parseTemplate(text, syntax);
    if (isProblem(template)) {
      this.#diagnostics.push(
        modelMessage(template.problem, { text: shownText(template.text, leaf.at) ?? "this text" }, placeOf(leaf.at)),
      );
      return leaf;
    }
    for (const piece of this.#queries ? [] : template) {
      if (typeof piece === "string" || piece.kind !== "query") continue;
      this.#diagnostics.push(modelMessage("query-in-export", { text: piece.text }, placeOf(leaf.at)));
    }
    if (template.every((piece) => typeof piece === "string")) return { ...leaf, value: template.join("") };
    return { kind: "text", template, at: leaf.at };
  }

  #odd(at: At): void {
    this.#diagnostics.push(modelMessage("reference-odd", {}, placeOf(at)));
  }

  /** @returns a mapping as one that merges with others. */
  branch(written: Written): Branch {
    const done = this.#branches.get(written);
    if (done) return done;
    const [only] = written.entries;
    // {_param:name} is a mapping of one key.
    if (written.entries.length === 1 && typeof only?.key === "string" && only.key.startsWith("_param:")) {
      if (isNull(only.value)) this.#odd(written.at);
    }
    const made = branchOf(written.entries, written.at, this.#settings, (slot, flagged) =>
      slot.kind === "written" && !flagged ? this.branch(slot) : this.#plain(slot),
    );
    this.#branches.set(written, made);
    return made;
  }
}

/** `$_param:name`, `$(_param:name)`, `$ {_param:name}`. */
const looksLikeReference = /\$\s*[({]?\s*_param:/;

const isNull = (slot: Slot): boolean => slot.kind === "scalar" && slot.value === null;

class Sections {
  readonly diagnostics: Diagnostic[];
  readonly #entries: ReadonlyMap<string, Slot>;

  constructor(root: Written, diagnostics: Diagnostic[]) {
    this.diagnostics = diagnostics;
    this.#entries = new Map(root.entries.flatMap(({ key, value }) => (typeof key === "string" ? [[key, value]] : [])));
  }

  #wrong(section: string, wants: string, at: At, shape: Shape): void {
    this.diagnostics.push(modelMessage("section-wrong", { section, wants, ...shape }, placeOf(at)));
  }

  names(section: string, empty = false): readonly Named[] {
    const slot = this.#entries.get(section);
    if (slot === undefined || isNull(slot)) return [];
    if (slot.kind !== "list") {
      this.#wrong(section, "a list of names", atOf(slot), insteadOfNames(slot, section));
      return [];
    }
    return slot.items.flatMap((item, index) => {
      if (item.kind === "scalar" && typeof item.value === "string" && (empty || item.value !== "")) {
        return [{ name: item.value, at: item.at, path: `${section}:${index}` }];
      }
      this.#wrong(section, "a list of names", atOf(item), insteadOfName(item));
      return [];
    });
  }

  mapping(section: string, root: At): Written {
    const slot = this.#entries.get(section);
    if (slot?.kind === "written") return slot;
    if (slot && !isNull(slot)) this.#wrong(section, "a mapping", atOf(slot), insteadOfMapping(slot, section));
    return { kind: "written", entries: [], at: slot ? atOf(slot) : root };
  }

  scalar(section: string): Leaf | undefined {
    const slot = this.#entries.get(section);
    if (slot === undefined || isNull(slot)) return undefined;
    if (slot.kind === "scalar") return slot;
    const found = slot.kind === "list" ? "a list" : "a mapping";
    this.#wrong(section, "one name", atOf(slot), { found, fix: `write ${section}: name` });
    return undefined;
  }
}

/**
 * @returns the name without leading dots: each dot is one level up from the class that stands in the file (whose last part
 * is the file's own name; of `x/init.yml` that is `x`), and nothing left is the top.
 */
export function absoluteName(name: string, of: string): string {
  const dots = /^\.*/.exec(name)?.[0].length ?? 0;
  if (dots === 0) return name;
  const parent = of.split(".").slice(0, -dots).join(".");
  return parent === "" ? name.slice(dots) : parent + name.slice(dots - 1);
}

/** Reads a class or node. @param name of the class or node, which relative names in it start from. */
export function readEntity(text: string, path: string, name: string, settings: ModelSettings): Result<Entity> {
  const read = readDocument(text, path);
  if (!read.ok) return read;
  const { file, content } = read.value;
  const diagnostics: Diagnostic[] = [];
  const at: At = { file, start: 0, end: 0 };
  if (content.kind !== "written" && !isNull(content)) {
    return failure([modelMessage("file-not-mapping", {}, placeOf(content.at))]);
  }
  const root: Written = content.kind === "written" ? content : { kind: "written", entries: [], at };
  const sections = new Sections(root, diagnostics);
  const warnings = [...read.warnings, ...unknownSections(root)];
  const classes = sections.names("classes").map((named): Named => {
    const { name: written } = named;
    if (!written.startsWith(".")) return named;
    return { ...named, name: absoluteName(written, name), relative: { written, of: name } };
  });
  for (const named of classes) {
    const wrong = wrongClassName(named.name);
    if (wrong) diagnostics.push(modelMessage("class-name-wrong", wrong, placeOf(named.at)));
  }
  const entity: Entity = {
    name,
    file,
    classes,
    applications: sections.names("applications", true),
    parameters: new Preparing(settings, diagnostics, true).branch(sections.mapping("parameters", at)),
    exports: new Preparing(settings, diagnostics, false).branch(sections.mapping("exports", at)),
    environment: sections.scalar("environment"),
    warnings,
  };
  if (diagnostics.length === 0) return success(entity);
  const wrong = new Set(diagnostics.map(({ place }) => place && placeText(place).at));
  const others = warnings.filter(({ place }) => !wrong.has(place && placeText(place).at));
  const told = [...locate(diagnostics, rootsOf(root), settings), ...others];
  return told.some(({ severity }) => severity === "error") ? failure(told) : success({ ...entity, warnings: told });
}
