/** Plain data as JSON has it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** @returns whether parsed JSON is a mapping. */
export const isMapping = (value: unknown): value is { readonly [key: string]: Json } =>
  value !== null && typeof value === "object" && !Array.isArray(value);

/**
 * @returns the keys of a path. What a node says beside its role's pillar (`_options:nova.conf:DEFAULT:debug`) has names with dots in it,
 * and stands at the root by all of its path.
 */
export const keysOf = (path: string): readonly string[] => (path.startsWith("_") ? [path] : path.split("."));

/** @returns the value at a dotted path (`cache.members.0.host`), or undefined where there is none. */
export function valueAt(values: Json | undefined, path: string): Json | undefined {
  let value = values;
  for (const key of keysOf(path)) {
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, key)) return undefined;
    value = (value as { readonly [key: string]: Json })[key];
  }
  return value;
}
