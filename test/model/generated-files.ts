import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A file of a generated model: its path from the base, and its text. */
export type TextFile = readonly [path: string, text: string];

export const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** Writes a generated model into a directory. */
export function writeFiles(directory: string, files: Iterable<TextFile>): void {
  for (const [path, text] of files) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
