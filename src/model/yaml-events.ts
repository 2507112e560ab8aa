import { type Event, parseEvents, YAMLException } from "js-yaml";

/** A text as the YAML parser took it, with a way back to the offsets of the text as it was. */
export type ParsedYaml = {
  readonly events: readonly Event[];
  readonly text: string;
  readonly original: (offset: number) => number;
};

/** Wider than the indentation of anything that anybody reads. */
const width = 256;
const padding = " ".repeat(width);

/** Characters that all tries together may read, so that a large file of nothing but such lines ends. */
const patience = 64 * 1024 * 1024;

const unchanged = (offset: number): number => offset;

/** @returns a function from offsets in the padded text to those before lines that begin at `starts` were padded. */
function wayBack(starts: readonly number[]): (offset: number) => number {
  if (starts.length === 0) return unchanged;
  return (offset) => {
    let before = 0;
    for (const start of starts) {
      if (start + before * width > offset) break;
      if (offset < start + (before + 1) * width) return start;
      before++;
    }
    return offset - before * width;
  };
}

/** @returns the text with the blanks before an offset, as far as they reach, no longer tabs. */
function withoutTabs(text: string, offset: number): string {
  const [blanks = ""] = /[ \t]*$/.exec(text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset)) ?? [];
  return text.slice(0, offset - blanks.length) + " ".repeat(blanks.length) + text.slice(offset);
}

/** Where a document begins or ends, whatever is open: no line of a text within brackets or quotes. */
const isMark = (line: string): boolean => /^(?:---|\.\.\.)(?!\S)/.test(line);

/**
 * Parses YAML as libyaml does: lines within brackets and quotes may stand anywhere, as people write them (`]` below its key),
 * and tabs may part what stands within brackets. The parser wants lines to the right of the key, as YAML 1.2 has it, and tells
 * of the first that is not; since blanks there mean nothing, the line gets some, and the parser another try.
 *
 * Throws the parser's YAMLException, its position one of the text as it was.
 */
export function parseYaml(text: string, maxDepth: number): ParsedYaml {
  const starts: number[] = [];
  let padded = text;
  for (let read = 0; ; read += padded.length) {
    const original = wayBack(starts);
    try {
      return { events: parseEvents(padded, { maxDepth }), text: padded, original };
    } catch (error) {
      if (!(error instanceof YAMLException)) throw error;
      const position = Math.min(error.mark?.position ?? 0, padded.length);
      const at = original(position);
      const start = text.lastIndexOf("\n", at - 1) + 1;
      const untabbed = withoutTabs(padded, position);
      const isIndented = error.reason === "deficient indentation" && read < patience;
      if (isIndented && untabbed !== padded) padded = untabbed;
      else if (isIndented && !starts.includes(start) && !isMark(text.slice(start, start + 4))) {
        const paddedStart = padded.lastIndexOf("\n", position - 1) + 1;
        padded = padded.slice(0, paddedStart) + padding + padded.slice(paddedStart);
        starts.push(start);
      } else throw new YAMLException(error.reason, { buffer: "", position: at, line: 0, column: 0 });
    }
  }
}
