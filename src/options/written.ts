import type { ScalarValue } from "../pillar/value.ts";

/** @returns what stands in the model where a scalar was read from; nothing where that is more than a line. */
function wordOf({ at }: ScalarValue): string {
  const [from, to] = [at.file.position(at.start), at.file.position(at.end)];
  const line = from.line === to.line ? at.file.lines[from.line - 1] : undefined;
  return line?.slice(from.column - 1, to.column - 1) ?? "";
}

/**
 * YAML reads 010 as 8, 0x1f as 31, 1:30 as 90 and 1_000 as 1000, where the programs that these files are for read something else.
 *
 * @returns what stands in the model, where YAML made another number of it.
 */
export function otherNumber(value: ScalarValue): string | undefined {
  if (typeof value.value !== "number" && typeof value.value !== "bigint") return undefined;
  const word = wordOf(value);
  return /^[+-]?\d[\w:]*$/.test(word) && !/^[+-]?(?:0|[1-9]\d*)$/.test(word) ? word : undefined;
}

/** @returns the word that YAML read as a boolean, such as `no` or `ON`: a text has it as it stands. */
export function booleanWord(value: ScalarValue): string | undefined {
  const word = typeof value.value === "boolean" ? wordOf(value) : "";
  return /^[a-z]+$/i.test(word) ? word : undefined;
}
