import type { Json } from "../schema/json.ts";

/** A text some of which is secret: `masked` is what may be shown of it (a URL keeps all but the password). */
export class MaskedText {
  readonly text: string;
  readonly masked: string;
  constructor(text: string, masked: string) {
    this.text = text;
    this.masked = masked;
  }
}

/** What an expression gives when its value cannot be used: `reason` continues "... cannot be written: ". */
export class Unusable {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Lines that one expression writes: an option that repeats its key. */
export class Lines {
  readonly key: string;
  readonly values: readonly unknown[];
  constructor(key: string, values: readonly unknown[]) {
    this.key = key;
    this.values = values;
  }
}

/** Where an expression stands: the whole value of an option, a part of a longer text, a section's name, lines of its own. */
export type Position = "whole" | "part" | "section" | "lines";

/** How a dialect writes one value so that the file's reader gets it back unchanged. */
export type Encode = (value: Json, position: Position) => string | Unusable;

/** What no dialect can carry. */
export function forbidden(text: string): Unusable | undefined {
  if (/[\r\n]/.test(text)) return new Unusable("it holds a line break, which would begin another option");
  if (text.includes("\0")) return new Unusable("it holds a NUL character");
  if (!text.isWellFormed()) return new Unusable("it is no valid Unicode text (half a surrogate pair)");
  return undefined;
}
