import type { At } from "../model/value.ts";
import { parametersKey } from "./envelope.ts";
import { pillarMessage } from "./messages.ts";
import { isName, namesIn, parseParts } from "./placeholder.ts";
import { notMapping, type Report } from "./report.ts";
import { type Entry, isNull, textOf } from "./value.ts";

/** The pillar's own values for dynamic parameters, as text: the field that uses one decides its type. */
export type Parameters = {
  readonly values: Readonly<Record<string, string>>;
  readonly at: Readonly<Record<string, At>>;
};

/** @returns the literal text of one parameter, or what is wrong with it. */
function readOne(name: string, { keyAt, value }: Entry): string | Report {
  const path = `${parametersKey}.${name}`;
  // Never the value's part of the line: which parameters are secret is known only once their uses are.
  const report = (make: Report["make"]): Report => ({ at: keyAt, key: name, make });
  if (!isName(name)) return report((place) => pillarMessage("parameter-name-wrong", {}, place));
  if (value.kind !== "scalar") return report((place) => pillarMessage("parameter-not-scalar", { name }, place));
  if (isNull(value)) {
    return report((place) => pillarMessage("value-empty", { path, wants: "a value", optional: true }, place));
  }
  const parts = parseParts(textOf(value));
  if ("malformedAt" in parts) return report((place) => pillarMessage("placeholder-malformed", { path }, place));
  if (namesIn(parts).length === 0) return parts.join("");
  const why = "write the value out: a parameter's own value is not substituted again; for a literal dollar write $$";
  return report((place) => pillarMessage("placeholder-not-here", { path, why }, place));
}

/** @returns those that somebody asks for: a section that this release does not know asks for none. */
export function parametersAmong({ values, at }: Parameters, names: ReadonlySet<string>): Parameters {
  const among = <T>(all: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
    Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
  return { values: among(values), at: among(at) };
}

/** Reads the `parameters` block of a pillar; left out, there are none. Mistakes go to `reports`. */
export function readParameters(block: Entry | undefined, reports: Report[]): Parameters {
  const values: Record<string, string> = {};
  const at: Record<string, At> = {};
  if (block && block.value.kind !== "mapping" && !isNull(block.value)) reports.push(notMapping(parametersKey, block));
  for (const [name, entry] of block?.value.kind === "mapping" ? block.value.entries : []) {
    const read = readOne(name, entry);
    if (typeof read === "string") {
      values[name] = read;
      at[name] = entry.keyAt;
    } else reports.push(read);
  }
  return { values, at };
}
