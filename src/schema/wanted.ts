import type { ListField, ScalarField } from "./field.ts";

/** The kind of a value that a text from outside may fill, with its limits: what the text is checked against. */
export type Wanted = {
  readonly kind: "string" | "integer" | "port" | "number" | "boolean" | "list";
  readonly secret?: boolean;
  readonly empty?: boolean;
  readonly multiline?: boolean;
  readonly choices?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  /** A regular expression over the whole text, and what it means in words. */
  readonly pattern?: readonly [expression: string, words: string];
  /** What each item of a list must be; only with kind "list". */
  readonly item?: Wanted;
};

export type Scalar = string | number | boolean;

/** What a text turned out to be. `empty`: set, but to nothing. `control`: it holds what ends a line in a file. */
export type Reading =
  | { readonly ok: true; readonly value: Scalar | readonly Scalar[] }
  | { readonly ok: false; readonly problem: "empty" | "control" | "misfit" };

const misfit: Reading = { ok: false, problem: "misfit" };
const good = (value: Scalar | readonly Scalar[]): Reading => ({ ok: true, value });

// \n and \r end a line for oslo.config's parser and would start an option of the value's choosing; \0 ends a C string,
// so it could never reach the environment; a lone surrogate (YAML's "\ud800") has no UTF-8 form and would not read back.
const control = /[\n\r\0]/;
const controlButLines = /[\r\0]/;

// Without leading zeros: 0640 is octal to one reader and decimal to the next.
const integer = /^[+-]?(?:0|[1-9][0-9]*)$/;
const decimal = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;

const booleans = new Map([
  ...["yes", "true", "on", "1"].map((word) => [word, true] as const),
  ...["no", "false", "off", "0"].map((word) => [word, false] as const),
]);

const limits = (wanted: Wanted): readonly [minimum: number, maximum: number] =>
  wanted.kind === "port"
    ? [1, 65535]
    : [wanted.minimum ?? Number.NEGATIVE_INFINITY, wanted.maximum ?? Number.POSITIVE_INFINITY];

function readNumber(text: string, wanted: Wanted): Reading {
  if (!(wanted.kind === "number" ? decimal : integer).test(text)) return misfit;
  const value = Number(text);
  const [minimum, maximum] = limits(wanted);
  const exact = wanted.kind === "number" ? Number.isFinite(value) : Number.isSafeInteger(value);
  // `+ 0` makes -0 a plain 0: JSON has no -0, so the value would change when the image is written.
  return exact && value >= minimum && value <= maximum ? good(value + 0) : misfit;
}

function readList(text: string, item: Wanted): Reading {
  const values: Scalar[] = [];
  for (const part of text.split(",")) {
    const read = readText(part.trim(), item);
    if (!read.ok) return read.problem === "control" ? read : misfit;
    values.push(read.value as Scalar);
  }
  return good(values);
}

/** @returns a pattern over the whole text: without the group `a|b` would begin with a, or end with b. */
export const whole = (expression: string): string => `^(?:${expression})$`;

/** @returns whether the text, as it stands, can be written in one line of a file and read back. */
export const isClean = (text: string, wanted: Wanted): boolean =>
  text.isWellFormed() && !(wanted.multiline ? controlButLines : control).test(text);

/** Reads a text as the kind of value that is wanted. Text is taken as it is; around all other kinds blanks fall away. */
export function readText(text: string, wanted: Wanted): Reading {
  if (!isClean(text, wanted)) return { ok: false, problem: "control" };
  if (wanted.kind === "string") {
    if (text === "") return wanted.empty ? good(text) : { ok: false, problem: "empty" };
    if (wanted.choices && !wanted.choices.includes(text)) return misfit;
    return wanted.pattern && !new RegExp(whole(wanted.pattern[0]), "u").test(text) ? misfit : good(text);
  }
  const trimmed = text.trim();
  if (trimmed === "") return { ok: false, problem: "empty" };
  if (wanted.kind === "list") return readList(trimmed, wanted.item ?? { kind: "string" });
  if (wanted.kind !== "boolean") return readNumber(trimmed, wanted);
  const value = booleans.get(trimmed.toLowerCase());
  return value === undefined ? misfit : good(value);
}

function range(wanted: Wanted): string {
  const { minimum, maximum } = wanted;
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `, ${minimum} or more`;
  return maximum !== undefined ? `, ${maximum} or less` : "";
}

/** @returns what is wanted, in words that complete "... wants": `a port (1 to 65535)`. */
export function describe(wanted: Wanted): string {
  switch (wanted.kind) {
    case "string":
      if (wanted.choices)
        return wanted.choices.length === 1 ? `${wanted.choices[0]}` : `one of ${wanted.choices.join(", ")}`;
      if (wanted.pattern) return wanted.pattern[1];
      return `${wanted.empty ? "a text" : "a text that is not empty"}${wanted.multiline ? "" : ", in one line"}`;
    case "integer":
      return `a whole number${range(wanted)}`;
    case "port":
      return "a port (1 to 65535)";
    case "number":
      return `a number${range(wanted)}`;
    case "boolean":
      return "true or false (also yes, no, on, off, 1, 0)";
    case "list":
      return `a list with commas (a,b,c), each item ${describe(wanted.item ?? { kind: "string" })}`;
  }
}

/** @returns what a dynamic parameter must be to fill this field; undefined for a list of sections, which none can fill. */
export function wantedOf(field: ScalarField | ListField): Wanted | undefined {
  if (field.kind === "list") {
    if (field.item.kind === "section") return undefined;
    const item = wantedOf(field.item) as Wanted;
    return { kind: "list", ...(item.secret ? { secret: true } : {}), item };
  }
  return {
    kind: field.kind,
    ...(field.secret ? { secret: true } : {}),
    ...("empty" in field && field.empty ? { empty: true } : {}),
    ...("multiline" in field && field.multiline ? { multiline: true } : {}),
    ...("choices" in field && field.choices ? { choices: field.choices } : {}),
    ...("pattern" in field && field.pattern ? { pattern: field.pattern } : {}),
    ...("minimum" in field && field.minimum !== undefined ? { minimum: field.minimum } : {}),
    ...("maximum" in field && field.maximum !== undefined ? { maximum: field.maximum } : {}),
  };
}
