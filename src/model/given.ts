import type { Entity, Named } from "./entity.ts";
import { mergeSlots } from "./merge.ts";
import { modelFile } from "./place.ts";
import { isProblem, mayHold, parseTemplate, splitPath } from "./reference.ts";
import type { ModelSettings } from "./settings.ts";
import type { Branch, Leaf, Slot } from "./slot.ts";
import type { At } from "./value.ts";

/** What no file of the inventory says: automatic parameters, the classes of class_mappings, values of the command line. */

/** Paths below `parameters` (`_param:release`) to texts that beat whatever the model says. */
export type Overrides = ReadonlyMap<string, string>;

const builtIn = (name: string): At => ({ file: modelFile(name, ""), start: 0, end: 0 });
export const automaticAt = builtIn("(automatic)");
const mappedAt = builtIn("(class_mappings)");
export const overrideAt = builtIn("(command line)");

export const leaf = (value: string, at: At): Leaf => ({ kind: "scalar", value, at });
export const branch = (entries: Readonly<Record<string, Slot>>, at: At): Branch => ({
  kind: "branch",
  entries: new Map(Object.entries(entries).map(([key, slot]) => [key, { keyAt: at, value: slot }])),
  at,
});

/** An entity that stands in no file. */
const madeUp = (at: At, parts: { readonly classes?: readonly Named[]; readonly parameters?: Branch }): Entity => ({
  name: at.file.path,
  file: at.file,
  classes: parts.classes ?? [],
  applications: [],
  parameters: parts.parameters ?? branch({}, at),
  exports: branch({}, at),
  environment: undefined,
  warnings: [],
});

/** @returns what is merged last, or undefined where nothing is overridden. */
export function overridesEntity(overrides: Overrides, settings: ModelSettings): Entity | undefined {
  if (overrides.size === 0) return undefined;
  let parameters: Slot = branch({}, overrideAt);
  for (const [path, text] of overrides) {
    const last: Slot = { kind: "layers", layers: [{ slot: leaf(text, overrideAt), overwrite: true, constant: false }] };
    const nested = splitPath(path, settings.syntax).reduceRight<Slot>(
      (slot, key) => branch({ [key]: slot }, overrideAt),
      last,
    );
    parameters = mergeSlots(parameters, nested, new Set());
  }
  return madeUp(overrideAt, { parameters: parameters as Branch });
}

/** @returns what class_mappings look at. @param path of a node's file, from the base. */
export function matchedName(name: string, path: string, settings: ModelSettings): string {
  if (!settings.mappingsMatchPath) return name;
  const inner = path.slice(settings.nodes.length + 1).replace(/\.ya?ml$/, "");
  // reclass writes the path of a node that is in no directory of its own with a point, unless directories are part of names.
  return inner.includes("/") || settings.composeNodeName ? inner : `./${inner}`;
}

/** @returns what holds the classes that class_mappings give a node. */
export const mappedEntity = (classes: readonly Named[]): Entity | undefined =>
  classes.length === 0 ? undefined : madeUp(mappedAt, { classes });

/** A reference in the environment is followed in `_reclass_`, and nowhere else. */
function referring(environment: Leaf, { syntax }: ModelSettings): Slot {
  if (typeof environment.value !== "string" || !mayHold(environment.value, syntax)) return environment;
  const template = parseTemplate(environment.value, syntax);
  return isProblem(template) ? environment : { kind: "text", template, at: environment.at };
}

/**
 * What kapitan's targets ask for: `_reclass_:name:path` and `:parts`, which its reclass (kapicorp 2) and reclass-rs add. They
 * can be referred to, and are not part of the output, which is reclass 1.7's.
 */
function ofKapitan(name: string, { composeNodeName }: ModelSettings): ReadonlyMap<string, Slot> {
  const parts = composeNodeName ? name.split(".") : [name];
  const items = parts.map((part) => leaf(part, automaticAt));
  return new Map<string, Slot>([
    ["path", leaf(parts.join("/"), automaticAt)],
    ["parts", { kind: "list", items, at: automaticAt }],
  ]);
}

/** @returns what is merged before a node's classes: `_reclass_`, and what `scalar_parameters` names. */
export function automaticEntities(node: Entity, settings: ModelSettings): readonly Entity[] {
  const { automaticParameters, scalarParameters, defaultEnvironment } = settings;
  const automatic = (parameters: Branch): Entity => madeUp(automaticAt, { parameters });
  const entities: Entity[] = [];
  if (automaticParameters) {
    const environment = node.environment
      ? referring(node.environment, settings)
      : leaf(defaultEnvironment, automaticAt);
    const full = leaf(node.name, automaticAt);
    const short = leaf(node.name.split(".")[0] as string, automaticAt);
    const name = { ...branch({ full, short }, automaticAt), beside: ofKapitan(node.name, settings) };
    const about = branch({ name, environment }, automaticAt);
    entities.push(automatic(branch({ _reclass_: about }, automaticAt)));
  }
  if (scalarParameters !== undefined) {
    const slot = node.parameters.entries.get(scalarParameters)?.value ?? branch({}, automaticAt);
    entities.push(automatic(branch({ [scalarParameters]: slot }, automaticAt)));
  }
  return entities;
}
