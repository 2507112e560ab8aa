import { dialects } from "./dialects.ts";
import type { TracedFile } from "./rendered.ts";

/** @returns every option of a text, as `[section] name`, with its values in order. */
function valuesOf(text: string, { dialect }: Pick<TracedFile, "dialect">): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const lines = text.split(/\r\n|\r|\n/);
  for (const { section, option, line, lastLine, column } of dialects[dialect].read(text)) {
    const name = section === "" ? option : `[${section}] ${option}`;
    const value = lines
      .slice(line - 1, lastLine)
      .join("\n")
      .slice(column)
      .trim();
    values.set(name, `${values.get(name) ?? ""}\n${value}`);
  }
  return values;
}

/** @returns the options, as `[section] name`, whose values differ between a file's text before and as it shall be. */
export function changedOptions(before: string, file: Pick<TracedFile, "text" | "dialect">): readonly string[] {
  const [old, now] = [valuesOf(before, file), valuesOf(file.text, file)];
  return [...new Set([...old.keys(), ...now.keys()])].filter((name) => old.get(name) !== now.get(name));
}
