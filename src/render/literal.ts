import type { Json } from "../schema/json.ts";
import { forbidden, Unusable } from "./value.ts";

/** Files in which a value is a literal of a language: JSON (which YAML's readers take, too), Python, SQL. */

const numberText = (value: number): string | Unusable =>
  Number.isFinite(value) ? String(value) : new Unusable("it is not a finite number");

/** Half a surrogate pair has no UTF-8 form; all else has an escape in JSON. */
const textProblem = (value: Json): Unusable | undefined => {
  if (typeof value === "string")
    return value.isWellFormed() ? undefined : new Unusable("it is no valid Unicode text (half a surrogate pair)");
  if (typeof value === "number" && !Number.isFinite(value)) return new Unusable("it is not a finite number");
  if (value === null || typeof value !== "object") return undefined;
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    const problem = textProblem(item);
    if (problem) return problem;
  }
  return undefined;
};

/** @returns the value as JSON, on one line. */
export const encodeJson = (value: Json): string | Unusable => textProblem(value) ?? JSON.stringify(value);

function python(value: Json): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${python(item)}`)
    .join(", ")}}`;
}

/** @returns the value as a Python literal: JSON's texts and numbers are Python's, too (lexical_analysis, "String literals"). */
export const encodePython = (value: Json): string | Unusable => textProblem(value) ?? python(value);

/** A name in SQL, as `identifier()` writes it. */
export class Identifier {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/**
 * A text in SQL, as MariaDB reads it (https://mariadb.com/kb/en/string-literals/): a backslash escapes unless
 * NO_BACKSLASH_ESCAPES is set, a quote is doubled. mariadbd reads an init file line by line, so no value may hold a break.
 */
export function encodeSql(value: Json): string | Unusable {
  if ((value as unknown) instanceof Identifier) return `\`${(value as unknown as Identifier).name}\``;
  if (value === null) return new Unusable("it is not set");
  if (typeof value === "number") return numberText(value);
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (typeof value !== "string") return new Unusable("it is not one value, as SQL has them");
  return forbidden(value) ?? `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}

/** @returns a function's result that SQL files write as a name: letters, digits, underscores and hyphens, in backticks. */
export const identifier = (value: unknown): Identifier | Unusable =>
  typeof value === "string" && /^[\w-]+$/.test(value)
    ? new Identifier(value)
    : new Unusable("a name in SQL has letters, digits, _ and - only");

/**
 * @returns the same for the database of a GRANT, where an underscore would stand for any character
 * (https://mariadb.com/kb/en/grant/, "Database Privileges"): rights on nova_api would be rights on novaXapi, too.
 */
export const grantedDatabase = (value: unknown): Identifier | Unusable => {
  const name = identifier(value);
  return name instanceof Unusable ? name : new Identifier(name.name.replaceAll("_", "\\_"));
};
