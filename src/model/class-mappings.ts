import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { modelMessage } from "./messages.ts";
import { expand, globPattern, pythonPattern, splitMapping } from "./pattern.ts";
import { placeOf } from "./place.ts";
import { atOf, type Slot } from "./slot.ts";
import type { At } from "./value.ts";

/** A line of class_mappings, and the classes that it gives a node of a name. */
export type ClassMapping = { readonly at: At; readonly classesOf: (name: string) => readonly string[] };

/** @returns what finds the classes, or why there is no such thing. */
function readMapping(mapping: string): ClassMapping["classesOf"] | { readonly why: string } {
  const words = splitMapping(mapping);
  if (words === undefined) return { why: "a quote or slash is not closed" };
  const [key, ...classes] = words;
  if (key === undefined) return { why: "it is empty" };
  if (!mapping.startsWith("/")) {
    const glob = globPattern(key);
    return (name) => (glob.test(name) ? classes : []);
  }
  const pattern = pythonPattern(key);
  if (pattern === undefined) return { why: "the regular expression is none that plinth understands" };
  return (name) => {
    const match = pattern.exec(name);
    return match ? classes.map((each) => expand(each, match)) : [];
  };
}

/** Reads the setting class_mappings, whose items are known to be texts; what is wrong with them is added to `diagnostics`. */
export function readMappings(setting: Slot | undefined, diagnostics: Diagnostic[]): readonly ClassMapping[] {
  const items = setting === undefined ? [] : setting.kind === "list" ? setting.items : [setting];
  const mappings: ClassMapping[] = [];
  for (const item of items) {
    if (item.kind !== "scalar" || typeof item.value !== "string") continue;
    const at = atOf(item);
    const made = readMapping(item.value);
    if (typeof made === "function") mappings.push({ at, classesOf: made });
    else diagnostics.push(modelMessage("mapping-wrong", { mapping: item.value, why: made.why }, placeOf(at)));
  }
  return mappings;
}
