import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import type { At, Value } from "../model/value.ts";
import { placeOf } from "../pillar/place.ts";
import { isNull, textOf } from "../pillar/value.ts";
import { deploymentMessage } from "./messages.ts";

/** What a text of the model must look like, and how that is said. */
export type Shape = readonly [pattern: RegExp, wants: string];

/** A mapping of a node's parameters, such as `_workload`, whose mistakes are reported with their place. */
export class Block {
  readonly #node: string;
  readonly #path: string;
  readonly #value: Value | undefined;
  readonly #diagnostics: Diagnostic[];

  constructor(node: string, path: string, value: Value | undefined, diagnostics: Diagnostic[]) {
    this.#node = node;
    this.#path = path;
    this.#value = value !== undefined && isNull(value) ? undefined : value;
    this.#diagnostics = diagnostics;
    if (this.#value !== undefined && this.#value.kind !== "mapping") this.#wrong(path, "a mapping", this.#value.at);
  }

  get at(): At | undefined {
    return this.#value?.at;
  }

  #wrong(path: string, wants: string, at: At): void {
    const node = this.#node;
    this.#diagnostics.push({
      ...deploymentMessage("workload-value-wrong", { node, path, wants }, placeOf(at)),
      node,
      path,
    });
  }

  /** @returns the keys of the mapping, with their places. */
  entries(): readonly (readonly [key: string, value: Value, at: At])[] {
    if (this.#value?.kind !== "mapping") return [];
    return [...this.#value.entries].map(([key, { value, keyAt }]) => [key, value, keyAt]);
  }

  /** Tells of keys that are none of these. */
  allow(known: readonly string[]): this {
    for (const [key, , at] of this.entries()) {
      if (known.includes(key)) continue;
      const node = this.#node;
      const path = `${this.#path}:${key}`;
      const message = { node, path, near: nearest(key, known), known };
      this.#diagnostics.push({ ...deploymentMessage("workload-key-unknown", message, placeOf(at)), node, path });
    }
    return this;
  }

  #get(key: string): Value | undefined {
    const value = this.entries().find(([own]) => own === key)?.[1];
    return value === undefined || isNull(value) ? undefined : value;
  }

  place(key: string): At | undefined {
    return this.#get(key)?.at;
  }

  /** @returns the place of a value, as messages show it. */
  placeOf(key: string): Place | undefined {
    const at = this.place(key);
    return at && placeOf(at);
  }

  isMapping(key: string): boolean {
    return this.#get(key)?.kind === "mapping";
  }

  block(key: string): Block {
    return new Block(this.#node, `${this.#path}:${key}`, this.#get(key), this.#diagnostics);
  }

  /** @returns a text of that shape; undefined where there is none, or a wrong one. */
  text(key: string, [pattern, wants]: Shape): string | undefined {
    const value = this.#get(key);
    if (value === undefined) return undefined;
    const text = value.kind === "scalar" && typeof value.value !== "boolean" ? textOf(value) : undefined;
    if (text !== undefined && pattern.test(text)) return text;
    this.#wrong(`${this.#path}:${key}`, wants, value.at);
    return undefined;
  }

  /** @returns true or false. */
  flag(key: string): boolean | undefined {
    const value = this.#get(key);
    if (value === undefined) return undefined;
    if (value.kind === "scalar" && typeof value.value === "boolean") return value.value;
    this.#wrong(`${this.#path}:${key}`, "true or false", value.at);
    return undefined;
  }

  /** @returns a whole number from 1 on. */
  count(key: string): number | undefined {
    const text = this.text(key, [/^[1-9]\d{0,3}$/, "a whole number from 1 to 9999"]);
    return text === undefined ? undefined : Number(text);
  }

  /** @returns texts of that shape, each once; they may stand in one text, with commas between them. */
  texts(key: string, [pattern, wants]: Shape): readonly string[] | undefined {
    const value = this.#get(key);
    if (value === undefined) return undefined;
    const items = value.kind === "sequence" ? value.items : [];
    const inList = items.flatMap((item) => (item.kind === "scalar" ? [textOf(item)] : []));
    const texts = value.kind === "scalar" ? textOf(value).split(/\s*,\s*/) : inList;
    if (
      texts.length > 0 &&
      (value.kind === "scalar" || texts.length === items.length) &&
      texts.every((text) => pattern.test(text)) &&
      new Set(texts).size === texts.length
    )
      return texts;
    this.#wrong(`${this.#path}:${key}`, `a list of ${wants}, each once`, value.at);
    return undefined;
  }
}

/** @returns what a node's parameters have under a key. */
export function blockOf(node: string, parameters: Value, key: string, diagnostics: Diagnostic[]): Block {
  const value = parameters.kind === "mapping" ? parameters.entries.get(key)?.value : undefined;
  return new Block(node, key, value, diagnostics);
}
