import { floatText } from "./python.ts";
import { Float, resolvePlain, type Scalar, Stamp } from "./scalar.ts";
import type { Value } from "./value.ts";

/**
 * Values as YAML 1.1 that PyYAML reads back as they are. The `yaml` package writes for its own reading: `=`, `<<` and
 * characters that PyYAML does not let through come out so that PyYAML refuses them.
 */

/** What needs no quotes wherever a value or a key may stand, if it is no number, date or word of YAML's. */
const plain = /^[\p{L}\d_/.$()^;+-](?:[\p{L}\d_/.$(){}[\]@%+=~^,;*!?<>|&'"`\\-]| (?=[^#\s])|:(?=[^\s])|(?<!\s)#)*$/u;

/** Readers of YAML 1.2 take more for numbers, and some readers of 1.1 take y and n for yes and no. */
const readDifferently = /^(?:[-+]?\.?\d[\d_]*(?:\.\d*)?(?:[eE][-+]?\d+)?|0[ox][\da-fA-F]+|[yYnN])$/;

const isPlain = (text: string): boolean =>
  plain.test(text) &&
  !/^(?:[-?.]$|-[ -]|\.\.\.|[-+]?\.)/.test(text) &&
  !readDifferently.test(text) &&
  resolvePlain(text) === text;

/** What YAML lets stand as it is and a terminal shows so, line ends but for \n not among it. */
const printable = /^(?!.*\p{Cf})[\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*$/u;

const escaped = /[\x7f-\xa0\u2028\u2029\ufffe\uffff]|\p{Cf}/gu;

/** Half of a pair would be refused: what is beyond 16 bits is written as one character. */
function escapeOf(character: string): string {
  const code = (character.codePointAt(0) as number).toString(16);
  return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
}

/** YAML's escapes in double quotes are JSON's, and then some characters more. */
const doubleQuoted = (text: string): string => JSON.stringify(text).replace(escaped, escapeOf);

function stringLine(text: string): string {
  if (isPlain(text)) return text;
  return printable.test(text) && !text.includes("\t") ? `'${text.replaceAll("'", "''")}'` : doubleQuoted(text);
}

function floatLine(value: number): string {
  const text = floatText(value);
  if (!Number.isFinite(value)) return `${value < 0 ? "-" : ""}.${text.replace("-", "")}`;
  // Without a point it would be read as text: 1e+16.
  return text.includes(".") ? text : text.replace("e", ".0e");
}

/** @returns a scalar as YAML, in one line. */
export function scalarYaml(value: Scalar): string {
  if (typeof value === "string") return stringLine(value);
  if (value instanceof Float) return floatLine(value.value);
  return value instanceof Stamp ? value.text : String(value);
}

/** A text of several lines is shown as such where that cannot change it. */
function literal(text: string, indent: string): string | undefined {
  const lines = text.replace(/\n$/, "").split("\n");
  const fits = lines.length > 1 && /^\S/.test(text) && lines.every((line) => printable.test(line) && !/\s$/.test(line));
  if (!fits || lines.at(-1) === "") return undefined;
  const body = lines.map((line) => (line === "" ? "" : `${indent}  ${line}`)).join("\n");
  return `|${text.endsWith("\n") ? "" : "-"}\n${body}`;
}

function leafYaml(value: Value, indent: string): string {
  if (value.kind === "mapping") return "{}";
  if (value.kind === "sequence") return "[]";
  return (typeof value.value === "string" ? literal(value.value, indent) : undefined) ?? scalarYaml(value.value);
}

const isLeaf = (value: Value): boolean =>
  value.kind === "scalar" || (value.kind === "mapping" ? value.entries.size : value.items.length) === 0;

/** PyYAML looks no further than 1,024 characters for the colon of a key that is not marked as one. */
const longestKey = 1000;

function entryYaml(key: string, value: Value, indent: string): string {
  const written = stringLine(key);
  const marked = written.length > longestKey ? `? ${written}\n${indent}` : written;
  if (isLeaf(value)) return `${marked}: ${leafYaml(value, indent)}`;
  return `${marked}:\n${indent}  ${blockYaml(value, `${indent}  `)}`;
}

/** The first line is not indented: what it stands behind says where it begins. */
function blockYaml(value: Value, indent: string): string {
  if (isLeaf(value)) return leafYaml(value, indent);
  const lines: string[] = [];
  if (value.kind === "mapping") {
    for (const [key, entry] of value.entries) lines.push(entryYaml(key, entry.value, indent));
  } else if (value.kind === "sequence") {
    for (const item of value.items) lines.push(`- ${blockYaml(item, `${indent}  `)}`);
  }
  return lines.join(`\n${indent}`);
}

/** @returns a value as a YAML document, or as what stands `indent` deep within one. */
export const valueYaml = (value: Value, indent = ""): string => `${indent}${blockYaml(value, indent)}\n`;

/** @returns an entry of a mapping as YAML. */
export const pairYaml = (key: string, value: Value, indent = ""): string =>
  `${indent}${entryYaml(key, value, indent)}\n`;
