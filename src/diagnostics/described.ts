import type { Entry } from "./catalog.ts";
import { exitStatus, failureMeaning } from "./exit-status.ts";

/** A kind of message without the case that it is about: `<path>` stands for a path. */
export type Described = {
  /** The exit status that it gives plinth, or "warning". */
  readonly status: string;
  /** What that says. */
  readonly meaning: string;
  readonly what: string;
  readonly fix: string;
};

/** Stands for a parameter of any kind: it prints as its name, is a list of itself, and has whatever part is asked for. */
function named(name: string): unknown {
  const shown = (): string => `<${name}>`;
  const known: Readonly<Record<string | symbol, unknown>> = {
    [Symbol.toPrimitive]: shown,
    toString: shown,
    toJSON: shown,
    toFixed: shown,
    join: shown,
    length: 1,
    *[Symbol.iterator]() {
      yield named(name);
    },
    map: (change: (item: unknown) => unknown) => [change(named(name))],
    slice: () => [named(name)],
    replace: shown,
    replaceAll: shown,
  };
  return new Proxy({}, { get: (_, key) => known[key] ?? named(String(key)) });
}

/** @returns what an entry of a table of messages says, in one line each. */
export function described({ failure, severity, what, fix }: Entry<unknown>): Described {
  // Figures have no name to print.
  const line = (write: (given: unknown) => string): string =>
    String(write(named("")))
      .replaceAll("\n", " ")
      .replaceAll("NaN", "<n>");
  const warns = severity === "warning";
  return {
    status: warns ? "warning" : String(exitStatus[failure]),
    meaning: warns ? "plinth goes on" : failureMeaning[failure],
    what: line(what),
    fix: line(fix),
  };
}
