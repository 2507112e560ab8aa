import { parseOslo } from "./oslo.ts";
import type { TracedFile } from "./rendered.ts";

/** @returns every option of a text as `[section] name`, with its values in order. */
function valuesOf(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const { section, option, value } of parseOslo(text)) {
    const name = `[${section}] ${option}`;
    values.set(name, `${values.get(name) ?? ""}\n${value}`);
  }
  return values;
}

/** @returns the options, as `[section] name`, whose values differ between a file's text before and as it shall be. */
export function changedOptions(before: string, file: Pick<TracedFile, "text">): readonly string[] {
  const [old, now] = [valuesOf(before), valuesOf(file.text)];
  return [...new Set([...old.keys(), ...now.keys()])].filter((name) => old.get(name) !== now.get(name));
}
