import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { shownKey } from "../diagnostics/source-line.ts";
import type { At } from "../model/value.ts";
import { pillarMessage } from "./messages.ts";
import { comparePlaces, placeOf, placeOfKey, type SecretLines } from "./place.ts";
import { type Entry, isNull } from "./value.ts";

/** Something to say about the pillar. It becomes a diagnostic when all lines that hold a secret are known. */
export type Report = {
  readonly at: At;
  /** Set where only the key may be shown of the source line. */
  readonly key?: string;
  /** It is no mistake. */
  readonly warns?: boolean;
  readonly make: (place: Place) => Diagnostic;
};

/** What is told one by one: thousands of unknown keys are one slip, and to find the nearest of each takes time. */
export const reportLimit = 100;

/** @returns the reports as diagnostics, file by file, each in the order of its lines; of very many, the first. */
export function diagnosticsOf(reports: readonly Report[], secretLines: SecretLines = new Map()): readonly Diagnostic[] {
  const inOrder = (some: readonly Report[]): readonly Report[] =>
    some.toSorted((one, other) => comparePlaces(one.at, other.at));
  const mistakes = inOrder(reports.filter(({ warns }) => !warns));
  const warnings = inOrder(reports.filter(({ warns }) => warns));
  const kept = inOrder([...mistakes.slice(0, reportLimit), ...warnings.slice(0, reportLimit)]);
  const found = kept.map(({ at, key, make }) =>
    make(key === undefined ? placeOf(at, secretLines) : placeOfKey(at, key)),
  );
  const count = mistakes.length - reportLimit;
  return count > 0 ? [...found, pillarMessage("pillar-more", { count })] : found;
}

export const unknownKey = (key: string, { keyAt }: Entry, section: string, known: readonly string[]): Report => ({
  at: keyAt,
  key,
  make: (place) => {
    const message = { key: shownKey(key), section, nearest: nearest(key, known), known: known.join(", ") };
    return pillarMessage("key-unknown", message, place);
  },
});

export function notMapping(path: string, { keyAt, value }: Entry): Report {
  const found = value.kind === "sequence" ? "a list" : isNull(value) ? "empty" : "a single value";
  return { at: keyAt, make: (place) => pillarMessage("kind-wrong", { path, found, wants: "a mapping" }, place) };
}
