/** Where a mistake is: a place in a document, or a named place elsewhere (an environment variable, an etcd key). */
export type Place =
  | {
      readonly kind: "document";
      readonly file: string;
      /** 1-based. */
      readonly line: number;
      /** 1-based. */
      readonly column: number;
      /** The source line itself, when it holds no secret. */
      readonly source?: string;
    }
  | { readonly kind: "named"; readonly name: string };

/** The classes of failure that users may rely on; `exitStatus` in `exit-status.ts` gives each its number. */
export type Failure = "usage" | "bug" | "dependency" | "configuration" | "cannot-execute" | "not-found";

/** A user's mistake, as a value: what is wrong, where, and how to fix it. Never holds the value of a secret. */
export type Diagnostic = {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly failure: Failure;
  readonly what: string;
  readonly fix: string;
  readonly place?: Place;
  /** The keys of the model that lead to what is wrong, as `plinth model explain` takes them: `nova:controller:workers`. */
  readonly path?: string;
  /** The node of the model that wanted it; where several did, the first. */
  readonly node?: string;
  /** How the place became part of what was looked at: `node → class → class`. */
  readonly through?: string;
};

/** The outcome of a stage: its value (with warnings, if any), or every mistake it found. */
export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export const success = <T>(value: T, warnings: readonly Diagnostic[] = []): Result<T> => ({
  ok: true,
  value,
  warnings,
});

export const failure = (diagnostics: readonly Diagnostic[]): { ok: false; diagnostics: readonly Diagnostic[] } => ({
  ok: false,
  diagnostics,
});
