import { readdirSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** What V8 writes: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-ScriptCoverage. */
type Range = { readonly startOffset: number; readonly endOffset: number; readonly count: number };
type Script = { readonly url: string; readonly functions: readonly { readonly ranges: readonly Range[] }[] };

/** A source, line by line. */
type Source = {
  /** The offset of each line's first character, and that behind the last line. */
  readonly starts: readonly number[];
  /** Whether there is anything but blanks, types and comments. */
  readonly hasCode: readonly boolean[];
  /** Whether it ran in any process. */
  readonly ran: boolean[];
};

/** A module without its types, where blanks are in their place: each character stands where it stood. */
export const stripped = (file: string): string => stripTypeScriptTypes(readFileSync(file, "utf8"));

function sourceOf(file: string): Source {
  const code = stripped(file).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, (comment) => comment.replaceAll(/[^\n]/g, " "));
  const lines = code.split("\n");
  const starts = [0];
  for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length + 1);
  return { starts, hasCode: lines.map((line) => line.trim() !== ""), ran: lines.map(() => false) };
}

/** Adds what ran in one process. A range counts for the lines that are wholly in it, and an inner one overrides those around it. */
function add({ starts, ran }: Source, { functions }: Script): void {
  const ranges = functions
    .flatMap((one) => one.ranges)
    .sort((one, other) => one.startOffset - other.startOffset || other.endOffset - one.endOffset);
  const now = ran.map(() => false);
  for (const { startOffset, endOffset, count } of ranges) {
    let line = firstFrom(starts, startOffset);
    for (; line < now.length && (starts[line + 1] as number) - 1 <= endOffset; line++) now[line] = count > 0;
  }
  for (const [line, did] of now.entries()) if (did) ran[line] = true;
}

/** @returns the index of the first line that begins at an offset or behind it. */
function firstFrom(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as number) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * @param raw the directory with what V8 wrote, a file for each process. @param files the sources that count.
 * @returns for each source with code the numbers of its lines with code, and of those of them that ran.
 */
export function linesRan(
  raw: string,
  files: readonly string[],
): ReadonlyMap<string, { readonly all: readonly number[]; readonly ran: ReadonlySet<number> }> {
  const sources = new Map(files.map((file) => [pathToFileURL(file).href, { file, source: sourceOf(file) }]));
  for (const name of readdirSync(raw)) {
    const { result } = JSON.parse(readFileSync(join(raw, name), "utf8")) as { readonly result: readonly Script[] };
    for (const script of result) {
      const known = sources.get(script.url);
      if (known) add(known.source, script);
    }
  }
  return new Map(
    [...sources.values()].flatMap(({ file, source: { hasCode, ran } }) => {
      const all = hasCode.flatMap((has, line) => (has ? [line + 1] : []));
      return all.length === 0 ? [] : [[file, { all, ran: new Set(all.filter((line) => ran[line - 1])) }]];
    }),
  );
}
