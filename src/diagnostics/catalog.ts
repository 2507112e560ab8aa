import type { Diagnostic, Failure, Place } from "./diagnostic.ts";

/** One kind of message: the words are written here and nowhere else, parameters are typed by the function. */
export type Entry<P> = {
  readonly failure: Failure;
  readonly severity?: "error" | "warning";
  readonly what: (parameters: P) => string;
  readonly fix: (parameters: P) => string;
};

// biome-ignore lint/suspicious/noExplicitAny: each entry fixes its own parameter type; the table only needs "some type".
type Entries = Readonly<Record<string, Entry<any>>>;
type ParametersOf<E> = E extends Entry<infer P> ? P : never;

/**
 * Makes a stage's constructor of diagnostics from its table of messages.
 *
 * @returns a function `(code, parameters, place?) => Diagnostic`, with the table as `.entries` for docs/errors.md.
 */
export function catalog<const T extends Entries>(entries: T) {
  const make = <C extends keyof T & string>(code: C, parameters: ParametersOf<T[C]>, place?: Place): Diagnostic => {
    const entry = entries[code] as Entry<ParametersOf<T[C]>>;
    return {
      code,
      severity: entry.severity ?? "error",
      failure: entry.failure,
      what: entry.what(parameters),
      fix: entry.fix(parameters),
      ...(place ? { place } : {}),
    };
  };
  return Object.assign(make, { entries });
}
