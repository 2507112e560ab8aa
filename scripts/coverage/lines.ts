import { existsSync, readdirSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { decode } from "@jridgewell/sourcemap-codec";

/** What V8 writes: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-ScriptCoverage. */
type Range = { readonly startOffset: number; readonly endOffset: number; readonly count: number };
type Script = { readonly url: string; readonly functions: readonly { readonly ranges: readonly Range[] }[] };

/** Parts of a script, one behind the other: where each begins and ends, and whether it ran in any process. */
type Parts = { readonly starts: readonly number[]; readonly ends: readonly number[]; readonly ran: boolean[] };

/** A source, line by line, and which lines have more than blanks, types and comments. */
type Source = Parts & { readonly hasCode: readonly boolean[] };

/** A script of the bundle: each part that a source map knows, and the source and the line, from 0, that it is from. */
type Bundled = Parts & { readonly from: readonly { readonly file: string; readonly line: number }[] };

const startsOf = (lines: readonly string[]): readonly number[] => {
  const starts = [0];
  for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length + 1);
  return starts;
};

function sourceOf(file: string): Source {
  const stripped = stripTypeScriptTypes(readFileSync(file, "utf8"));
  const code = stripped.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, (comment) => comment.replaceAll(/[^\n]/g, " "));
  const lines = code.split("\n");
  const starts = startsOf(lines);
  return {
    starts: starts.slice(0, -1),
    ends: starts.slice(1).map((next) => next - 1),
    ran: lines.map(() => false),
    hasCode: lines.map((line) => line.trim() !== ""),
  };
}

function bundledOf(script: string): Bundled {
  const lines = startsOf(readFileSync(script, "utf8").split("\n"));
  const map = JSON.parse(readFileSync(`${script}.map`, "utf8")) as {
    readonly sources: readonly string[];
    readonly mappings: string;
  };
  const files = map.sources.map((source) => relative(".", resolve(dirname(script), source)));
  const parts = decode(map.mappings).flatMap((segments, line) =>
    segments.flatMap(([column, source, from]) =>
      source === undefined || from === undefined
        ? []
        : [{ start: (lines[line] ?? 0) + column, file: files[source] ?? "", line: from }],
    ),
  );
  return {
    starts: parts.map(({ start }) => start),
    ends: parts.map(({ start }) => start + 1),
    ran: parts.map(() => false),
    from: parts,
  };
}

/** Adds what ran in one process. A range counts for the parts that are wholly in it, and an inner one overrides those around it. */
function add({ starts, ends, ran }: Parts, { functions }: Script): void {
  const ranges = functions
    .flatMap((one) => one.ranges)
    .sort((one, other) => one.startOffset - other.startOffset || other.endOffset - one.endOffset);
  const now = ran.map(() => false);
  for (const { startOffset, endOffset, count } of ranges) {
    let part = firstFrom(starts, startOffset);
    for (; part < now.length && (ends[part] as number) <= endOffset; part++) now[part] = count > 0;
  }
  for (const [part, did] of now.entries()) if (did) ran[part] = true;
}

/** @returns the index of the first part that begins at an offset or behind it. */
function firstFrom(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as number) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Notes for each line of the sources whether it ran as part of the bundle. A line is as its first part; one of which the bundle has nothing
 * (an import, a closing bracket) as the line before, and ahead of all as the file.
 */
function transfer(bundle: readonly Bundled[], sources: ReadonlyMap<string, Source>): void {
  const lines = new Map([...sources.keys()].map((file) => [file, new Map<number, boolean>()]));
  for (const { from, ran } of bundle) {
    for (const [part, { file, line }] of from.entries()) {
      const known = lines.get(file);
      if (known && !known.has(line)) known.set(line, ran[part] === true);
    }
  }
  for (const [file, known] of lines) {
    const { ran } = sources.get(file) as Source;
    let before = [...known.values()].includes(true);
    for (const line of ran.keys()) {
      before = known.get(line) ?? before;
      if (before) ran[line] = true;
    }
  }
}

/**
 * @param raw the directory with what V8 wrote, a file for each process. @param files the sources that count. @param bundle the directory
 * with the program's scripts, a source map beside each.
 * @returns for each source with code the numbers of its lines with code, and of those of them that ran.
 */
export function linesRan(
  raw: string,
  files: readonly string[],
  bundle: string,
): ReadonlyMap<string, { readonly all: readonly number[]; readonly ran: ReadonlySet<number> }> {
  const sources = new Map(files.map((file) => [file, sourceOf(file)]));
  const bundled: Bundled[] = [];
  const partsOf = (url: string): Parts | undefined => {
    const path = url.startsWith("file:") ? fileURLToPath(url) : "";
    const source = sources.get(relative(".", path));
    if (source || !path.startsWith(`${resolve(bundle)}/`) || !existsSync(`${path}.map`)) return source;
    const script = bundledOf(path);
    bundled.push(script);
    return script;
  };
  const known = new Map<string, Parts | undefined>();
  for (const name of readdirSync(raw)) {
    const { result } = JSON.parse(readFileSync(join(raw, name), "utf8")) as { readonly result: readonly Script[] };
    for (const script of result) {
      if (!known.has(script.url)) known.set(script.url, partsOf(script.url));
      const parts = known.get(script.url);
      if (parts) add(parts, script);
    }
  }
  transfer(bundled, sources);
  return new Map(
    [...sources].flatMap(([file, { hasCode, ran }]) => {
      const all = hasCode.flatMap((has, line) => (has ? [line + 1] : []));
      return all.length === 0 ? [] : [[file, { all, ran: new Set(all.filter((line) => ran[line - 1])) }]];
    }),
  );
}
