import type { Json } from "../schema/json.ts";
import { forbidden, type Position, Unusable } from "./value.ts";

/**
 * oslo.config's dialect of INI (oslo_config/iniparser.py, cfg.py `_substitute`), written and read. oslo.config itself is
 * the judge: test/render/oslo-config.test.ts.
 */

/** What Python's str.strip() takes off: not JavaScript's set (U+001C to U+001F and U+0085 are in, U+FEFF is not). */
const space = "[\\t\\n\\v\\f\\r\\x1c-\\x1f \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const edge = new RegExp(`^${space}|${space}$`);
const leading = new RegExp(`^${space}+`);
const trailing = new RegExp(`${space}+$`);
const strip = (text: string): string => text.replace(leading, "").replace(trailing, "");

/** The reader takes one pair of equal quotes off a value; a single quote character is such a pair with itself. */
const quoted = (text: string): boolean => text !== "" && text[0] === text.at(-1) && `"'`.includes(text.charAt(0));

/**
 * `$name` is a reference to another option, `$$` a dollar. The reader first turns `\$` into `$$`, so behind a backslash
 * a dollar must be written as `\$`: the value `\$` is the text `\\$`.
 */
const dollars = (text: string): string =>
  text.replace(/\$/g, (dollar, at: number) => (text[at - 1] === "\\" ? "\\$" : `${dollar}$`));

function scalar(value: Json): string | Unusable {
  if (value === null) return new Unusable("it is not set");
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "number") {
    return Number.isFinite(value) ? String(value) : new Unusable("it is not a finite number");
  }
  if (typeof value === "string") return forbidden(value) ?? value;
  return new Unusable("it is a whole section of the settings, not one value");
}

function items(values: readonly Json[]): string | Unusable {
  const texts: string[] = [];
  for (const value of values) {
    const text = scalar(value);
    if (text instanceof Unusable) return text;
    if (text === "") return new Unusable("an item of the list is empty");
    if (text.includes(",")) return new Unusable("an item of the list holds a comma, which separates items");
    if (edge.test(text)) return new Unusable("an item of the list begins or ends with a blank, which its reader drops");
    texts.push(text);
  }
  return texts.join(",");
}

/** @returns the value as oslo.config reads it back, or why there is no such text. */
export function encodeOslo(value: Json, position: Position): string | Unusable {
  const text = Array.isArray(value) ? items(value) : scalar(value);
  if (text instanceof Unusable) return text;
  if (position === "section") {
    // The reader takes all up to the last bracket, and names of sections in small letters (cfg.py, _normalize_group_name).
    return /^\w[\w.-]*$/.test(text) ? text : new Unusable("a section's name has letters, digits, _ . and - only");
  }
  if (position === "whole") return dollars(edge.test(text) || quoted(text) ? `"${text}"` : text);
  if (edge.test(text)) return new Unusable("it begins or ends with a blank, inside a longer value");
  if (/^["']|["']$/.test(text)) return new Unusable("it begins or ends with a quote, inside a longer value");
  return dollars(text);
}

/** One assignment of a file. */
export type OsloOption = {
  readonly section: string;
  readonly option: string;
  /** As its reader gets it: unquoted, `$$` is a dollar; references to other options (`$name`) stay as they are. */
  readonly value: string;
  /** 1-based, of its first and of its last line. */
  readonly line: number;
  readonly lastLine: number;
  /** Where the value begins in its first line (0-based). */
  readonly column: number;
};

const decode = (raw: string): string => {
  const bare = strip(raw);
  return (quoted(bare) ? bare.slice(1, -1) : bare).replaceAll("\\$", "$$$$").replace(/\$\$/g, "$");
};

/** Reads a file as oslo.config does, but for mistakes, which it passes over: it may show any file that it finds. */
export function parseOslo(text: string): readonly OsloOption[] {
  const options: OsloOption[] = [];
  let section = "DEFAULT";
  let open = false;
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = raw.replace(trailing, "");
    const last = options.at(-1);
    if (/^[ \t]/.test(line)) {
      if (open && last)
        options[options.length - 1] = { ...last, value: `${last.value}\n${strip(line)}`, lastLine: index + 1 };
      continue;
    }
    open = false;
    const header = /^\[(.+)\]$/.exec(line);
    if (header) section = header[1] as string;
    if (header || line === "" || /^[#;[]/.test(line)) continue;
    const assignment = /^([^=:]+)[=:](.*)$/s.exec(line);
    if (!assignment) continue;
    const [, option = "", value = ""] = assignment;
    const column = line.length - value.length + (/^\s*/.exec(value)?.[0].length ?? 0);
    options.push({
      section,
      option: strip(option),
      value: decode(value),
      line: index + 1,
      lastLine: index + 1,
      column,
    });
    open = true;
  }
  return options;
}
