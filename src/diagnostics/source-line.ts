/**
 * Which lines of the model may be shown in an error. Only what became part of the pillar has a schema to tell where its
 * secrets are, so this goes by the words of the keys as well, and hides too much rather than too little.
 */
const secretWords = /pass|secret|token|key|cred|auth|private|:\/\/\S*@/i;

/** @returns whether a text has a word of what is secret. */
export const soundsSecret = (text: string): boolean => secretWords.test(text);

/** Lines looked at above a line: further up nothing can be told in good time, so the line is hidden. */
const reach = 500;

/** A longer line shows nothing that helps, and a thousand mistakes in it would show it a thousand times. */
const longest = 1000;

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
  if (source === undefined || source.length > longest || secretLines.has(line) || secretWords.test(source))
    return undefined;
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
 * Undefined where more than the key stands before the value, or where another word stands there (what a reference
 * brought in keeps the place that wrote it).
 */
export function lineOfKey(lines: readonly string[], line: number, column: number, key: string): string | undefined {
  const source = lines[line - 1];
  if (source === undefined || shownKey(key) !== key) return undefined;
  const before = source.slice(0, column - 1);
  if (!/^["']?$/.test(before.trim().replace(/^(- )+/, ""))) return undefined;
  // As it stands there: in quotes, or with the model's sign for replacing (~) or for a constant (=).
  const [written] = new RegExp(`^["']?[~=]*${key}["']?(?=\\s*:)`).exec(source.slice(column - 1)) ?? [];
  return written === undefined ? undefined : `${before}${written}: ...`;
}
