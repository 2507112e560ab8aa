import type { Json } from "../schema/json.ts";

/** What one expression read from the settings. */
export type Recorder = {
  /** An expression begins. */
  readonly begin: () => void;
  /** It ends. @returns the paths that it, and the expressions it stands in, have read, each once. */
  readonly end: () => readonly string[];
  /** The settings, with every look-up of a single value recorded. */
  readonly values: Json;
};

/**
 * Records which settings each expression of a template reads. Expressions nest (a macro call holds those of the macro);
 * what an outer one has read so far counts for the inner ones, since it may have been handed to them.
 */
export function recorder(values: Json): Recorder {
  const open: Set<string>[] = [];
  const watch = (value: Json, path: string): Json => {
    if (value === null || typeof value !== "object") {
      open.at(-1)?.add(path);
      return value;
    }
    // A list of plain values is read as a whole.
    if (Array.isArray(value) && value.every((item) => item === null || typeof item !== "object"))
      open.at(-1)?.add(path);
    // A copy: of a frozen object a proxy may give nothing but what the object holds.
    return new Proxy(Array.isArray(value) ? [...value] : { ...value }, {
      get(target, key) {
        const member = (target as Record<string | symbol, Json>)[key];
        if (typeof key === "symbol" || !Object.hasOwn(target, key) || key === "length") return member;
        return watch(member as Json, path === "" ? key : `${path}.${key}`);
      },
    }) as Json;
  };
  return {
    begin: () => {
      open.push(new Set());
    },
    end: () => {
      const paths = [...new Set(open.flatMap((reads) => [...reads]))];
      open.pop();
      return paths;
    },
    values: watch(values, ""),
  };
}
