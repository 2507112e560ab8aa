/** A float as it was written: `1.0` and `2025.10` are not the numbers 1 and 2025.1 where they become text. */
export class Float {
  readonly value: number;
  readonly written: string;
  constructor(value: number, written: string) {
    this.value = value;
    this.written = written;
  }
}

/** A date or a time, which YAML 1.1 tells from text. */
export class Stamp {
  /** As Python's str() gives it. */
  readonly text: string;
  readonly written: string;
  constructor(text: string, written: string) {
    this.text = text;
    this.written = written;
  }
}

/** A scalar as YAML 1.1 has it. A number is an integer that a double holds exactly, a bigint any other integer. */
export type Scalar = null | boolean | number | bigint | string | Float | Stamp;

/**
 * What a plain scalar stands for by YAML 1.1 as PyYAML 6 reads it (its resolver.py and constructor.py): `yes` is true,
 * `010` is 8, `12:30:45` is 45045, `1e3` is text.
 *
 * @returns undefined for what looks like a number or a date, but is none (`0b_`, 2016-13-45): PyYAML refuses it.
 */
export function resolvePlain(text: string): Scalar | undefined {
  const first = text.charCodeAt(0);
  // Most scalars are words: one look at the first character spares them the rest.
  if (!(first >= 0x2b && first <= 0x39)) return words.has(text) ? (words.get(text) as Scalar) : text;
  if (integerLike.test(text)) return integerOf(text);
  if (floatLike.test(text)) return floatOf(text);
  return stampLike.test(text) ? stampOf(text) : text;
}

const spellings = (word: string): readonly string[] => [
  word,
  (word[0] as string).toUpperCase() + word.slice(1),
  word.toUpperCase(),
];
const words: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ...["true", "yes", "on"].flatMap(spellings).map((word) => [word, true] as const),
  ...["false", "no", "off"].flatMap(spellings).map((word) => [word, false] as const),
  ...["", "~", ...spellings("null")].map((word) => [word, null] as const),
]);

const integerLike = /^[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const floatLike =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/** @returns the integer as a number where a double holds it exactly. */
const fitting = (value: bigint): number | bigint =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;

function integerOf(text: string): number | bigint | undefined {
  const negative = text.startsWith("-");
  const digits = text.replace(/^[-+]/, "").replaceAll("_", "");
  let value: bigint;
  if (digits === "0" || digits === "") value = 0n;
  else if (digits.includes(":")) value = digits.split(":").reduce((sum, part) => sum * 60n + BigInt(part), 0n);
  else if (/^0[bx]/.test(digits)) {
    if (digits.length === 2) return undefined;
    value = BigInt(digits);
  } else value = BigInt(digits.startsWith("0") ? `0o${digits.slice(1)}` : digits);
  return fitting(negative ? -value : value);
}

function floatOf(text: string): Float {
  const negative = text.startsWith("-");
  const digits = text.replace(/^[-+]/, "").replaceAll("_", "").toLowerCase();
  let value: number;
  if (digits === ".inf") value = Number.POSITIVE_INFINITY;
  else if (digits === ".nan") value = Number.NaN;
  else value = digits.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return new Float(negative ? -value : value, text);
}

const stampLike =
  /^(?:(?<day>\d{4}-\d\d-\d\d)|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/;
const stampParts =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(?:(Z)|([-+])(\d\d?)(?::(\d\d))?))?)?$/;

const two = (part: string | number): string => String(part).padStart(2, "0");

function stampOf(text: string): Stamp | undefined {
  const [, year = "", month = "", day = "", hour, minute = "", second = "", fraction = "", utc, sign, hours, minutes] =
    stampParts.exec(text) ?? [];
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const real = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day) && Number(year) > 0;
  if (!real || Number(hour ?? 0) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const days = `${year}-${two(month)}-${two(day)}`;
  if (hour === undefined) return new Stamp(days, text);
  const micro = fraction.slice(0, 6).padEnd(6, "0");
  const zone = utc ? "+00:00" : sign ? `${sign}${two(hours ?? 0)}:${two(minutes ?? 0)}` : "";
  const time = `${two(hour)}:${minute}:${second}${Number(micro) === 0 ? "" : `.${micro}`}`;
  return new Stamp(`${days} ${time}${zone}`, text);
}

const digitsOf: Readonly<Record<number, RegExp>> = { 2: /^[01]+$/, 8: /^[0-7]+$/, 10: /^\d+$/, 16: /^[\da-fA-F]+$/ };
const prefixOf: Readonly<Record<number, string>> = { 2: "0b", 8: "0o", 10: "", 16: "0x" };

/** As Python's int() takes a text: blanks around it, a sign, the base's own prefix. */
function pythonInteger(text: string, base: number): bigint | undefined {
  const [, sign, digits = ""] = /^\s*([-+]?)(.*?)\s*$/s.exec(text) ?? [];
  const prefix = prefixOf[base] as string;
  const bare = prefix !== "" && digits.toLowerCase().startsWith(prefix) ? digits.slice(2) : digits;
  if (!digitsOf[base]?.test(bare)) return undefined;
  const value = BigInt(`${prefix}${bare}`);
  return sign === "-" ? -value : value;
}

/** `!!int` (PyYAML's construct_yaml_int). */
function taggedInteger(text: string): number | bigint | undefined {
  const written = text.replaceAll("_", "");
  const digits = written.replace(/^[-+]/, "");
  const parsed = (): bigint | undefined => {
    if (digits.startsWith("0b")) return pythonInteger(digits.slice(2), 2);
    if (digits.startsWith("0x")) return pythonInteger(digits.slice(2), 16);
    if (digits !== "0" && digits.startsWith("0")) return pythonInteger(digits, 8);
    const parts = digits.split(":").map((part) => pythonInteger(part, 10));
    return parts.reduce((sum, part) => (sum === undefined || part === undefined ? undefined : sum * 60n + part), 0n);
  };
  const value = parsed();
  return value === undefined ? undefined : fitting(written.startsWith("-") ? -value : value);
}

const pythonFloat = /^\s*[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|inf(?:inity)?|nan)\s*$/;

/** `!!float` (PyYAML's construct_yaml_float). */
function taggedFloat(text: string): Float | undefined {
  const written = text.replaceAll("_", "").toLowerCase();
  const digits = written.replace(/^[-+]/, "");
  const one = (part: string): number => {
    if (!pythonFloat.test(part)) return Number.NaN;
    const endless = part.trim().replace(/inf(?:inity)?/, "Infinity");
    return Number(endless);
  };
  const isNone = /^(?:\.nan|\s*[-+]?nan\s*)$/.test(digits);
  const value =
    digits === ".inf" ? Number.POSITIVE_INFINITY : digits.split(":").reduce((sum, part) => sum * 60 + one(part), 0);
  if (Number.isNaN(value) && !isNone) return undefined;
  return new Float(written.startsWith("-") ? -value : value, text);
}

const explicit: Readonly<Record<string, (text: string) => Scalar | undefined>> = {
  str: (text) => text,
  null: () => null,
  bool: (text) => booleans.get(text.toLowerCase()),
  int: taggedInteger,
  float: taggedFloat,
  timestamp: (text) => (stampLike.test(text) ? stampOf(text) : undefined),
};
const booleans = new Map([
  ...(["true", "yes", "on"].map((word) => [word, true]) as [string, boolean][]),
  ...(["false", "no", "off"].map((word) => [word, false]) as [string, boolean][]),
]);

const standard = "tag:yaml.org,2002:";

/** @returns what a scalar with an explicit tag stands for; undefined where the tag is unknown or the text does not fit it. */
export const resolveTagged = (tag: string, text: string): Scalar | undefined =>
  tag.startsWith(standard) && Object.hasOwn(explicit, tag.slice(standard.length))
    ? explicit[tag.slice(standard.length)]?.(text)
    : undefined;
