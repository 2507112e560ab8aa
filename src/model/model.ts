import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { type Nearest, nearestOf } from "../diagnostics/nearest.ts";
import { MappedClasses } from "./class-mappings.ts";
import { type ClassLookUp, chainsOf, gatherClasses, type NodeClasses } from "./classes.ts";
import { type Entity, readEntity } from "./entity.ts";
import { Evaluation } from "./evaluate.ts";
import { Answers, type Exported, hasPlainKeys } from "./exports.ts";
import { Fault } from "./fault.ts";
import {
  automaticAt,
  automaticEntities,
  leaf,
  mappedEntity,
  matchedName,
  type Overrides,
  overridesEntity,
} from "./given.ts";
import { type Inventory, listInventory } from "./inventory.ts";
import { nodeInfoJson, nodeJson } from "./json.ts";
import { applicationsOf, exportsOf, type Kind, Kinds, type OwnParts, parametersOf } from "./kinds.ts";
import { locate } from "./locate.ts";
import { modelMessage } from "./messages.ts";
import type { OwnKeys } from "./ownership.ts";
import { printNode } from "./print.ts";
import { scalarText } from "./python.ts";
import { type ModelSettings, readSettings } from "./settings.ts";
import type { Branch, Leaf } from "./slot.ts";
import type { ModelSource } from "./source.ts";
import { type ReferredTo, unreferredKeys } from "./unreferred.ts";
import type { ModelFile, Value } from "./value.ts";

export type { Overrides } from "./given.ts";

/** What reclass's `--nodeinfo` gives for a node, each value with the place that wrote it. */
export type CompiledNode = {
  readonly name: string;
  readonly uri: string;
  readonly environment: Value;
  readonly classes: readonly string[];
  readonly applications: readonly string[];
  readonly parameters: Value;
  readonly exports: Value;
};

/** A node before its references are resolved, for explanations. */
export type MergedNode = Gathering & {
  readonly name: string;
  readonly evaluation: Evaluation;
  readonly parameters: Branch;
  readonly exports: Branch;
};

/** A node with its classes. */
type Gathering = NodeClasses & {
  readonly entity: Entity;
  readonly own: OwnParts;
  readonly kind: Kind;
  /** How each file became part of the node: the node, then each class that includes the next. */
  readonly chains: () => Chains;
  /** Adds to what is wrong with values which node it is, how its files became part of it, and the paths of the values. */
  readonly located: (diagnostics: readonly Diagnostic[]) => readonly Diagnostic[];
};

/** A node as JSON, and the names in it. */
export type PrintedNode = Pick<CompiledNode, "classes" | "applications"> & {
  readonly json: string;
  /** Whether it was written as another node of its kind, but for what is its own. */
  readonly filled: boolean;
};

type Chains = ReadonlyMap<ModelFile, readonly string[]>;

/** Mistakes of one model for which a name that may be meant is looked for: among 20,000 keys that takes a while. */
const suggestions = 20;

/** An inventory whose files are listed; nodes and classes are read when they are wanted, each class once. */
export class Model {
  readonly settings: ModelSettings;
  readonly inventory: Inventory;
  /** Names, sorted. */
  readonly nodes: readonly string[];
  readonly #source: ModelSource;
  readonly #classes = new Map<string, Result<Entity>>();
  readonly #environments = new Map<string, string | Fault>();
  readonly #kinds = new Kinds();
  readonly #answers: Answers;
  readonly #nearest: Nearest = nearestOf(suggestions);
  readonly #looking: ClassLookUp;
  readonly #mapped: MappedClasses;

  constructor(source: ModelSource, settings: ModelSettings, inventory: Inventory, overrides: Overrides) {
    this.settings = settings;
    this.inventory = inventory;
    this.nodes = [...inventory.nodes.keys()].sort();
    this.#source = source;
    this.#mapped = new MappedClasses(settings.classMappings, () => this.nodes.map((name) => this.#matchedName(name)));
    this.#looking = {
      settings,
      classFiles: inventory.classes,
      read: (name) => this.class(name),
      overrides: overridesEntity(overrides, settings),
      closures: new Map(),
      commons: new Map(),
      nearest: this.#nearest,
    };
    this.#answers = new Answers({
      nodes: this.nodes,
      environmentOf: (node) => this.#environment(node),
      exportsOf: (node) => this.#exports(node),
      settings,
    });
  }

  #matchedName = (name: string): string => matchedName(name, this.inventory.nodes.get(name) as string, this.settings);

  #readEntity(path: string, name: string): Result<Entity> {
    const text = this.#source.read(path);
    return text.ok ? readEntity(text.value, `${this.#source.base}/${path}`, name, this.settings) : text;
  }

  /** Reads a class, once. */
  class(name: string): Result<Entity> {
    const known = this.#classes.get(name);
    if (known) return known;
    const read = this.#readEntity(this.inventory.classes.get(name) as string, name);
    this.#classes.set(name, read);
    return read;
  }

  #node(name: string): Result<Entity> {
    const path = this.inventory.nodes.get(name);
    if (path !== undefined) return this.#readEntity(path, name);
    const message = { name, base: this.#source.base, nearest: this.#nearest(name, this.nodes) };
    return failure([modelMessage("node-unknown", message, { kind: "named", name: this.#source.base })]);
  }

  /** Finds a node's classes. All that is told names the node. */
  #gather(name: string): Result<Gathering> {
    const node = this.#node(name);
    if (!node.ok) return this.inventory.nodes.has(name) ? failure(ofNode(name, node.diagnostics)) : node;
    const entity = node.value;
    const mapped = this.#mapped.of(this.#matchedName(name));
    if (mapped instanceof Fault) return failure(ofNode(name, [mapped.diagnostic]));
    const base = {
      mapped: mappedEntity(mapped),
      parameters: automaticEntities(entity, this.settings),
    };
    const gathered = gatherClasses(this.#looking, entity, base);
    const told = ofNode(name, [...gathered.diagnostics, ...gathered.entities.flatMap(({ warnings }) => warnings)]);
    if (told.some(({ severity }) => severity === "error")) return failure(told);
    const own: OwnParts = {
      automatic: base.parameters.map(({ parameters }) => parameters),
      parameters: entity.parameters,
      exports: entity.exports,
      overrides: this.#looking.overrides?.parameters,
    };
    const kind = this.#kinds.of(gathered.common);
    const chains = (): Chains => chainsOf(this.#looking, entity, base);
    const located = (diagnostics: readonly Diagnostic[]): readonly Diagnostic[] => {
      if (diagnostics.length === 0) return diagnostics;
      const roots = [
        { before: [], slot: parametersOf(kind, own) },
        { before: ["exports"], slot: exportsOf(kind, own) },
      ];
      return ofNode(name, locate(reached(distinct(diagnostics), chains()), roots, this.settings));
    };
    return success({ ...gathered, entity, own, kind, chains, located }, told);
  }

  #evaluation(parameters: Branch, node: Entity): Evaluation {
    return new Evaluation(parameters, this.settings, this.#nearest, this.#answers.of(this.#environmentOf(node)));
  }

  /** Finds a node's classes and merges them. */
  merge(name: string): Result<MergedNode> {
    const gathered = this.#gather(name);
    if (!gathered.ok) return gathered;
    const { kind, own, entity } = gathered.value;
    const parameters = parametersOf(kind, own);
    const evaluation = this.#evaluation(parameters, entity);
    return success(
      { ...gathered.value, name, evaluation, parameters, exports: exportsOf(kind, own) },
      gathered.warnings,
    );
  }

  #environmentOf = (node: Entity): string =>
    node.environment ? scalarText(node.environment.value) : this.settings.defaultEnvironment;

  /** @returns a node's environment; undefined for a node whose file is broken, where the settings pass over it. */
  #environment(name: string): string | undefined | Fault {
    const known = this.#environments.get(name);
    if (known !== undefined) return known;
    const node = this.#node(name);
    if (!node.ok && this.settings.ignoreBrokenNodes) return undefined;
    const found = node.ok ? this.#environmentOf(node.value) : new Fault(node.diagnostics[0] as Diagnostic);
    this.#environments.set(name, found);
    return found;
  }

  /**
   * Warns of keys that nothing in the inventory refers to, though that is all they are for; of none where a file is broken, since
   * that may refer to them.
   *
   * @param nodes whose files and classes are looked at, after they were compiled; left out, what the command line sets.
   */
  unreferred(keys: ReferredTo, nodes?: readonly string[]): readonly Diagnostic[] {
    const { overrides } = this.#looking;
    if (!nodes && !overrides) return [];
    const reached = new Set(this.#classes.keys());
    const looked = new Set(nodes);
    const all: Entity[] = overrides ? [overrides] : [];
    const own: Entity[] = overrides && !nodes ? [overrides] : [];
    const take = (entity: Result<Entity>, isLooked: boolean): boolean => {
      if (!entity.ok) return false;
      all.push(entity.value);
      if (nodes && isLooked) own.push(entity.value);
      return true;
    };
    for (const name of this.inventory.classes.keys()) if (!take(this.class(name), reached.has(name))) return [];
    for (const name of this.nodes) if (!take(this.#node(name), looked.has(name))) return [];
    return unreferredKeys(keys, own, all, this.settings.syntax);
  }

  /** Resolves what a node exports; queries are not answered there. */
  #exports(name: string): Exported {
    const gathered = this.#gather(name);
    if (!gathered.ok) return { failed: gathered.diagnostics };
    const { kind, own } = gathered.value;
    const evaluation = new Evaluation(parametersOf(kind, own), this.settings, this.#nearest);
    const exports = exportsOf(kind, own);
    const value = evaluation.finish(exports, new Set());
    return value && hasPlainKeys(value) ? { value } : { exports, evaluation };
  }

  /** Compiles a node. All that is wrong with it is reported together. */
  compile(name: string): Result<CompiledNode> {
    const merged = this.merge(name);
    if (!merged.ok) return merged;
    const { evaluation, names, entity, kind } = merged.value;
    const faults = new Set<Fault>();
    const parameters = evaluation.finish(merged.value.parameters, faults);
    const exports = evaluation.finish(merged.value.exports, faults);
    const mistakes = [...evaluation.warnings, ...[...faults].map(({ diagnostic }) => diagnostic)];
    const told = [...merged.warnings, ...merged.value.located(mistakes)];
    if (!parameters || !exports) return failure(told);
    const compiled: CompiledNode = {
      name,
      uri: this.#source.uri(this.inventory.nodes.get(name) as string),
      environment: this.#environmentLeaf(entity),
      classes: names,
      applications: applicationsOf([entity], kind.applications),
      parameters,
      exports,
    };
    return success(compiled, told);
  }

  #environmentLeaf = (node: Entity): Leaf => node.environment ?? leaf(this.settings.defaultEnvironment, automaticAt);

  /**
   * Compiles a node for its JSON alone, as `nodeInfoJson` writes it: of a node like others before it, only what is its own is
   * resolved.
   */
  print(name: string, indent = ""): Result<PrintedNode> {
    const gathered = this.#gather(name);
    if (!gathered.ok) return gathered;
    const { kind, own, names, entity, located } = gathered.value;
    const evaluate = (parameters: Branch, its: { readonly keys?: OwnKeys; readonly base?: number }): Evaluation =>
      // Who has mistakes is looked at again, and then helped with names that may be meant.
      new Evaluation(parameters, this.settings, () => undefined, this.#answers.of(this.#environmentOf(entity)), its);
    const printed = printNode(this.#kinds, kind, own, evaluate, `${indent}  `);
    if (!printed) return this.#printedInFull(name, indent);
    const { filled, warnings } = printed;
    const about = {
      name,
      uri: this.#source.uri(this.inventory.nodes.get(name) as string),
      environment: this.#environmentLeaf(entity),
      applications: applicationsOf([entity], kind.applications),
    };
    const told = [...gathered.warnings, ...located(warnings)];
    const json = nodeJson(about, printed, indent);
    return success({ classes: names, applications: about.applications, json, filled }, told);
  }

  #printedInFull(name: string, indent: string): Result<PrintedNode> {
    const compiled = this.compile(name);
    if (!compiled.ok) return compiled;
    const { classes, applications } = compiled.value;
    return success(
      { classes, applications, json: nodeInfoJson(compiled.value, indent), filled: false },
      compiled.warnings,
    );
  }
}

/** An alias or a merge key brings one line of a file to several places, and its mistake is one. */
function distinct(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const each = new Map<string, Diagnostic>();
  for (const diagnostic of diagnostics) {
    const { code, what, place } = diagnostic;
    const key = JSON.stringify([code, what, place]);
    if (!each.has(key)) each.set(key, diagnostic);
  }
  return [...each.values()];
}

const ofNode = (node: string, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] =>
  diagnostics.length === 0 ? diagnostics : diagnostics.map((diagnostic) => ({ ...diagnostic, node }));

/** @returns the diagnostics, each with how its file became part of the node. */
export function reached(diagnostics: readonly Diagnostic[], chains: Chains): readonly Diagnostic[] {
  const through = new Map([...chains].map(([{ path }, chain]) => [path, chain.join(" → ")]));
  return diagnostics.map((diagnostic) => {
    const found = diagnostic.place?.kind === "document" ? through.get(diagnostic.place.file) : undefined;
    return found === undefined ? diagnostic : { ...diagnostic, through: found };
  });
}

/** Opens an inventory: its settings are read and its files listed; a mistake in a node or class shows when it is compiled. */
export function openModel(
  source: ModelSource,
  { overrides = new Map() }: { readonly overrides?: Overrides } = {},
): Result<Model> {
  const config = source.config();
  if (!config.ok) return config;
  const settings = readSettings(config.value, `${source.base}/reclass-config.yml`);
  if (!settings.ok) return settings;
  const inventory = listInventory(source, settings.value);
  if (!inventory.ok) return inventory;
  return success(new Model(source, settings.value, inventory.value, overrides), settings.warnings);
}
