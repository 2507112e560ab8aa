import { visibleJson } from "../diagnostics/visible.ts";
import type { CompiledNode } from "./model.ts";
import { floatText } from "./python.ts";
import { Float, type Scalar, Stamp } from "./scalar.ts";
import type { Value } from "./value.ts";

const quoted = new Map<string, string>();

/** Keys come again and again: each is quoted once. */
export function keyJson(key: string): string {
  let text = quoted.get(key);
  if (text === undefined) {
    text = visibleJson(key);
    if (quoted.size < 10_000) quoted.set(key, text);
  }
  return text;
}

/** What needs no escape in JSON, nor to be seen: nearly every text, in a third of the time. */
const plain = /^[ !#-[\]-~\u00a0-\u00ac\u00ae-\u02ff\u0370-\u058f\u2010-\u2027\u2030-\u205f\u2070-\ud7ff]*$/;

const textJson = (text: string): string => (plain.test(text) ? `"${text}"` : visibleJson(text));

/** JSON has no dates and no infinities: they are written as texts. */
export function scalarJson(value: Scalar): string {
  if (typeof value === "string") return textJson(value);
  if (value instanceof Float)
    return Number.isFinite(value.value) ? floatText(value.value) : JSON.stringify(floatText(value.value));
  if (value instanceof Stamp) return JSON.stringify(value.text);
  return typeof value === "bigint" ? value.toString() : JSON.stringify(value);
}

/** Writes a value as JSON, floats as Python does (1.0 stays 1.0). @param indent of the line it begins in. */
export function valueJson(value: Value, indent = ""): string {
  if (value.kind === "scalar") return scalarJson(value.value);
  const { answer } = value;
  if (answer === undefined) return containerJson(value, indent);
  if (answer.indent !== indent) {
    answer.text = containerJson(value, indent);
    answer.indent = indent;
  }
  return answer.text;
}

function containerJson(value: Exclude<Value, { kind: "scalar" }>, indent: string): string {
  const below = `${indent}  `;
  const line = `\n${below}`;
  // Adding to a text is what V8 does best; lists of parts took twice the time.
  let text = "";
  if (value.kind === "sequence") {
    for (const item of value.items) text += (text === "" ? "[" : ",") + line + valueJson(item, below);
    return text === "" ? "[]" : `${text}\n${indent}]`;
  }
  for (const [key, { value: child }] of value.entries) {
    text += `${(text === "" ? "{" : ",") + line + keyJson(key)}: ${valueJson(child, below)}`;
  }
  return text === "" ? "{}" : `${text}\n${indent}}`;
}

export const textsJson = (texts: readonly string[], indent: string): string =>
  texts.length === 0 ? "[]" : `[\n${texts.map((text) => `${indent}  ${textJson(text)}`).join(",\n")}\n${indent}]`;

/** The parts of a node that are JSON already, `indent` and two blanks deep. */
export type PartsJson = { readonly classes: string; readonly parameters: string; readonly exports: string };

/** @returns what `reclass -o json --nodeinfo` prints for a node, without the timestamp. */
export function nodeInfoJson(node: CompiledNode, indent = ""): string {
  const inner = `${indent}  `;
  const parts = {
    classes: textsJson(node.classes, inner),
    parameters: valueJson(node.parameters, inner),
    exports: valueJson(node.exports, inner),
  };
  return nodeJson(node, parts, indent);
}

/** @returns the same from parts that are JSON already. */
export function nodeJson(
  node: Pick<CompiledNode, "name" | "uri" | "environment" | "applications">,
  { classes, parameters, exports }: PartsJson,
  indent: string,
): string {
  const inner = `${indent}  `;
  const about = {
    node: textJson(node.name),
    name: textJson(node.name),
    uri: textJson(node.uri),
    environment: valueJson(node.environment),
  };
  let text = `{\n${inner}"__reclass__": {`;
  for (const [key, value] of Object.entries(about))
    text += `${key === "node" ? "" : ","}\n${inner}  "${key}": ${value}`;
  text += `\n${inner}},\n${inner}"classes": ${classes}`;
  text += `,\n${inner}"applications": ${textsJson(node.applications, inner)}`;
  text += `,\n${inner}"parameters": ${parameters}`;
  text += `,\n${inner}"exports": ${exports}`;
  return `${text},\n${inner}"environment": ${valueJson(node.environment)}\n${indent}}`;
}
