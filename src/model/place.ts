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

const inner = /\$\{\w[\w./-]*(?::\w[\w./-]*)*\}/g;
const twoNames = /^\$\{\w[\w./-]*(?::\w[\w./-]*)+\}$/;
const oneName = /^\$\{\w[\w./-]*\}$/;
/** A query that compares with nothing that is written out. */
const onlyPaths = /^\$\[(?:\s|\+\w+|(?:exports|self):[\w:./-]+|if|and|or|==|!=)+\]$/i;

/**
 * @returns whether a text can be nothing but a reference. `${_param:db_password}` names a parameter, whatever stands around it;
 * a name alone does where it is the whole value. `${PW:-hunter2}` is a shell's, and `pa${ss}word` may be a password.
 */
function namesParameter(text: string, line: string, column: number): boolean {
  const path = text.slice(2, -1).replaceAll(inner, "x");
  const whole = `\${${path}}`;
  if (twoNames.test(whole) || onlyPaths.test(text)) return true;
  const quoted = /^["']/.test(line.slice(column - 1)) ? 1 : 0;
  const value = line.slice(column - 1 + quoted);
  return oneName.test(whole) && value.startsWith(text) && /^["']?\s*(?:[,}\]#]|$)/.test(value.slice(text.length));
}

/** @returns a reference or query as a message may show it; undefined in a line that may hold a secret, where it may be one. */
export function shownText(text: string, at: At): string | undefined {
  const { line, column } = at.file.position(at.start);
  if (shownLine(at.file.lines, line) !== undefined) return text;
  return namesParameter(text, at.file.lines[line - 1] ?? "", column) ? text : undefined;
}
