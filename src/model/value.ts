import type { Scalar } from "./scalar.ts";

/** A file of the inventory that has been read. */
export type ModelFile = {
  /** As messages show it: base and path. */
  readonly path: string;
  readonly lines: readonly string[];
  /** @returns line and column, both 1-based, of an offset into the text. */
  readonly position: (offset: number) => { readonly line: number; readonly column: number };
};

/** Where a value was written: offsets into its file's text. */
export type At = { readonly file: ModelFile; readonly start: number; readonly end: number };

/** A value with all references resolved, each part with the place that wrote it. */
export type Value =
  | { readonly kind: "scalar"; readonly value: Scalar; readonly at: At }
  | { readonly kind: "mapping"; readonly entries: ReadonlyMap<string, ValueEntry>; readonly at: At; answer?: Answer }
  | { readonly kind: "sequence"; readonly items: readonly Value[]; readonly at: At; answer?: Answer };

/** Of what answers an inventory query: its JSON, since many nodes get the same answer. */
type Answer = { indent: string | undefined; text: string };

/** An entry of a mapping, which stands in it by the text that JSON gives its key; `key` is there when that is no text. */
export type ValueEntry = { readonly keyAt: At; readonly value: Value; readonly key?: Scalar };
