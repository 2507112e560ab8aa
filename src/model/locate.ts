import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { scalarText } from "./python.ts";
import type { ModelSettings } from "./settings.ts";
import type { Layers, Slot, Written } from "./slot.ts";
import type { At } from "./value.ts";

/** A tree in which paths are looked for, with the keys that stand before all of them. */
export type Root = { readonly before: readonly string[]; readonly slot: Slot };

type Prefixes = Pick<ModelSettings, "overwritePrefix" | "constantPrefix">;

const placeKey = (file: string, line: number, column: number): string => `${file}:${line}:${column}`;

/** Walks through trees for the values that stand at certain places. Each part is looked at once, however many aliases it has. */
class Search {
  readonly found = new Map<string, readonly string[]>();
  readonly #files: ReadonlySet<string>;
  readonly #wanted: ReadonlySet<string>;
  readonly #prefixes: Prefixes | undefined;
  readonly #seen = new Set<Slot>();

  constructor(files: ReadonlySet<string>, wanted: ReadonlySet<string>, prefixes: Prefixes | undefined) {
    this.#files = files;
    this.#wanted = wanted;
    this.#prefixes = prefixes;
  }

  #note({ file, start }: At, path: readonly string[]): void {
    if (!this.#files.has(file.path)) return;
    const { line, column } = file.position(start);
    const key = placeKey(file.path, line, column);
    if (this.#wanted.has(key) && !this.found.has(key)) this.found.set(key, path);
  }

  /** @param first of a list: how many items come from lists below it. */
  visit(slot: Slot, path: readonly string[], literal = false, first = 0): void {
    if (this.#seen.has(slot)) return;
    this.#seen.add(slot);
    if (slot.kind !== "layers") this.#note(slot.at, path);
    if (slot.kind === "layers") this.#layers(slot, path);
    else if (slot.kind === "branch") {
      for (const [key, { value }] of slot.entries) this.visit(value, [...path, key]);
    } else if (slot.kind === "list") {
      for (const [index, item] of slot.items.entries()) this.visit(item, [...path, String(first + index)], true);
    } else if (slot.kind === "written") {
      for (const { key, value } of slot.entries) {
        const written = scalarText(key);
        const name = literal ? written : this.#bare(written);
        this.visit(value, [...path, name], literal || name !== written);
      }
    }
  }

  /** Lists that merge stand one behind the other. */
  #layers({ layers }: Layers, path: readonly string[]): void {
    let items = 0;
    for (const { slot, overwrite } of layers) {
      if (overwrite) items = 0;
      this.visit(slot, path, overwrite, items);
      const solid = slot.kind === "text" ? slot.resolved?.made : slot;
      if (solid && "kind" in solid && solid.kind === "list") items += solid.items.length;
    }
  }

  /** @returns a key without the signs that say how it merges. */
  #bare(key: string): string {
    const prefixes = [this.#prefixes?.overwritePrefix, this.#prefixes?.constantPrefix];
    const sign = prefixes.find((prefix) => prefix !== undefined && key.startsWith(prefix));
    return sign === undefined ? key : this.#bare(key.slice(sign.length));
  }
}

/**
 * Adds to diagnostics the paths of the values that stand at their places. Looked for only when there is something to report:
 * it is one walk through all that a node or a file holds.
 */
export function locate(
  diagnostics: readonly Diagnostic[],
  roots: readonly Root[],
  settings?: Pick<ModelSettings, "overwritePrefix" | "constantPrefix" | "syntax">,
): readonly Diagnostic[] {
  const files = new Set<string>();
  const wanted = new Set<string>();
  for (const { place, path } of diagnostics) {
    if (path !== undefined || place?.kind !== "document") continue;
    files.add(place.file);
    wanted.add(placeKey(place.file, place.line, place.column));
  }
  if (wanted.size === 0) return diagnostics;
  const search = new Search(files, wanted, settings);
  for (const { before, slot } of roots) search.visit(slot, before);
  return diagnostics.map((diagnostic) => {
    const { place, path } = diagnostic;
    if (path !== undefined || place?.kind !== "document") return diagnostic;
    const found = search.found.get(placeKey(place.file, place.line, place.column));
    if (found === undefined) return diagnostic;
    return { ...diagnostic, path: found.join(settings?.syntax.delimiter ?? ":") || "parameters" };
  });
}

/** @returns the trees of a class or node file: paths below `parameters` begin there, all others with the section's name. */
export const rootsOf = (content: Written): readonly Root[] =>
  content.entries.map(({ key, value }) => ({ before: key === "parameters" ? [] : [scalarText(key)], slot: value }));

const nameAt = /^(\s*)((?:- +)*)["']?([\w.~=-]{1,64})["']?\s*:(?:\s|$)/;

/**
 * @param line 1-based.
 * @returns the keys that lead to a line of a text that is no YAML, by its indentation. Undefined where one of them is no plain
 * name: it may be a line of a text in several lines, which may be a secret.
 */
export function keysAbove(lines: readonly string[], line: number): readonly string[] | undefined {
  const keys: string[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (let index = line - 1; index >= 0 && least > 0; index--) {
    const text = lines[index] ?? "";
    if (/^\s*(?:#.*)?$/.test(text)) continue;
    const [, blanks = "", dashes = "", key] = nameAt.exec(text) ?? [];
    // A list may stand in the column of the key that it belongs to.
    const isItem = /^\s*-(?:\s|$)/.test(text);
    const indent = text.length - text.trimStart().length + (isItem ? 0.5 : 0);
    if (indent >= least && index < line - 1) continue;
    // The other keys of an item stand beside its first one.
    const isBeside = isItem && blanks.length + dashes.length >= least;
    if (key !== undefined && !isBeside) keys.unshift(key.replace(/^[~=]+/, ""));
    else if (key === undefined && index < line - 1 && !isItem) return undefined;
    least = indent;
  }
  if (keys[0] === "parameters" && keys.length > 1) keys.shift();
  return keys.length > 0 ? keys : undefined;
}
