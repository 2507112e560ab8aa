import type { Place } from "../diagnostics/diagnostic.ts";
import { lineOfKey, shownLine } from "../diagnostics/source-line.ts";
import type { At } from "../model/value.ts";

/** Where something stands: a file of the model as messages show it, line and column 1-based. */
export type Point = { readonly file: string; readonly line: number; readonly column: number };

export const pointOf = ({ file, start }: At): Point => ({ file: file.path, ...file.position(start) });

/** Orders places by file, then as they follow each other in it. */
export const comparePlaces = (one: At, other: At): number =>
  one.file.path === other.file.path ? one.start - other.start : one.file.path < other.file.path ? -1 : 1;

/** Lines that hold a secret (1-based), by the path of their file. */
export type SecretLines = Map<string, Set<number>>;

/** Adds every line that a value reaches. */
export function addLines(lines: SecretLines, { file, start, end }: At): void {
  const own = lines.get(file.path) ?? new Set();
  const last = file.position(Math.max(start, end - 1)).line;
  for (let { line } = file.position(start); line <= last; line++) own.add(line);
  lines.set(file.path, own);
}

/** What no file of the model says has a name in parentheses in place of a file: `(command line)`. */
function inDocument(at: At, source: string | undefined): Place {
  if (at.file.path.startsWith("(")) return { kind: "named", name: at.file.path };
  const place = { kind: "document", ...pointOf(at) } as const;
  return source === undefined ? place : { ...place, source };
}

/** @returns the place of a key or value, with its source line where that shows no secret. */
export const placeOf = (at: At, secretLines?: SecretLines): Place =>
  inDocument(at, shownLine(at.file.lines, pointOf(at).line, secretLines?.get(at.file.path)));

/** @returns the place of a key of which only the key may be shown: what it holds may be a secret. */
export function placeOfKey(at: At, key: string): Place {
  const { line, column } = pointOf(at);
  return inDocument(at, lineOfKey(at.file.lines, line, column, key));
}
