import { inRange, lastBegun } from "../openstack/releases.ts";
import type { Default, Field, ListField, ScalarField, SectionField } from "../schema/field.ts";
import { type Json, valueAt } from "../schema/json.ts";
import type { PillarOf } from "../schema/value.ts";
import { type Wanted, wantedOf } from "../schema/wanted.ts";
import { type Given, join } from "./check.ts";
import type { Placeholder } from "./placeholder.ts";

type Values = { readonly [key: string]: Json };

/** A pillar with nothing left open. */
export type Completed<Schema extends SectionField> = {
  readonly values: PillarOf<Schema> & Values;
  /** The given ones, and their copies at the paths that take another's value. */
  readonly placeholders: readonly Placeholder[];
  /** Secret fields that a default or a copy filled. */
  readonly secrets: readonly string[];
  /** Path to the path that it copies. */
  readonly copied: Readonly<Record<string, string>>;
  /** Paths that would copy what is not there. */
  readonly uncopied: readonly { readonly path: string; readonly from: string }[];
};

type Copy = {
  readonly into: Given;
  readonly key: string;
  readonly field: ScalarField | ListField;
  readonly from: string;
};

type Filling = {
  readonly release: string;
  readonly copies: Map<string, Copy>;
  readonly secrets: string[];
};

type Choice = { readonly value: Json } | { readonly from: string } | undefined;

function choose(field: ScalarField | ListField, release: string): Choice {
  const choice = field.default as
    | Default<string | number | boolean | readonly (string | number | boolean)[]>
    | undefined;
  if (choice === undefined) return undefined;
  if (typeof choice !== "object" || Array.isArray(choice)) return { value: choice as Json };
  if ("from" in choice) return choice;
  const value = lastBegun((choice as { readonly byRelease: readonly (readonly [string, Json])[] }).byRelease, release);
  return value === undefined ? undefined : { value };
}

function fillSection(all: Filling, section: SectionField, given: Given, path: string): Given {
  const values: Given = {};
  for (const [key, field] of Object.entries(section.fields)) {
    values[key] = fill(all, field, given[key], join(path, key), values, key);
  }
  return values;
}

function fill(all: Filling, field: Field, given: Json | undefined, path: string, into: Given, key: string): Json {
  if (given === null) return null;
  if (field.kind === "section") {
    if (given !== undefined) return fillSection(all, field, given as Given, path) as Json;
    // Outside its range of releases nobody asks for the section: no default of it shall ask for a parameter.
    return field.optional || !inRange(field, all.release) ? null : (fillSection(all, field, {}, path) as Json);
  }
  if (field.kind === "map") {
    const entries = Object.entries((given ?? {}) as Given);
    const values: Given = {};
    for (const [name, value] of entries) values[name] = fill(all, field.value, value, join(path, name), values, name);
    return values as Json;
  }
  if (given !== undefined) {
    if (field.kind !== "list" || !Array.isArray(given)) return given;
    return given.map((item, index) => fill(all, field.item, item, join(path, index), {}, ""));
  }
  const choice = choose(field, all.release);
  if (choice === undefined) return null;
  if ("from" in choice) {
    all.copies.set(path, { into, key, field, from: choice.from });
    return null;
  }
  if (field.kind !== "list" && field.secret) all.secrets.push(path);
  return choice.value;
}

/** Fills what a checked pillar leaves out: defaults of its release, copies of other values, null for what is optional. */
export function fillDefaults<Schema extends SectionField>(
  section: Schema,
  given: Given,
  release: string,
  placeholders: readonly Placeholder[],
): Completed<Schema> {
  const all: Filling = { release, copies: new Map(), secrets: [] };
  // Here values get the type of their schema: they were checked against it, and are completed by it.
  const values = fillSection(all, section, given, "") as PillarOf<Schema> & Values;
  const filled = [...placeholders];
  const copied: Record<string, string> = {};
  const uncopied: { path: string; from: string }[] = [];
  const done = new Set<string>();

  const settle = (path: string, copy: Copy): void => {
    if (done.has(path)) return;
    done.add(path);
    const earlier = all.copies.get(copy.from);
    if (earlier) settle(copy.from, earlier);
    const value = valueAt(values, copy.from);
    if (value === undefined || value === null) {
      if (!copy.field.optional) uncopied.push({ path, from: copy.from });
      return;
    }
    copy.into[copy.key] = value;
    copied[path] = copied[copy.from] ?? copy.from;
    const wanted = wantedOf(copy.field) as Wanted;
    if (wanted.secret) all.secrets.push(path);
    for (const placeholder of filled.filter((one) => one.path === copy.from)) {
      filled.push({ path, parts: placeholder.parts, wanted });
    }
  };
  for (const [path, copy] of all.copies) settle(path, copy);
  return { values, placeholders: filled, secrets: all.secrets, copied, uncopied };
}
