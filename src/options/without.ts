import type { At, Value, ValueEntry } from "../model/value.ts";
import { optionKeys } from "./places.ts";

/** An option that a node says: where, and by which path (`_options:nova.conf:DEFAULT:debug`). */
export type Dropped = {
  /** As the node names it: `nova.conf`. */
  readonly file: string;
  readonly section: string;
  readonly option: string;
  readonly path: string;
  readonly at: At;
};

type Entries = ReadonlyMap<string, ValueEntry>;

/** @returns the same mapping with each entry as `change` gives it; without those for which it gives nothing. */
function changed(value: Value, change: (key: string, entry: ValueEntry) => Value | undefined): Value {
  if (value.kind !== "mapping") return value;
  const entries: Entries = new Map(
    [...value.entries].flatMap(([key, entry]) => {
      const now = change(key, entry);
      return now === undefined ? [] : [[key, { ...entry, value: now }] as const];
    }),
  );
  return { kind: "mapping", entries, at: value.at };
}

/**
 * Leaves out options that a node says of its files.
 *
 * @param parameters the node's, compiled.
 * @returns the parameters without them, and which they were.
 */
export function withoutOptions(
  parameters: Value,
  isDropped: (file: string, section: string, option: string) => boolean,
): { readonly parameters: Value; readonly dropped: readonly Dropped[] } {
  const dropped: Dropped[] = [];
  const ofFiles = (files: Value, above: string): Value =>
    changed(files, (file, { value: sections }) =>
      changed(sections, (section, { value: options }) =>
        changed(options, (option, { keyAt, value }) => {
          if (!isDropped(file, section, option)) return value;
          dropped.push({ file, section, option, path: `${above}:${file}:${section}:${option}`, at: keyAt });
          return undefined;
        }),
      ),
    );
  const kept = changed(parameters, (key, { value }) => {
    if (key === optionKeys.options) return ofFiles(value, key);
    if (key !== optionKeys.service) return value;
    return changed(value, (service, { value: files }) => ofFiles(files, `${key}:${service}`));
  });
  return { parameters: kept, dropped };
}
