import { type Cursor, ended, isBlank, isBreak, isBreakOrEnd, isGap, space, tabulator } from "./yaml-cursor.ts";

/**
 * Scalars as libyaml 0.2.5 reads them. The cursor stands at the first character, and afterwards where the next token is
 * looked for.
 */

/** A scalar's text; `end` is behind its last character, and `lines` says that it ends within another line. */
export type ScalarText = { readonly value: string; readonly end: number; readonly lines: boolean };

/** Line ends between two parts of a text: one is a blank, of several the first goes. */
const folded = (first: string, more: string): string =>
  first === "\n" ? (more === "" ? " " : more) : `${first}${more}`;

/** `, [ ] { }`: what ends a plain scalar within brackets. */
const isFlowSign = (code: number): boolean =>
  code === 0x2c || code === 0x5b || code === 0x5d || code === 0x7b || code === 0x7d;

/** @returns where a plain scalar's characters end: at a blank, a line's end, the colon of a key, or what ends it within brackets. */
function endOfWords(cursor: Cursor, within: boolean): number {
  // Half of all characters of a model are gone over here, one by one.
  const { codes } = cursor;
  for (let at = cursor.at; ; at++) {
    const code = codes.charCodeAt(at);
    if (code === 0x3a) {
      const next = codes.charCodeAt(at + 1);
      if (within && (next === 0x3f || isFlowSign(next))) cursor.fail("colon-in-brackets", at);
      if (isGap(next)) return at;
    } else if (code <= space || code >= 0x85) {
      if (isGap(code)) return at;
    } else if (within && isFlowSign(code)) return at;
  }
}

/** @param indent the least column of a line that goes on. */
export function plainText(cursor: Cursor, indent: number, within: boolean): ScalarText {
  const { text } = cursor;
  let value = "";
  let piece = cursor.at;
  let end = cursor.at;
  let lines = false;
  let first = "";
  let more = "";
  while (!cursor.isDocumentMark()) {
    const start = cursor.at;
    let code = cursor.code();
    if (code === 0x23) break;
    cursor.at = endOfWords(cursor, within);
    code = cursor.code();
    if (cursor.at > start) {
      if (lines) {
        value += text.slice(piece, end) + folded(first, more);
        piece = start;
        lines = false;
      }
      end = cursor.at;
    }
    if (code === ended || !isGap(code)) break;
    for (; code !== ended && isGap(code); code = cursor.code()) {
      if (isBlank(code)) {
        if (lines && code === tabulator && cursor.column < indent) cursor.fail("tab");
        cursor.at++;
      } else if (lines) more += cursor.lineEnd();
      else {
        lines = true;
        first = cursor.lineEnd();
        more = "";
      }
    }
    if (!within && cursor.column < indent) break;
  }
  const last = text.slice(piece, end);
  return { value: value === "" ? last : value + last, end, lines };
}

const escapes: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\x07",
  b: "\b",
  t: "\t",
  "\t": "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  e: "\x1b",
  " ": " ",
  '"': '"',
  "/": "/",
  "\\": "\\",
  N: "\x85",
  _: "\xa0",
  L: "\u2028",
  P: "\u2029",
};
const digitsOf: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Goes over an escape in double quotes. @returns what it stands for. */
function escaped(cursor: Cursor): string {
  const { text, at } = cursor;
  const sign = text.charAt(at + 1);
  const digits = Object.hasOwn(digitsOf, sign) ? (digitsOf[sign] as number) : 0;
  cursor.at += 2 + digits;
  if (digits === 0) return Object.hasOwn(escapes, sign) ? (escapes[sign] as string) : cursor.fail("escape", at);
  const hexadecimal = text.slice(at + 2, at + 2 + digits);
  const code =
    /^[\da-fA-F]+$/.test(hexadecimal) && hexadecimal.length === digits ? Number.parseInt(hexadecimal, 16) : -1;
  if (code < 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) cursor.fail("escape", at);
  return String.fromCodePoint(code);
}

export function quotedText(cursor: Cursor): ScalarText {
  const { text, at: opening } = cursor;
  const quote = cursor.code();
  const single = quote === 0x27;
  cursor.at++;
  let value = "";
  let piece = cursor.at;
  for (;;) {
    let code = cursor.code();
    if (code === ended || cursor.isDocumentMark()) cursor.fail("quote-open", opening);
    let lines = false;
    while (!isGap(code)) {
      if (code === quote) {
        if (!single || cursor.code(1) !== quote) break;
        value += text.slice(piece, cursor.at + 1);
        cursor.at += 2;
        piece = cursor.at;
      } else if (!single && code === 0x5c) {
        value += text.slice(piece, cursor.at);
        if (isBreak(cursor.code(1))) {
          cursor.at++;
          cursor.lineEnd();
          piece = cursor.at;
          lines = true;
          code = cursor.code();
          break;
        }
        value += escaped(cursor);
        piece = cursor.at;
      } else cursor.at++;
      code = cursor.code();
    }
    if (code === quote) break;
    const end = cursor.at;
    const escapedEnd = lines;
    let first = "";
    let more = "";
    for (; code !== ended && isGap(code); code = cursor.code()) {
      if (isBlank(code)) cursor.at++;
      else if (lines) more += cursor.lineEnd();
      else {
        lines = true;
        first = cursor.lineEnd();
      }
    }
    if (!lines) continue;
    value += escapedEnd ? more : text.slice(piece, end) + folded(first, more);
    piece = cursor.at;
  }
  value += text.slice(piece, cursor.at);
  cursor.at++;
  return { value, end: cursor.at, lines: false };
}

type Header = { readonly keep: boolean; readonly strip: boolean; readonly increment: number };

/** Goes over `|` or `>` with what follows it in its line, and over the line's end. */
function blockHeader(cursor: Cursor): Header {
  const [, one = "", digit = "", other = ""] =
    /^([+-]?)(\d?)([+-]?)/.exec(cursor.text.slice(cursor.at + 1, cursor.at + 4)) ?? [];
  const sign = one || other;
  if (digit === "0") cursor.fail("block-header");
  // Of `|-2+`, the last sign is none.
  cursor.at += 1 + one.length + digit.length + (one === "" ? other.length : 0);
  while (isBlank(cursor.code())) cursor.at++;
  if (cursor.code() === 0x23) cursor.toLineEnd();
  if (!isBreakOrEnd(cursor.code())) cursor.fail("block-header");
  if (cursor.code() !== ended) cursor.lineEnd();
  return { keep: sign === "+", strip: sign === "-", increment: Number(digit) };
}

/** Goes over empty lines and the indentation of the first that is none. @returns their ends, and the block's indentation. */
function emptyLines(cursor: Cursor, known: number, least: number): { readonly ends: string; readonly indent: number } {
  let ends = "";
  let widest = 0;
  for (;;) {
    while ((known === 0 || cursor.column < known) && cursor.code() === space) cursor.at++;
    if (cursor.column > widest) widest = cursor.column;
    if ((known === 0 || cursor.column < known) && cursor.code() === tabulator) cursor.fail("tab");
    if (!isBreak(cursor.code())) break;
    ends += cursor.lineEnd();
  }
  return { ends, indent: known === 0 ? Math.max(widest, least, 1) : known };
}

/** @param outer the column of what is around; -1 at the top. */
export function blockText(cursor: Cursor, outer: number): ScalarText {
  const literal = cursor.code() === 0x7c;
  const { keep, strip, increment } = blockHeader(cursor);
  let end = cursor.at;
  const before = emptyLines(cursor, increment === 0 ? 0 : Math.max(outer, 0) + increment, outer + 1);
  const { indent } = before;
  let more = before.ends;
  let value = "";
  let first = "";
  let indented = false;
  while (cursor.column === indent && cursor.code() !== ended) {
    const isIndented = isBlank(cursor.code());
    if (literal || first !== "\n" || indented || isIndented) value += first;
    else if (more === "") value += " ";
    value += more;
    indented = isIndented;
    const start = cursor.at;
    cursor.toLineEnd();
    end = cursor.at;
    value += cursor.text.slice(start, end);
    // Where the file ends without a line end, the text has none either.
    first = cursor.code() === ended ? "" : cursor.lineEnd();
    more = emptyLines(cursor, indent, 0).ends;
  }
  if (!strip) value += first;
  if (keep) value += more;
  return { value, end, lines: true };
}
