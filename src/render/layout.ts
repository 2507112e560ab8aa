import { parseOslo } from "./oslo.ts";
import type { TracedFile, TracedOption } from "./rendered.ts";

/** What one written value was made of, and what may be shown of it. */
export type Emission = { readonly paths: readonly string[]; readonly secret: boolean; readonly masked: string };

/** Values hold no NUL (no dialect writes one), so NUL can mark where a value begins and ends. */
export const marked = (id: number, text: string): string => `\0${id}\0${text}\0`;
const mark = /\0(\d+)\0([^\0]*)\0/g;

const trim = (line: string): string => line.replace(/^[ \t]+|[ \t]+$/g, "");
const whole = (lines: readonly string[]): string => `${lines.join("\n").replace(/^\n+|\n+$/g, "")}\n`;

/** Lines as they were drafted, but for those that are empty behind another empty one. */
function kept(draft: string): readonly string[] {
  const lines = draft.split("\n");
  const empty = lines.map((line) => trim(line) === "");
  return lines.filter((_, index) => index === 0 || !empty[index] || !empty[index - 1]);
}

/**
 * Gives a rendered text its final shape, so that templates can be laid out for reading: no blanks around lines, no two
 * empty lines in a row, one newline at the end. No value is touched: none holds a newline, one that begins or ends with
 * a blank is quoted, and lines begin with a key.
 */
export const layout = (draft: string): string => whole(kept(draft).map(trim));

/** The same, of a draft with marked values: also its masked twin, and its options with what stands behind them. */
export function layoutTraced(
  draft: string,
  emissions: readonly Emission[],
): Pick<TracedFile, "text" | "masked" | "options"> {
  const lines = kept(draft.replace(/^[ \t\n]+/, ""));
  const behind = lines.map((line) => [...line.matchAll(mark)].map(([, id]) => emissions[Number(id)] as Emission));
  const text = lines.map((line) => trim(line.replace(mark, "$2")));
  const shown = lines.map((line) =>
    trim(line.replace(mark, (_, id: string) => (emissions[Number(id)] as Emission).masked)),
  );
  const options = parseOslo(shown.join("\n")).map(({ section, option, line }): TracedOption => {
    const sources = behind[line - 1] ?? [];
    return {
      section,
      option,
      line,
      value: trim((shown[line - 1] ?? "").replace(/^[^=:]*[=:]/, "")),
      paths: [...new Set(sources.flatMap(({ paths }) => paths))],
      secret: sources.some(({ secret }) => secret),
    };
  });
  return { text: whole(text), masked: whole(shown), options };
}
