import type { Dialect } from "../openstack/component.ts";
import { dialects } from "./dialects.ts";
import type { TracedFile, TracedOption } from "./rendered.ts";

/** What one written value was made of, and what may be shown of it. `model`: where the model says it. */
export type Emission = {
  readonly paths: readonly string[];
  readonly secret: boolean;
  readonly masked: string;
  readonly model?: string;
};

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
 * Gives a text that a template rendered its final shape, so that templates can be laid out for reading: no blanks around lines, no two
 * empty lines in a row, one newline at the end. No value is touched: none holds a newline, one that begins or ends with
 * a blank is quoted, and lines begin with a key. `exact`: blanks mean something to the reader, or somebody else wrote the text.
 */
export const layout = (draft: string, exact: boolean): string => (exact ? draft : whole(kept(draft).map(trim)));

/** @returns what a marked text shows, and the text itself. */
export const unmark = (
  text: string,
  emissions: readonly Emission[],
): { readonly text: string; readonly masked: string } => ({
  text: text.replace(mark, "$2"),
  masked: text.replace(mark, (_, id: string) => (emissions[Number(id)] as Emission).masked),
});

/** @returns what the values in a marked text were made of. */
export const behind = (text: string, emissions: readonly Emission[]): readonly Emission[] =>
  [...text.matchAll(mark)].map(([, id]) => emissions[Number(id)] as Emission);

/** The same, of a draft with marked values: also its masked twin, and its options with what stands behind them. */
export function layoutTraced(
  draft: string,
  emissions: readonly Emission[],
  dialect: Dialect,
  exact: boolean,
): Pick<TracedFile, "text" | "masked" | "options"> {
  const drafted = exact ? draft.split("\n") : kept(draft.replace(/^[ \t\n]+/, ""));
  const shape = exact ? (line: string): string => line : trim;
  const sources = drafted.map((line) => behind(line, emissions));
  const both = drafted.map((line) => unmark(line, emissions));
  const text = both.map((line) => shape(line.text));
  const shown = both.map((line) => shape(line.masked));
  const end = exact ? (lines: readonly string[]): string => lines.join("\n") : whole;
  const options = dialects[dialect]
    .read(shown.join("\n"))
    .map(({ section, option, line, lastLine, column }): TracedOption => {
      const own = sources.slice(line - 1, lastLine).flat();
      const model = own.find((one) => one.model !== undefined)?.model;
      return {
        section,
        option,
        line,
        value: trim((shown[line - 1] ?? "").slice(column)),
        paths: [...new Set(own.flatMap(({ paths }) => paths))],
        secret: own.some(({ secret }) => secret),
        ...(model === undefined ? {} : { model }),
      };
    });
  return { text: end(text), masked: end(shown), options };
}
