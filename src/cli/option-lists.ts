import { readList } from "../options/list.ts";
import type { ReadOptions } from "../release/diff.ts";
import { templatesIn } from "./describing.ts";

/** Reads lists of options from a folder of templates, each once. */
export function listsIn(folder: string): ReadOptions {
  const load = templatesIn(folder);
  const known = new Map<string, ReturnType<ReadOptions>>();
  return (component, release) => {
    const key = `${component} ${release}`;
    if (!known.has(key)) known.set(key, readList(component, release, load));
    return known.get(key);
  };
}
