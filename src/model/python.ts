/**
 * Python's text of values: reclass is a Python program, and a reference that is mixed with text, or a key that dictionaries
 * merge by, becomes what str() gives.
 */
import { Float, type Scalar, Stamp } from "./scalar.ts";
import type { Value } from "./value.ts";

/** Like Python's repr() of a float: shortest digits that read back, an exponent from 1e16 up and below 1e-4. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const [digits = "0", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  // toFixed gives no more digits than there are, since an exponent above -5 needs at most 21 places.
  const plain =
    exponent < 0 ? value.toFixed(Math.min(100, digits.replace(/\D/g, "").length - 1 - exponent)) : String(value);
  return plain.includes(".") ? plain : `${plain}.0`;
}

/** @returns what Python's str() gives for a scalar. */
export function scalarText(value: Scalar): string {
  if (typeof value === "string") return value;
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (value instanceof Float) return floatText(value.value);
  return value instanceof Stamp ? value.text : String(value);
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

const unprintable = /[\x00-\x1f\x7f-\xa0\xad\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

/** Python's repr() of a text: single quotes unless it holds some and no double ones; what cannot be printed is escaped. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  // In a text of a text of a text nearly all are backslashes and quotes.
  if (!unprintable.test(text)) return quote + text.replaceAll("\\", "\\\\").replaceAll(quote, `\\${quote}`) + quote;
  const inner = text.replace(/[\\\n\r\t'"\x00-\x1f\x7f-\xa0\xad\p{C}\p{Zl}\p{Zp}\p{Zs}]/gu, (character) => {
    const known = escapes[character];
    if (known !== undefined) return known;
    if (character === "'" || character === '"') return character === quote ? `\\${character}` : character;
    if (character === " ") return character;
    const code = character.codePointAt(0) as number;
    if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
    return code <= 0xffff ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
  });
  return `${quote}${inner}${quote}`;
}

function represented(value: Value): string {
  if (value.kind === "scalar") return typeof value.value === "string" ? quoted(value.value) : scalarText(value.value);
  if (value.kind === "sequence") return `[${value.items.map(represented).join(", ")}]`;
  const entries = [...value.entries].map(([name, { key = name, value: child }]) => {
    return `${typeof key === "string" ? quoted(key) : scalarText(key)}: ${represented(child)}`;
  });
  return `{${entries.join(", ")}}`;
}

/** @returns what Python's str() gives for a value: containers as Python writes them (`[1, 'a']`, `{'a': None}`). */
export const valueText = (value: Value): string =>
  value.kind === "scalar" ? scalarText(value.value) : represented(value);
