import { isUtf8 } from "node:buffer";
import type { Place } from "../../diagnostics/diagnostic.ts";
import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import { inventoryMessage } from "./inventory-messages.ts";

/** Bytes of one file that are read: as many as the compiler takes. */
export const sizeLimit = 4 * 1024 * 1024;

const decoder = new TextDecoder("utf-8");

const newline = 0x0a;

/** What begins a file that Windows' editors saved as "Unicode". */
const isUtf16 = ([first, second]: Uint8Array): boolean =>
  (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);

/** Where the first byte stands that is no UTF-8. The line itself is not shown: it cannot be, as it is. */
function firstWrong(bytes: Uint8Array, file: string): Place {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const found = bytes.indexOf(newline, start);
    const end = found < 0 ? bytes.length : found;
    if (!isUtf8(bytes.subarray(start, end))) {
      let right = start;
      // A character has four bytes at most: the text is right up to the last place where it was.
      for (let at = start; at < Math.min(end, right + 5); at++) {
        if (isUtf8(bytes.subarray(right, at + 1))) right = at + 1;
      }
      return { kind: "document", file, line, column: decoder.decode(bytes.subarray(start, right)).length + 1 };
    }
    start = end + 1;
  }
  return { kind: "named", name: file };
}

/** @returns the text of a file's bytes, without the byte order mark that some editors put before it. */
export function textOf(bytes: Uint8Array, path: string): Result<string> {
  if (isUtf8(bytes)) return success(decoder.decode(bytes));
  if (isUtf16(bytes)) {
    return failure([inventoryMessage("model-file-not-utf8", { path, guess: "utf-16" }, { kind: "named", name: path })]);
  }
  return failure([inventoryMessage("model-file-not-utf8", { path }, firstWrong(bytes, path))]);
}
