import { type Json, keysOf } from "../schema/json.ts";

/** What is read from the settings: by each expression, and by all of a file. */
export type Recorder = {
  /** An expression begins. */
  readonly begin: () => void;
  /** It ends. @returns the paths that it, and the expressions it stands in, have read, each once. */
  readonly end: () => readonly string[];
  /** The settings, with every look-up of a single value recorded. */
  readonly values: Json;
  /** @returns every path that was read so far, also outside of expressions: by a loop, a condition, a variable. */
  readonly reads: () => readonly string[];
};

/**
 * Records which settings each expression of a template reads. Expressions nest (a macro call holds those of the macro);
 * what an outer one has read so far counts for the inner ones, since it may have been handed to them.
 */
export function recorder(values: Json): Recorder {
  const open: Set<string>[] = [];
  const all = new Set<string>();
  const note = (path: string): void => {
    all.add(path);
    open.at(-1)?.add(path);
  };
  const watch = (value: Json, path: string): Json => {
    if (value === null || typeof value !== "object") {
      note(path);
      return value;
    }
    // A list of plain values is read as a whole.
    if (Array.isArray(value) && value.every((item) => item === null || typeof item !== "object")) note(path);
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
    reads: () => [...all],
  };
}

/**
 * The settings for a start, which records nothing but this: whether a value is asked for that nobody gave, since no
 * service was known to need it (a branch that another dynamic parameter chooses). Costs as much as there are such paths.
 *
 * @param left the paths; each is null. @param asked is told of the path.
 */
export function guarded(values: Json, left: readonly string[], asked: (path: string) => void): Json {
  const copies = new Set<object>();
  const copied = (value: object): Record<string, Json> => {
    if (copies.has(value)) return value as Record<string, Json>;
    const copy = Array.isArray(value) ? [...value] : { ...value };
    copies.add(copy);
    return copy as Record<string, Json>;
  };
  if (left.length === 0) return values;
  const root = copied(values as object);
  for (const path of left) {
    const keys = [...keysOf(path)];
    const last = keys.pop() as string;
    let into = root;
    for (const key of keys) {
      const next = copied(into[key] as object);
      into[key] = next;
      into = next;
    }
    const get = (): Json => {
      asked(path);
      return null;
    };
    Object.defineProperty(into, last, { enumerable: true, configurable: true, get });
  }
  return root;
}
