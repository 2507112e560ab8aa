import type { Diagnostic } from "./diagnostic.ts";
import { placeText } from "./frame.ts";

/** @returns what is wrong, a mistake in a class that many nodes share once: with the first of them. */
export function onceEach(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const told = new Set<string>();
  return diagnostics.filter(({ code, what, fix, place }) => {
    const key = JSON.stringify(place ? [code, placeText(place).at, fix] : [code, what]);
    return !told.has(key) && told.add(key);
  });
}
