/**
 * What a terminal or a reader of lines would obey instead of showing: control characters (C0 but tab and newline, DEL, C1), line
 * and paragraph separators, what turns the direction of writing or is not seen at all, and halves of surrogate pairs.
 */
const showUnseen = (text: string, show: (character: string) => string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, show);

/** Most texts are, and Unicode's classes cost half a millisecond as soon as the expression is made. */
const plain = /^[\n\t -~]*$/;

const escaped = (character: string): string =>
  character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");

/** @returns the text with `\u001b` in place of such characters, which JSON reads back as the same; newline and tab stay. */
export const visible = (text: string): string =>
  plain.test(text)
    ? text
    : showUnseen(text, (character) => (character === "\n" || character === "\t" ? character : escaped(character)));

/** The same for what must stay in one line: `\n` and `\t` are shown, too. */
export const visibleLine = (text: string): string => visible(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");

/** @returns a value as JSON that a terminal shows as it is: JSON itself escapes no more than C0, and C1, too, moves a cursor. */
export const visibleJson = (value: unknown, indent?: number): string => visible(JSON.stringify(value, null, indent));
