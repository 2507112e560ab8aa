/**
 * Which lines of a pillar may be shown in an error. A broken document has no schema to tell where its secrets are, so
 * this goes by the words of the keys, and hides too much rather than too little.
 */
const secretWords = /pass|secret|token|key|cred|auth|private|:\/\/\S*@/i;

/** Lines looked at above a line: further up nothing can be told in good time, so the line is hidden. */
const reach = 500;

const keyOf = (line: string): string | undefined =>
  /^[\s-]*(?:"([^"]*)"|'([^']*)'|([^\s#:][^:]*)):(?:\s|$)/.exec(line)?.slice(1).find(Boolean);
const indentOf = (line: string): number => line.length - line.trimStart().length;

/**
 * @param line 1-based.
 * @param secretLines lines known to hold a secret (1-based).
 * @returns the line as it stands, or undefined where it may show a secret: one of its words, or a key that it
 * continues or stands below, sounds like one.
 */
export function shownLine(
  lines: readonly string[],
  line: number,
  secretLines: ReadonlySet<number> = new Set(),
): string | undefined {
  const source = lines[line - 1];
  if (source === undefined || secretLines.has(line) || secretWords.test(source)) return undefined;
  let indent = indentOf(source);
  // A line without a key goes on with the key before it, however it is indented (an unclosed quote, a folded text).
  let continues = keyOf(source) === undefined;
  for (let index = line - 2; index >= 0 && (indent > 0 || continues); index--) {
    if (line - index > reach) return undefined;
    const above = lines[index] as string;
    const key = keyOf(above);
    if (key === undefined || (!continues && indentOf(above) >= indent)) continue;
    if (secretWords.test(above)) return undefined;
    continues = false;
    indent = Math.min(indent, indentOf(above));
  }
  return source;
}

/** @returns the key as it may be shown: what is no name (`{password hunter2}`) may hold more than a key. */
export const shownKey = (key: string): string => (/^[\w-]{1,64}$/.test(key) ? key : "that is no name");

/**
 * @returns the line up to the end of a key at `column`, the value left out: what an unknown key holds may be a secret.
 * Undefined where more than the key stands before the value.
 */
export function lineOfKey(lines: readonly string[], line: number, column: number, key: string): string | undefined {
  const before = lines[line - 1]?.slice(0, column - 1);
  if (before === undefined || shownKey(key) !== key) return undefined;
  return before.trim().replace(/^(- )+/, "") === "" ? `${before}${key}: ...` : undefined;
}
