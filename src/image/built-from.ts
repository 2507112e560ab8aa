import type { Value } from "../model/value.ts";
import { optionKeys } from "../options/places.ts";
import { compilePillar, type ExtraPlaceholders, type Pillar } from "../pillar/compile.ts";
import { parametersKey, waitKey } from "../pillar/envelope.ts";
import { type PillarNode, readPillar } from "../pillar/pillar.ts";
import { namesIn, parseParts } from "../pillar/placeholder.ts";
import { plainOf, standingAt, textOf } from "../pillar/value.ts";
import { imageOf, type Recipe, startedByPlinth } from "./recipe.ts";

/** What of a node of the model makes its image: from the same, the same image is built. */
export type BuiltFrom = {
  readonly recipe: Recipe;
  /** Whether a path of the node's parameters is looked at when the image is built. */
  readonly reads: (path: readonly string[]) => boolean;
  /** Equal for what builds the same image: neither the order of keys counts, nor a default that is written out. */
  readonly text: string;
};

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === "object" && !Array.isArray(value);

/** JSON with the keys of every mapping in order. */
const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    isMapping(part) ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1))) : part,
  );

/** What `readRecipe` looks at. The release is in labels, though it may be in no name. */
const readsRecipe = ([first, second]: readonly string[]): boolean =>
  first === "_image" || (first === "_param" && (second === undefined || second === "release"));

/** Without places: where a value stands in the model is told in errors, and changes nothing. */
const pillarData = ({ values, placeholders, secrets, secretNames, parameters }: Pillar): unknown => [
  ...[values, parameters.values, secrets.toSorted(), secretNames.toSorted()],
  placeholders.toSorted((one, other) => (one.path < other.path ? -1 : 1)),
];

const saidKeys: readonly string[] = Object.values(optionKeys);

/** What a node says of files, with the types that it has there: in a file of the model's own they count. */
function typed(value: Value): unknown {
  if (value.kind === "sequence") return value.items.map(typed);
  if (value.kind === "mapping")
    return Object.fromEntries([...value.entries].map(([key, one]) => [key, typed(one.value)]));
  return [typeof value.value, textOf(value)];
}

/** The dynamic parameters in what a node says of files; which option each is for does not matter here. */
function besideIn(value: Value): ExtraPlaceholders["placeholders"] {
  if (value.kind === "sequence") return value.items.flatMap(besideIn);
  if (value.kind === "mapping") return [...value.entries.values()].flatMap((one) => besideIn(one.value));
  const parts = parseParts(textOf(value));
  const names = "malformedAt" in parts ? [] : namesIn(parts);
  return names.map((name) => ({ path: `_said:${name}`, parts: [{ name }], wanted: { kind: "string" } }));
}

/** A pillar that cannot be compiled, as the model has it. */
function rawPillar({ parameters }: PillarNode): unknown {
  const all = parameters.kind === "mapping" ? [...parameters.entries] : [];
  const counts = (key: string): boolean => !key.startsWith("_") || saidKeys.includes(key);
  return all.filter(([key]) => counts(key)).map(([key, { value }]) => [key, plainOf(value)]);
}

function fromPillar(node: PillarNode, recipe: Recipe): Omit<BuiltFrom, "recipe"> {
  const read = readPillar(node, { release: recipe.release });
  const said = saidKeys.flatMap((key) => {
    const value = standingAt(node.parameters, key);
    return value === undefined ? [] : [[key, value] as const];
  });
  const beside = { placeholders: said.flatMap(([, value]) => besideIn(value)), positions: {} };
  const compiled = read.ok ? compilePillar(read.value, beside) : read;
  if (!read.ok || !compiled.ok) {
    return {
      reads: ([first = "_"]) => !first.startsWith("_") || saidKeys.includes(first),
      text: sorted([recipe, rawPillar(node)]),
    };
  }
  const { component, role } = compiled.value.image;
  const { parameters } = compiled.value;
  return {
    reads([first, second]) {
      if (first === component) return second === undefined || second === role;
      // A parameter's own value that no placeholder asks for is not baked.
      if (first === parametersKey) return second === undefined || Object.hasOwn(parameters.values, second);
      return first === waitKey || (first !== undefined && saidKeys.includes(first));
    },
    text: sorted([recipe, pillarData(compiled.value), said.map(([key, value]) => [key, typed(value)])]),
  };
}

/** @returns what a node's image is built from; undefined where it stands for none. */
export function builtFrom(node: PillarNode): BuiltFrom | undefined {
  const recipe = imageOf(node);
  if (!recipe || !startedByPlinth(recipe.name)) return recipe && { recipe, reads: readsRecipe, text: sorted([recipe]) };
  const { reads, text } = fromPillar(node, recipe);
  return { recipe, reads: (path) => readsRecipe(path) || reads(path), text };
}
