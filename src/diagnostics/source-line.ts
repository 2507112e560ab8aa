/**
 * Which lines of the model may be shown in an error. Only what became part of the pillar has a schema to tell where its
 * secrets are, so this goes by the words of the keys as well, and hides too much rather than too little.
 */
const secretWords = /pass|secret|token|key(?!stone)|cred|auth|private|:\/\/\S*@/i;

/** @returns whether a text has a word of what is secret. */
export const soundsSecret = (text: string): boolean => secretWords.test(text);

/** A longer line shows nothing that helps, and a thousand mistakes in it would show it a thousand times. */
const longest = 1000;

const keyOf = (line: string): string | undefined =>
  /^[\s-]*(?:"([^"]*)"|'([^']*)'|([^\s#:][^:]*)):(?:\s|$)/.exec(line)?.slice(1).find(Boolean);

/** A dash stands deeper than a key in the same column: the list belongs to that key. */
const indentOf = (line: string): number => {
  const blanks = line.length - line.trimStart().length;
  return line[blanks] === "-" ? blanks + 0.5 : blanks;
};

/** A key that the lines below it may belong to; `hidden` when it or one that it stands below sounds like a secret. */
type Key = { readonly indent: number; readonly hidden: boolean };

const secretLinesOf = new WeakMap<readonly string[], readonly boolean[]>();

/**
 * @returns of each line whether it may show a secret. One pass finds it for the whole text, so that a mistake thousands of lines
 * below its key is found as quickly as the first one, and each of a thousand mistakes.
 */
function hiddenLines(lines: readonly string[]): readonly boolean[] {
  const known = secretLinesOf.get(lines);
  if (known) return known;
  const keys: Key[] = [];
  const hidden = lines.map((line) => {
    const indent = indentOf(line);
    const secret = secretWords.test(line);
    if (keyOf(line) === undefined) {
      // A line without a key goes on with the key before it, however it is indented (an unclosed quote, a folded text).
      const last = keys.at(-1);
      return secret || last?.hidden === true;
    }
    while (keys.length > 0 && (keys.at(-1) as Key).indent >= indent) keys.pop();
    const key = { indent, hidden: secret || keys.at(-1)?.hidden === true };
    keys.push(key);
    return key.hidden;
  });
  secretLinesOf.set(lines, hidden);
  return hidden;
}

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
  if (source === undefined || source.length > longest || secretLines.has(line)) return undefined;
  return hiddenLines(lines)[line - 1] ? undefined : source;
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
