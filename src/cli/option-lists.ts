import { readList } from "../options/list.ts";
import type { ReadOptions } from "../release/diff.ts";
import { templatesIn } from "./describing.ts";

/** Reads lists of options from a directory of templates, each once. */
export function listsIn(directory: string): ReadOptions {
  const load = templatesIn(directory);
  const known = new Map<string, ReturnType<ReadOptions>>();
  return (component, release) => {
    const key = `${component} ${release}`;
    if (!known.has(key)) known.set(key, readList(component, release, load));
    return known.get(key);
  };
}
