/** Where a node begins, and the last line it reaches; all 1-based. */
export type Span = { readonly line: number; readonly column: number; readonly lastLine: number };

/** A YAML document with places, aliases and merge keys already resolved, and scalars as the text that was written. */
export type Tree = ScalarTree | MappingTree | SequenceTree;

export type ScalarTree = {
  readonly kind: "scalar";
  /** As written, without quotes: `2025.10` stays that, whatever YAML takes it for. */
  readonly text: string;
  /** Nothing, `~` or `null`, unquoted. */
  readonly isNull: boolean;
  readonly at: Span;
};
export type MappingTree = { readonly kind: "mapping"; readonly entries: ReadonlyMap<string, Entry>; readonly at: Span };
export type SequenceTree = { readonly kind: "sequence"; readonly items: readonly Tree[]; readonly at: Span };

export type Entry = { readonly keyAt: Span; readonly value: Tree };
