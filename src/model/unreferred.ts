import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { shownKey } from "../diagnostics/source-line.ts";
import type { Entity } from "./entity.ts";
import { modelMessage } from "./messages.ts";
import { placeOf } from "./place.ts";
import {
  isProblem,
  mayHold,
  parseTemplate,
  type Reference,
  type Syntax,
  splitPath,
  type Template,
} from "./reference.ts";
import type { Slot } from "./slot.ts";
import type { At } from "./value.ts";

/** Keys of a model's parameters below which there is only what others refer to; with the names there that plinth itself reads. */
export type ReferredTo = Readonly<Record<string, readonly string[]>>;

/** How many keys are told of one by one: a model may serve other programs, which look its parameters up by themselves. */
const reportLimit = 20;

/** What references name below one key. `all`: the value is taken as a whole. `begins`: names of which a reference makes the rest. */
type Uses = { all: boolean; readonly below: Map<string, Uses>; readonly begins: string[] };

const none = (): Uses => ({ all: false, below: new Map(), begins: [] });

function below(uses: Uses, name: string): Uses {
  const known = uses.below.get(name) ?? none();
  uses.below.set(name, known);
  return known;
}

/** Collects what the files of an inventory refer to. Where that depends on a node, whatever it may come to counts. */
class Referring {
  /** By the keys of `ReferredTo`. */
  readonly uses: ReadonlyMap<string, Uses>;
  readonly #syntax: Syntax;
  readonly #seen = new Set<Slot>();

  constructor(keys: ReferredTo, syntax: Syntax) {
    this.uses = new Map(Object.keys(keys).map((key) => [key, none()]));
    for (const [key, names] of Object.entries(keys)) for (const name of names) this.#path([key, name]);
    this.#syntax = syntax;
  }

  /** @param open the last key is only how a name begins. */
  #path(keys: readonly string[], open = false): void {
    const [key = "", ...names] = keys;
    if (open && names.length === 0) {
      for (const [each, uses] of this.uses) if (each.startsWith(key)) uses.all = true;
      return;
    }
    let uses = this.uses.get(key);
    if (!uses) return;
    for (const name of open ? names.slice(0, -1) : names) uses = below(uses, name);
    if (open) uses.begins.push(names.at(-1) as string);
    else uses.all = true;
  }

  #reference({ path, parts }: Reference): void {
    const [first] = parts;
    if (path) this.#path(path.keys);
    else this.#path(typeof first === "string" ? splitPath(first, this.#syntax) : [], true);
    for (const part of parts) if (typeof part !== "string") this.#reference(part);
  }

  #template(template: Template): void {
    for (const piece of template) {
      if (typeof piece === "string") this.#mention(piece);
      else if (piece.kind === "reference") this.#reference(piece);
      else for (const { other } of piece.tests) if ("parameter" in other) this.#path(other.parameter);
    }
  }

  /** A text that names a parameter may become a part of a reference: `${${which}}`. */
  #mention(text: string): void {
    for (const key of this.uses.keys()) {
      const start = text.indexOf(key + this.#syntax.delimiter);
      const [path] = start < 0 ? [] : (/^[^\s{}[\]]+/.exec(text.slice(start)) ?? []);
      if (path !== undefined) this.#path(splitPath(path, this.#syntax));
    }
  }

  text(text: string): void {
    const template = mayHold(text, this.#syntax) ? parseTemplate(text, this.#syntax) : [text];
    if (!isProblem(template)) this.#template(template);
  }

  slot(slot: Slot): void {
    if (this.#seen.has(slot)) return;
    this.#seen.add(slot);
    if (slot.kind === "scalar") {
      if (typeof slot.value === "string") this.#mention(slot.value);
    } else if (slot.kind === "text") this.#template(slot.template);
    else if (slot.kind === "layers") for (const layer of slot.layers) this.slot(layer.slot);
    else if (slot.kind === "list") for (const item of slot.items) this.slot(item);
    else if (slot.kind === "branch") for (const { value } of slot.entries.values()) this.slot(value);
    else for (const { value } of slot.entries) this.slot(value);
  }

  entity({ classes, parameters, exports, environment }: Entity): void {
    for (const { name } of classes) this.text(name);
    this.slot(parameters);
    this.slot(exports);
    if (typeof environment?.value === "string") this.text(environment.value);
  }
}

/** A key that a file sets, and nothing refers to. */
type Unreferred = { readonly path: readonly string[]; readonly at: At; readonly nearest: string | undefined };

function unreferred(slot: Slot, uses: Uses, path: readonly string[]): readonly Unreferred[] {
  if (uses.all) return [];
  if (slot.kind === "layers") return slot.layers.flatMap((layer) => unreferred(layer.slot, uses, path));
  if (slot.kind !== "branch") return [];
  return [...slot.entries].flatMap(([name, { keyAt, value }]): readonly Unreferred[] => {
    if (uses.begins.some((begin) => name.startsWith(begin))) return [];
    const own = uses.below.get(name);
    const deeper = [...path, name];
    return own
      ? unreferred(value, own, deeper)
      : [{ path: deeper, at: keyAt, nearest: nearest(name, uses.below.keys()) }];
  });
}

/**
 * Looks for keys that are there to be referred to, and to which nothing refers: a slip of the pen there changes nothing, and nobody
 * says so.
 *
 * @param files whose keys are looked at. @param all every file of the inventory, since any of them may refer to a key.
 * @returns warnings; those that may be slips of the pen come first.
 */
export function unreferredKeys(
  keys: ReferredTo,
  files: readonly Entity[],
  all: readonly Entity[],
  syntax: Syntax,
): readonly Diagnostic[] {
  const referring = new Referring(keys, syntax);
  for (const entity of all) referring.entity(entity);
  const found = files.flatMap(({ parameters }) =>
    [...referring.uses].flatMap(([key, uses]) => {
      const slot = parameters.entries.get(key)?.value;
      return slot ? unreferred(slot, uses, [key]) : [];
    }),
  );
  const pathOf = (path: readonly string[]): string => path.map(shownKey).join(syntax.delimiter);
  const places = [...Map.groupBy(found, ({ path }) => path.join(syntax.delimiter)).values()];
  const sorted = places.toSorted(([one], [other]) => Number(!one?.nearest) - Number(!other?.nearest));
  const messages = sorted.slice(0, reportLimit).flatMap((same): readonly Diagnostic[] => {
    const [first] = same;
    if (!first) return [];
    const path = pathOf(first.path);
    const near = first.nearest && pathOf([...first.path.slice(0, -1), first.nearest]);
    const message = { path, nearest: near, others: same.length - 1 };
    return [{ ...modelMessage("parameter-unreferred", message, placeOf(first.at)), path }];
  });
  const left = sorted.slice(reportLimit).flatMap(([one]) => (one ? [pathOf(one.path)] : []));
  return left.length === 0 ? messages : [...messages, modelMessage("parameters-unreferred", { paths: left })];
}
