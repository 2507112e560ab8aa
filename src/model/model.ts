import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { type Nearest, nearestOf } from "../diagnostics/nearest.ts";
import { chainsOf, type Gathered, gatherClasses, type Looking } from "./classes.ts";
import { type Entity, readEntity } from "./entity.ts";
import { Evaluation } from "./evaluate.ts";
import { answerQuery, type Exported } from "./exports.ts";
import { Fault } from "./fault.ts";
import { automaticAt, automaticEntities, leaf, mappedEntity, type Overrides, overridesEntity } from "./given.ts";
import { type Inventory, listInventory } from "./inventory.ts";
import { Merging, mergeAll } from "./merging.ts";
import { modelMessage } from "./messages.ts";
import { scalarText } from "./python.ts";
import { type ModelSettings, readSettings } from "./settings.ts";
import type { Branch } from "./slot.ts";
import type { ModelSource } from "./source.ts";
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
export type MergedNode = Gathered & {
  readonly name: string;
  readonly evaluation: Evaluation;
  readonly parameters: Branch;
  /** How each file became part of the node: the node, then each class that includes the next. */
  readonly chains: () => Chains;
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
  readonly #exported = new Map<string, Exported>();
  readonly #environments = new Map<string, string | Fault>();
  readonly #merging = new Merging();
  readonly #nearest: Nearest = nearestOf(suggestions);
  readonly #looking: Looking;

  constructor(source: ModelSource, settings: ModelSettings, inventory: Inventory, overrides: Overrides) {
    this.settings = settings;
    this.inventory = inventory;
    this.nodes = [...inventory.nodes.keys()].sort();
    this.#source = source;
    this.#looking = {
      settings,
      classFiles: inventory.classes,
      read: (name) => this.class(name),
      overrides: overridesEntity(overrides, settings),
      closures: new Map(),
      nearest: this.#nearest,
    };
  }

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

  /** Finds a node's classes and merges them; `alone` for one whose exports others ask for. */
  merge(name: string, alone = false): Result<MergedNode> {
    const node = this.#node(name);
    if (!node.ok) return node;
    const entity = node.value;
    const base = {
      mapped: mappedEntity(name, this.inventory.nodes.get(name) as string, this.settings),
      parameters: automaticEntities(entity, this.settings),
    };
    const gathered = gatherClasses(this.#looking, entity, base);
    if (gathered.diagnostics.some(({ severity }) => severity === "error")) return failure(gathered.diagnostics);
    const parameters = this.#merging.merge(gathered.entities);
    const environment = this.#environmentOf(entity);
    const ask = alone
      ? undefined
      : answerQuery({
          nodes: this.nodes,
          environment,
          environmentOf: (other) => this.#environment(other),
          exportsOf: (other) => this.#exports(other),
          settings: this.settings,
        });
    const evaluation = new Evaluation(parameters, this.settings, this.#nearest, ask);
    const chains = (): Chains => chainsOf(this.#looking, entity, base);
    return success({ ...gathered, name, evaluation, parameters, chains }, gathered.diagnostics);
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

  #exports(name: string): Exported {
    const known = this.#exported.get(name);
    if (known) return known;
    const merged = this.merge(name, true);
    const exported: Exported = merged.ok ? exportsOf(merged.value) : { failed: merged.diagnostics };
    this.#exported.set(name, exported);
    return exported;
  }

  /** Compiles a node. All that is wrong with it is reported together. */
  compile(name: string): Result<CompiledNode> {
    const merged = this.merge(name);
    if (!merged.ok) return merged;
    const { evaluation, entities, names } = merged.value;
    const faults = new Set<Fault>();
    const parameters = evaluation.finish(merged.value.parameters, faults);
    const exports = evaluation.finish(mergeAll(entities.map((each) => each.exports)), faults);
    const mistakes = [...evaluation.warnings, ...[...faults].map(({ diagnostic }) => diagnostic)];
    const told =
      mistakes.length > 0 ? [...merged.warnings, ...reached(mistakes, merged.value.chains())] : merged.warnings;
    if (!parameters || !exports) return failure(told);
    const node = entities.findLast((each) => each.name === name) as Entity;
    const compiled: CompiledNode = {
      name,
      uri: this.#source.uri(this.inventory.nodes.get(name) as string),
      environment: node.environment ?? leaf(this.settings.defaultEnvironment, automaticAt),
      classes: names,
      applications: applicationsOf(entities),
      parameters,
      exports,
    };
    return success(compiled, told);
  }
}

function exportsOf(node: MergedNode): Exported {
  const merged = mergeAll(node.entities.map((entity) => entity.exports));
  return { exports: merged, evaluation: node.evaluation };
}

function applicationsOf(entities: readonly Entity[]): readonly string[] {
  const found = new Set<string>();
  for (const { applications } of entities) {
    for (const { name } of applications) {
      if (name.startsWith("~")) found.delete(name.slice(1));
      else found.add(name);
    }
  }
  return [...found];
}

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
