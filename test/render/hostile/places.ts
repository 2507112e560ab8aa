import { isKeyOf } from "../../../src/pillar/check.ts";
import type { Field, MapField, ScalarField, SectionField } from "../../../src/schema/field.ts";
import type { Json } from "../../../src/schema/json.ts";
import { readText, type Wanted, wantedOf } from "../../../src/schema/wanted.ts";

type Values = { readonly [key: string]: Json };

/** A text of the settings that somebody chooses: a value, or a name in a mapping. */
export type Place = {
  readonly path: string;
  /** Whether the text may stand there, as a pillar's literal or in a dynamic parameter: both are read the same way. */
  readonly takes: (text: string) => boolean;
  /** The settings with the text there. */
  readonly put: (values: Values, text: string) => Values;
};

const join = (path: string, key: string | number): string => (path === "" ? `${key}` : `${path}.${key}`);

function changed(value: Json, keys: readonly string[], change: (value: Json) => Json): Json {
  const [key, ...rest] = keys;
  if (key === undefined) return change(value);
  const copy = (Array.isArray(value) ? [...value] : { ...(value as Values) }) as Record<string, Json>;
  copy[key] = changed(copy[key] as Json, rest, change);
  return copy as Json;
}

const scalar = (path: string, wanted: Wanted): Place => ({
  path,
  takes: (text) => readText(text, wanted).ok,
  put: (values, text) => changed(values, path.split("."), () => text) as Values,
});

const key = (path: string, field: MapField, name: string): Place => ({
  path: `${path}.${name} (its name)`,
  takes: (text) => isKeyOf(field, text),
  put: (values, text) =>
    changed(values, path.split("."), (map) =>
      Object.fromEntries(Object.entries(map as Values).map(([one, value]) => [one === name ? text : one, value])),
    ) as Values,
});

/** @returns every text below a field, as far as the settings have it. Names come last: they are part of paths. */
export function placesIn(field: Field, value: Json, path = ""): readonly Place[] {
  if (value === null || value === undefined) return [];
  switch (field.kind) {
    case "section":
      return Object.entries(field.fields).flatMap(([name, child]) =>
        placesIn(child, (value as Values)[name] ?? null, join(path, name)),
      );
    case "map": {
      const entries = Object.entries(value as Values);
      return [
        ...entries.flatMap(([name, child]) => placesIn(field.value, child, join(path, name))),
        ...entries.map(([name]) => key(path, field, name)),
      ];
    }
    case "list":
      return (value as readonly Json[]).flatMap((item, index) => placesIn(field.item, item, join(path, index)));
    default:
      return field.kind === "string" && !field.choices ? [scalar(path, wantedOf(field) as Wanted)] : [];
  }
}

/** @returns every choice that settings have, of alike ones the first: the path and what else could stand there. */
export function choicesIn(field: Field, value: Json, path = ""): readonly (readonly [path: string, other: Json])[] {
  if (value === null || value === undefined) return [];
  if (field.kind === "section")
    return Object.entries(field.fields).flatMap(([name, child]) =>
      choicesIn(child, (value as Values)[name] ?? null, join(path, name)),
    );
  if (field.kind === "map")
    return Object.entries(value as Values)
      .slice(0, 1)
      .flatMap(([name, child]) => choicesIn(field.value, child, join(path, name)));
  if (field.kind === "boolean") return [[path, value !== true]];
  if (field.kind !== "string") return [];
  return (field.choices ?? []).filter((choice) => choice !== value).map((choice) => [path, choice] as const);
}

export const withChoice = (values: Values, path: string, other: Json): Values =>
  changed(values, path.split("."), () => other) as Values;

/** Texts that are one of a kind, to be found again: the first that fits. */
const forms = [
  (id: string) => `zq${id}qz`,
  (id: string) => `/zq${id}qz`,
  (id: string) => `zq${id}qz@zq`,
  (id: string) => `zq${id}qz:br`,
  (id: string) => `${Number(id) + 100000}:200000`,
  (id: string) => `${Number(id) + 100000}M`,
  (id: string) => `0000${id}-0000-0000-0000-000000000000`,
  (id: string) => `tcp:zq${id}qz:1`,
  (id: string) => `https://zq${id}qz`,
  (id: string) => `qemu://zq${id}qz/system`,
  (id: string) => `127.77.${Number(id.slice(0, 2))}.${Number(id.slice(2))}`,
  (id: string) => `zq${id}qz`.padEnd(32, "z"),
];

/** @returns a harmless text for a place, unlike every other place's. */
export function markerFor(place: Pick<Place, "path" | "takes">, index: number): string {
  // HAProxy wants a real one where it listens.
  if (/(?:^|[._])address$/.test(place.path)) return `10.77.${100 + Math.floor(index / 100)}.${100 + (index % 100)}`;
  const marker = forms.map((form) => form(`${index}`.padStart(4, "0"))).find(place.takes);
  if (marker === undefined) throw new Error(`no harmless text is known for ${place.path}`);
  return marker;
}

const sampleOf = (field: ScalarField): Json => {
  if (field.kind === "boolean") return true;
  if (field.kind !== "string") return Math.max(1, ("minimum" in field && field.minimum) || 0);
  const { pattern } = field;
  if (field.choices) return field.choices[0] as string;
  return pattern
    ? markerFor({ path: "", takes: (text) => readText(text, wantedOf(field) as Wanted).ok }, 9999)
    : "text";
};

/** @returns the settings with all that was left out given, so that templates take the way that has it. */
export function filledUp(field: Field, value: Json | undefined): Json {
  switch (field.kind) {
    case "section": {
      const fields = (field as SectionField).fields;
      const given = (value ?? {}) as Values;
      return Object.fromEntries(Object.entries(fields).map(([name, child]) => [name, filledUp(child, given[name])]));
    }
    case "map": {
      const given = (value ?? {}) as Values;
      const entries = Object.entries(given).map(([name, child]) => [name, filledUp(field.value, child)]);
      return Object.fromEntries(entries.length > 0 ? entries : [["one", filledUp(field.value, undefined)]]);
    }
    case "list":
      if (Array.isArray(value) && value.length > 0) return value.map((item) => filledUp(field.item, item));
      return [filledUp(field.item, undefined)];
    default:
      return value === null || value === undefined ? sampleOf(field) : value;
  }
}
