import { isUtf8 } from "node:buffer";

/** A byte that belongs to no character is U+DC80 to U+DCFF in a string, as in Python (PEP 383): no text has these. */
const firstEscape = 0xdc00;

/** How many bytes a character takes that begins with this one, if it is one (utf-8(7)). */
const lengthAt = (lead: number): number => (lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4);

/** @returns the bytes as a string that loses nothing: what is not UTF-8 is escaped byte by byte. */
export function textOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at] as number;
    const character = bytes.subarray(at, at + lengthAt(lead));
    const whole = isUtf8(character);
    text += whole ? character.toString("utf8") : String.fromCharCode(firstEscape + lead);
    at += whole ? character.length : 1;
  }
  return text;
}

/** What begins a string whose characters are bytes, in plinth's own Node. Such a string ends with `=`. */
const mark = "\u0001";

/** @returns the string as plinth's Node turns it into its bytes, less the `=` (scripts/build/node.ts). */
const marked = (text: string): string =>
  mark +
  text
    .split(/([\udc80-\udcff])/u)
    .map((piece, index) =>
      index % 2 === 1 ? String.fromCharCode(piece.charCodeAt(0) - firstEscape) : Buffer.from(piece).toString("latin1"),
    )
    .join("");

/** Whether Node gives the kernel just these bytes. */
const isPlain = (text: string): boolean => text.isWellFormed() && !text.startsWith(mark);

/** @returns words of a command as process.execve and child_process shall get them, for every byte to arrive. */
export const wordsForKernel = (words: readonly string[]): string[] =>
  words.map((word) => (isPlain(word) ? word : `${marked(word)}=`));

/**
 * @param entries `NAME=VALUE` each. @returns the environment as process.execve and child_process shall get it, for every byte
 * and every entry to arrive, those included whose name stands there twice.
 */
export function environmentForKernel(entries: readonly string[]): Record<string, string> {
  const environment = new Map<string, string>();
  for (const entry of entries) {
    const end = entry.indexOf("=");
    const name = entry.slice(0, end);
    // An object has names that are numbers before all others.
    const keepsItsPlace = end >= 0 && !environment.has(name) && !/^\d+$/.test(name);
    if (keepsItsPlace && isPlain(entry)) environment.set(name, entry.slice(end + 1));
    else environment.set(marked(entry), "");
  }
  return Object.fromEntries(environment);
}
