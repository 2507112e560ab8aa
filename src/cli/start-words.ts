import { startOptions } from "./start.ts";
import type { Arguments } from "./verb.ts";

const isOption = (word: string): boolean => word.length > 1 && word.startsWith("-");

/** @returns the option `--NAME` or `--NAME=TEXT` with its value, `--no-NAME` too; undefined where it has none, or is none. */
function optionOf(
  word: string,
  next: string | undefined,
): readonly [string, string | boolean, used: number] | undefined {
  const [, name = "", text] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
  const known: Readonly<Record<string, { readonly type: "string" | "boolean" }>> = startOptions;
  const type = Object.hasOwn(known, name) ? known[name]?.type : undefined;
  if (type === "string" && text !== undefined) return [name, text, 1];
  // `--image --root`: a value was forgotten.
  if (type === "string") return next === undefined || isOption(next) ? undefined : [name, next, 2];
  if (text !== undefined) return undefined;
  if (type === "boolean") return [name, true, 1];
  const off = name.startsWith("no-") ? name.slice("no-".length) : "";
  return Object.hasOwn(known, off) && known[off]?.type === "boolean" ? [off, false, 1] : undefined;
}

/**
 * The words after `start`, read as node:util's parseArgs reads them, which a test holds it against: loading that one costs a
 * start more than all of its own words. @returns undefined where yargs shall look instead: help is asked for, or there is a
 * mistake to explain.
 */
export function parseStart(words: readonly string[]): Arguments | undefined {
  const end = words.indexOf("--");
  const own = end < 0 ? words : words.slice(0, end);
  const values: Record<string, string | boolean> = {};
  const positionals: string[] = [];
  for (let at = 0; at < own.length; ) {
    const word = own[at] as string;
    if (!isOption(word)) {
      positionals.push(word);
      at++;
      continue;
    }
    const option = optionOf(word, own[at + 1]);
    if (!option) return undefined;
    const [name, value, used] = option;
    values[name] = value;
    at += used;
  }
  if (positionals.length > 1) return undefined;
  return { wait: true, ...values, _: positionals, "--": end < 0 ? [] : words.slice(end + 1) };
}
