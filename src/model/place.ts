import type { Place } from "../diagnostics/diagnostic.ts";
import { shownLine } from "../diagnostics/source-line.ts";
import type { At, ModelFile } from "./value.ts";

/** A text cut into lines, with a way from offsets to places. */
export function modelFile(path: string, text: string): ModelFile {
  let starts: number[] | undefined;
  let lines: readonly string[] | undefined;
  const lineStarts = (): number[] => {
    if (starts) return starts;
    starts = [0];
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
    return starts;
  };
  return {
    path,
    // Most files are never shown.
    get lines() {
      lines ??= text.split(/\r?\n/);
      return lines;
    },
    position(offset) {
      const all = lineStarts();
      let low = 0;
      let high = all.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((all[middle] as number) <= offset) low = middle;
        else high = middle - 1;
      }
      return { line: low + 1, column: offset - (all[low] as number) + 1 };
    },
  };
}

/** @returns the place of something in a file, with its source line where that shows no secret. */
export function placeOf(at: At): Place {
  // What no file says: (command line), (class_mappings).
  if (at.file.path.startsWith("(")) return { kind: "named", name: at.file.path };
  const { line, column } = at.file.position(at.start);
  const source = shownLine(at.file.lines, line);
  return { kind: "document", file: at.file.path, line, column, ...(source === undefined ? {} : { source }) };
}

/** @returns `file:line:column`, for a place that is named within a message. */
export function placeName(at: At): string {
  if (at.file.path.startsWith("(")) return at.file.path;
  const { line, column } = at.file.position(at.start);
  return `${at.file.path}:${line}:${column}`;
}

/** @returns a reference or query as a message may show it: in a line that may hold a secret, `${PW:-hunter2}` is one, too. */
export const shownText = (text: string, at: At): string | undefined =>
  shownLine(at.file.lines, at.file.position(at.start).line) === undefined ? undefined : text;
