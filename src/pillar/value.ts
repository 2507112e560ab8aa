import type { Value, ValueEntry } from "../model/value.ts";

/** What the stage calls the parts of a compiled node's parameters. */
export type ScalarValue = Extract<Value, { kind: "scalar" }>;
export type MappingValue = Extract<Value, { kind: "mapping" }>;
export type Entry = ValueEntry;

/**
 * @returns a scalar as text, since the field it stands for decides its type, not YAML: a float or a date is what was
 * written (`2025.10` stays that), an integer is decimal, nothing is empty.
 */
export const textOf = ({ value }: ScalarValue): string =>
  value === null ? "" : typeof value === "object" ? value.written : String(value);

/** Nothing, `~` or `null`, unquoted. */
export const isNull = (value: Value): boolean => value.kind === "scalar" && value.value === null;

/** @returns what stands at a path of a node's parameters (`_image:tag`), or undefined. */
export function standingAt(parameters: Value, path: string): Value | undefined {
  let here: Value | undefined = parameters;
  for (const key of path.split(":")) here = here?.kind === "mapping" ? here.entries.get(key)?.value : undefined;
  return here;
}

/** @returns a value without places; scalars are text, since `1.10` and `"1.10"` mean the same to whoever reads them. */
export function plainOf(value: Value): unknown {
  if (value.kind === "scalar") return textOf(value);
  if (value.kind === "sequence") return value.items.map(plainOf);
  return Object.fromEntries([...value.entries].map(([key, entry]) => [key, plainOf(entry.value)]));
}
