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
  /** Whoever reads it takes an IP address only: a name is looked up when the service starts. */
  readonly address?: boolean;
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

/**
 * A field whose type says which options it has, so that `ValueOf` (value.ts) can tell what settings hold for it. A constant
 * that is annotated as `StringField` or `SectionField` has lost that.
 */
type Made<Kind extends Field["kind"], Given = unknown> = { readonly kind: Kind; readonly doc: string } & Given;

/** Without options it is not generic: else TypeScript would infer them from where the field is used, as all there are. */
type Scalars<F extends ScalarField> = {
  (doc: string): Made<F["kind"]>;
  <const Given extends Options<F>>(doc: string, given: Given): Made<F["kind"], Given>;
};

const making = <F extends ScalarField>(kind: F["kind"]): Scalars<F> =>
  ((doc: string, given?: Options<F>) => ({ kind, doc, ...given })) as Scalars<F>;

export const string = making<StringField>("string");
export const integer = making<IntegerField>("integer");
export const port = making<PortField>("port");
export const number = making<NumberField>("number");
export const boolean = making<BooleanField>("boolean");

/** A text that is never shown. */
export function secret(doc: string): Made<"string", { readonly secret: true }>;
export function secret<const Given extends Options<StringField>>(
  doc: string,
  given: Given,
): Made<"string", { readonly secret: true } & Given>;
export function secret(doc: string, given?: Options<StringField>): StringField {
  return { kind: "string", doc, secret: true, ...given };
}

type Fields = Readonly<Record<string, Field>>;

type ListOf<Item, Given = unknown> = Made<"list", { readonly item: Item } & Given>;
export function list<const Item extends ListField["item"]>(doc: string, item: Item): ListOf<Item>;
export function list<const Item extends ListField["item"], const Given extends Options<ListField>>(
  doc: string,
  item: Item,
  given: Given,
): ListOf<Item, Given>;
export function list(doc: string, item: ListField["item"], given?: Options<ListField>): ListField {
  return { kind: "list", doc, item, ...given };
}

type SectionOf<Children, Given = unknown> = Made<"section", { readonly fields: Children } & Given>;
export function section<const Children extends Fields>(doc: string, fields: Children): SectionOf<Children>;
export function section<const Children extends Fields, const Given extends Options<SectionField>>(
  doc: string,
  fields: Children,
  given: Given,
): SectionOf<Children, Given>;
export function section(doc: string, fields: Fields, given?: Options<SectionField>): SectionField {
  return { kind: "section", doc, fields, ...given };
}

type MapOf<Value, Given = unknown> = Made<"map", { readonly value: Value } & Given>;
export function map<const Value extends MapField["value"]>(doc: string, value: Value): MapOf<Value>;
export function map<const Value extends MapField["value"], const Given extends Options<MapField>>(
  doc: string,
  value: Value,
  given: Given,
): MapOf<Value, Given>;
export function map(doc: string, value: MapField["value"], given?: Options<MapField>): MapField {
  return { kind: "map", doc, value, ...given };
}
