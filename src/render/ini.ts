import { safe } from "ini";
import type { Json } from "../schema/json.ts";
import { forbidden, Unusable } from "./value.ts";

/**
 * Plain INI files, uWSGI's for one. Their readers do not agree on quoting and escaping (uWSGI knows neither), so a value
 * is written only where the common dialect (npm's `ini`) would leave it as it is. uWSGI expands `%x`, `$(NAME)` and
 * `@(file)` in any value, and has no way to write them literally in all its versions.
 *
 * @returns the text, or why the value cannot be written.
 */
export function encodeIni(value: Json): string | Unusable {
  if (value === null) return new Unusable("it is not set");
  if (typeof value === "object") return new Unusable("it is a list or section, and a plain INI file has single values");
  if (typeof value === "number" && !Number.isFinite(value)) return new Unusable("it is not a finite number");
  const text = String(value);
  const no = forbidden(text);
  if (no) return no;
  // A bracket at the start would be a section at the start of a line only, and an IPv6 address has one.
  const bare = text.replace(/^\[/, "");
  if (safe(bare) !== bare)
    return new Unusable("a plain INI file needs quotes or escapes for it, and readers disagree on them");
  if (/%|[$@]\(/.test(text)) return new Unusable("it holds `%`, `$(` or `@(`, which uWSGI would expand");
  return text;
}
