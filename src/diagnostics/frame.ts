import type { Place } from "./diagnostic.ts";

/** Longer source lines are cut around the column, so that a frame stays readable. */
const width = 100;

/**
 * @returns `at`: the place as `file:line:column` or a name, and `frame`: the source line with a caret under the
 * column, where the line may be shown.
 */
export function placeText(place: Place): { readonly at: string; readonly frame?: string } {
  if (place.kind === "named") return { at: place.name };
  const at = `${place.file}:${place.line}:${place.column}`;
  if (place.source === undefined) return { at };
  const start = Math.max(0, Math.min(place.column - 1 - width / 2, place.source.length - width));
  const shown = place.source.slice(start, start + width);
  const gutter = `${place.line} | `;
  const caret = `${" ".repeat(gutter.length - 2)}| ${" ".repeat(place.column - 1 - start)}^`;
  return { at, frame: `${gutter}${shown}\n${caret}` };
}
