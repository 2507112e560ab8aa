/**
 * The words in which a pillar's shape is written: data, so that one table gives the check of a pillar, the type of
 * each dynamic parameter, the published JSON Schema, and the defaults. See docs/decisions for why not a library.
 */

/**
 * What every field has. `since` and `until` are release names: outside that range a field is accepted but never required,
 * and a section counts as left out, so that it asks for no dynamic parameter.
 */
type Common = {
  readonly doc: string;
  readonly since?: string;
  readonly until?: string;
};

/**
 * A default: a plain value, or rows `[first release, value]` in release order of which the last that has begun counts.
 * `{ from }` copies another field, given as a path from the role's root, with the dynamic parameters it holds.
 */
export type Default<T> =
  | T
  | { readonly byRelease: readonly (readonly [release: string, value: T])[] }
  | { readonly from: string };

type Scalar<K extends string, T> = Common & {
  readonly kind: K;
  readonly default?: Default<T>;
  /** May be left out although there is no default: the settings then hold null. */
  readonly optional?: boolean;
  /** Never shown: masked in logs, errors, diffs and `explain`. */
  readonly secret?: boolean;
};

export type StringField = Scalar<"string", string> & {
  readonly choices?: readonly string[];
  /** An empty text is a meaningful value (false unless said: an empty host or name is a mistake). */
  readonly empty?: boolean;
  /** May hold newlines (a key file's text). Such a value can't stand in a line of a configuration file. */
  readonly multiline?: boolean;
  /** A regular expression over the whole text, and what it means in words that complete "... wants". */
  readonly pattern?: readonly [expression: string, words: string];
};
export type IntegerField = Scalar<"integer", number> & { readonly minimum?: number; readonly maximum?: number };
export type PortField = Scalar<"port", number>;
export type NumberField = Scalar<"number", number> & { readonly minimum?: number; readonly maximum?: number };
export type BooleanField = Scalar<"boolean", boolean>;
export type ScalarField = StringField | IntegerField | PortField | NumberField | BooleanField;

/** A list of scalars (`a,b` in a dynamic parameter) or of sections. */
export type ListField = Common & {
  readonly kind: "list";
  readonly item: ScalarField | SectionField;
  readonly default?: Default<readonly (string | number | boolean)[]>;
  readonly optional?: boolean;
};

/** A mapping with known keys. An optional section may be left out as a whole: the settings then hold null. */
export type SectionField = Common & {
  readonly kind: "section";
  readonly fields: Readonly<Record<string, Field>>;
  readonly optional?: boolean;
  /** Of each group exactly one key must be given. */
  readonly exactlyOne?: readonly (readonly string[])[];
  /** Optional, but leaving it out is likely a mistake: a warning says these words, which complete "without it ...". */
  readonly missed?: string;
};

/** A mapping with free keys, all values alike. Left out, it is empty. */
export type MapField = Common & {
  readonly kind: "map";
  readonly value: ScalarField | SectionField;
  /** What a key must be, where more than a name of the pillar is made of it (a section, a database). As `pattern`. */
  readonly key?: readonly [expression: string, words: string];
};

export type Field = ScalarField | ListField | SectionField | MapField;

type Options<F extends Field> = Omit<F, "kind" | "doc" | "fields" | "item" | "value">;

export const string = (doc: string, options: Options<StringField> = {}): StringField => ({
  kind: "string",
  doc,
  ...options,
});
export const secret = (doc: string, options: Options<StringField> = {}): StringField => ({
  kind: "string",
  doc,
  secret: true,
  ...options,
});
export const integer = (doc: string, options: Options<IntegerField> = {}): IntegerField => ({
  kind: "integer",
  doc,
  ...options,
});
export const port = (doc: string, options: Options<PortField> = {}): PortField => ({ kind: "port", doc, ...options });
export const number = (doc: string, options: Options<NumberField> = {}): NumberField => ({
  kind: "number",
  doc,
  ...options,
});
export const boolean = (doc: string, options: Options<BooleanField> = {}): BooleanField => ({
  kind: "boolean",
  doc,
  ...options,
});
export const list = (doc: string, item: ListField["item"], options: Options<ListField> = {}): ListField => ({
  kind: "list",
  doc,
  item,
  ...options,
});
export const section = (
  doc: string,
  fields: Readonly<Record<string, Field>>,
  options: Options<SectionField> = {},
): SectionField => ({ kind: "section", doc, fields, ...options });
export const map = (doc: string, value: MapField["value"], options: Options<MapField> = {}): MapField => ({
  kind: "map",
  doc,
  value,
  ...options,
});
