import type { Field, ListField, MapField, ScalarField, SectionField, StringField } from "./field.ts";
import { isMapping, type Json } from "./json.ts";

/** The field is there whatever the release, and may not be left out. */
type Required = {
  readonly kind: string;
  readonly optional?: false;
  readonly since?: never;
  readonly until?: never;
};

/** Left out, or outside its range of releases, it is its default. */
type Defaulted = { readonly kind: string; readonly optional?: false; readonly default: unknown };

type Value<F extends ScalarField> = F extends StringField
  ? F extends { readonly choices: readonly (infer Choice)[] }
    ? Choice
    : string
  : F extends { readonly kind: "boolean" }
    ? boolean
    : number;

/** `Text`: what may stand for a value that is not known yet. */
type Present<F extends Field, Text extends string> = F extends SectionField
  ? { readonly [Key in keyof F["fields"]]: Held<F["fields"][Key], Text> }
  : F extends MapField
    ? { readonly [name: string]: Held<F["value"], Text> }
    : F extends ListField
      ? readonly Present<F["item"], Text>[] | (F["item"] extends ScalarField ? Text : never)
      : F extends ScalarField
        ? Value<F> | Text
        : never;

type Held<F extends Field, Text extends string> = Field extends F
  ? Json
  : F extends MapField
    ? Present<F, Text>
    : F extends Required | Defaulted
      ? Present<F, Text>
      : Present<F, Text> | null;

/**
 * What settings hold for a field, inferred from the field itself: `ValueOf<typeof waitSchema>` is
 * `{ timeout: number; for: readonly string[] }`. What may be left out is null then, which the type says.
 *
 * It speaks of what a service is given. A parameter that this service has no use for stays null (`Settings.left`).
 */
export type ValueOf<F extends Field> = Held<F, never>;

/** What a pillar holds for it: the same, but where a dynamic parameter fills a scalar or a list of them, that is its text. */
export type PillarOf<F extends Field> = Held<F, string>;

const mayBeNull = (field: Field): boolean =>
  field.kind !== "map" &&
  (field.optional === true ||
    ((field.since !== undefined || field.until !== undefined) && !("default" in field && field.default !== undefined)));

const typeNameOf = (field: ScalarField): "string" | "boolean" | "number" =>
  field.kind === "string" || field.kind === "boolean" ? field.kind : "number";

/**
 * @returns the path of the first value that is not of its field's kind, undefined where all are. Of the kind only: that a text
 * fits its field's pattern or choices was checked when it was read (wanted.ts).
 */
export function misfitOf(field: Field, value: unknown, path: string): string | undefined {
  const all = (children: readonly (readonly [key: string | number, field: Field, value: unknown])[]) => {
    for (const [key, child, held] of children) {
      const misfit = misfitOf(child, held, `${path}.${key}`);
      if (misfit !== undefined) return misfit;
    }
    return undefined;
  };
  if (value === undefined || value === null) return mayBeNull(field) ? undefined : path;
  switch (field.kind) {
    case "section":
      if (!isMapping(value)) return path;
      return all(Object.entries(field.fields).map(([key, child]) => [key, child, value[key]]));
    case "map":
      if (!isMapping(value)) return path;
      return all(Object.entries(value).map(([key, held]) => [key, field.value, held]));
    case "list":
      if (!Array.isArray(value)) return path;
      return all(value.map((held: unknown, index) => [index, field.item, held]));
    default:
      return typeof value === typeNameOf(field) ? undefined : path;
  }
}

/** @returns whether a value is of a field's kind, all the way down. */
export const isValueOf = <F extends Field>(field: F, value: unknown): value is ValueOf<F> =>
  misfitOf(field, value, "") === undefined;
