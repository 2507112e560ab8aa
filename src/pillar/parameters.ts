import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { parametersKey } from "./envelope.ts";
import { pillarMessage } from "./messages.ts";
import { notMapping, type PillarDocument, placeOf } from "./pillar.ts";
import { isName, namesIn, parseParts } from "./placeholder.ts";
import { lineOfKey } from "./source-line.ts";
import type { Entry, Span } from "./tree.ts";

/** The pillar's own values for dynamic parameters, as text: the field that uses one decides its type. */
export type Parameters = {
  readonly values: Readonly<Record<string, string>>;
  readonly at: Readonly<Record<string, Span>>;
};

/** @returns the literal text of one parameter, or what is wrong with it. */
function readOne(name: string, { keyAt, value }: Entry, document: PillarDocument): string | Diagnostic {
  const path = `${parametersKey}.${name}`;
  // Never the value's part of the line: which parameters are secret is known only once their uses are.
  const place = placeOf(document, keyAt, lineOfKey(document.lines, keyAt.line, keyAt.column, name));
  if (!isName(name)) return pillarMessage("parameter-name-wrong", {}, place);
  if (value.kind !== "scalar") return pillarMessage("parameter-not-scalar", { name }, place);
  if (value.isNull) return pillarMessage("value-empty", { path, wants: "a value", optional: true }, place);
  const parts = parseParts(value.text);
  if ("malformedAt" in parts) return pillarMessage("placeholder-malformed", { path }, place);
  if (namesIn(parts).length === 0) return parts.join("");
  const why = "write the value out: a parameter's own value is not substituted again; for a literal dollar write $$";
  return pillarMessage("placeholder-not-here", { path, why }, place);
}

/** Reads the `parameters` block of a pillar; left out, there are none. */
export function readParameters(document: PillarDocument): Result<Parameters> {
  const tree = document.parameters?.value;
  if (document.parameters === undefined || tree === undefined || (tree.kind === "scalar" && tree.isNull)) {
    return success({ values: {}, at: {} });
  }
  if (tree.kind !== "mapping") return failure([notMapping(document, parametersKey, tree, document.parameters.keyAt)]);
  const values: Record<string, string> = {};
  const at: Record<string, Span> = {};
  const diagnostics: Diagnostic[] = [];
  for (const [name, entry] of tree.entries) {
    const read = readOne(name, entry, document);
    if (typeof read === "string") {
      values[name] = read;
      at[name] = entry.keyAt;
    } else diagnostics.push(read);
  }
  return diagnostics.length > 0 ? failure(diagnostics) : success({ values, at });
}
