import { readText } from "../host/files.ts";
import { withoutLastNewline } from "../overlay/secret-file.ts";
import type { Context } from "./verb.ts";

/** @returns the value of NAME, or what the file that NAME_FILE names holds. */
export function parameter(name: string, context: Context): string | undefined {
  const given = context.environment[name];
  const file = context.environment[`${name}_FILE`];
  if (given !== undefined || file === undefined) return given;
  const read = readText(file, "");
  return read.ok ? withoutLastNewline(read.value) : undefined;
}
