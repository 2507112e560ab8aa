import type { Default, Field, ListField, ScalarField, SectionField } from "./field.ts";
import { describe, wantedOf, whole } from "./wanted.ts";

/** JSON Schema 2020-12, as far as it is written here. */
export type JsonSchema = { readonly [key: string]: unknown };

export const dialect = "https://json-schema.org/draft/2020-12/schema";

// The whole value is one dynamic parameter: then no type can be told before it is filled.
const alone = String.raw`^\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*\})$`;
const dynamic: JsonSchema = { type: "string", pattern: alone };

// A dynamic parameter anywhere in a text: what comes out is known only when it is filled.
const somewhere = String.raw`\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*\})`;

/** A text in one line, a `${` in it always a placeholder: what plinth refuses, the schema refuses. */
const oneLine = String.raw`^(?!(?:[^$]|\$[^{])*\$\{(?![A-Za-z_]\w*\}))[^\n\r\0]*$`;
const anyText = String.raw`^(?!(?:[^$]|\$[^{])*\$\{(?![A-Za-z_]\w*\}))[^\r\0]*$`;

function defaultText(choice: Default<unknown>): { readonly note: string; readonly value?: unknown } {
  if (choice === null || typeof choice !== "object" || Array.isArray(choice)) return { note: "", value: choice };
  if ("from" in choice) return { note: `Left out, it is the same as ${(choice as { from: string }).from}.` };
  const rows = (choice as { byRelease: readonly (readonly [string, unknown])[] }).byRelease;
  return { note: `Left out, it is ${rows.map(([release, value]) => `${value} from ${release} on`).join(", ")}.` };
}

const rangeText = ({ since, until }: Field): string =>
  [since === undefined ? "" : `Since ${since}.`, until === undefined ? "" : `Until ${until}.`]
    .filter(Boolean)
    .join(" ");

function common(field: Field): JsonSchema {
  const choice = "default" in field && field.default !== undefined ? defaultText(field.default) : { note: "" };
  const secret = "secret" in field && field.secret ? "A secret: give it where the container runs." : "";
  const description = [field.doc, choice.note, rangeText(field), secret].filter(Boolean).join(" ");
  return { description, ...("value" in choice ? { default: choice.value } : {}) };
}

/** Texts of numbers: `"3306"` in quotes is read as 3306. */
const digits = {
  integer: String.raw`^\s*[+-]?(?:0|[1-9][0-9]*)\s*$`,
  number: String.raw`^\s*[+-]?(?:[0-9]|\.[0-9]).*$`,
};

function scalarForms(field: ScalarField): readonly JsonSchema[] {
  switch (field.kind) {
    case "string": {
      if (field.choices) {
        // A choice like 2 may be written without quotes, and is a number to YAML then.
        const numbers = field.choices.map(Number).filter((choice) => !Number.isNaN(choice));
        return [{ enum: [...field.choices, ...numbers] }, { type: "string", pattern: somewhere }];
      }
      const minimum = field.empty ? {} : { minLength: 1 };
      // Numbers and true are texts here, too: plinth takes what is written, not what YAML makes of it.
      if (!field.pattern) {
        return [
          { type: "string", ...minimum, pattern: field.multiline ? anyText : oneLine },
          { type: ["number", "boolean"] },
        ];
      }
      const pattern = whole(field.pattern[0]);
      const fits = (sample: string): boolean => new RegExp(pattern, "u").test(sample);
      const types = [...(fits("12") ? [fits("1.2") ? "number" : "integer"] : []), ...(fits("true") ? ["boolean"] : [])];
      return [
        { type: "string", ...minimum, pattern },
        { type: "string", pattern: `^(?=.*${somewhere})${oneLine.slice(1)}` },
        ...(types.length > 0 ? [{ type: types }] : []),
      ];
    }
    case "boolean":
      return [
        { type: "boolean" },
        { enum: [0, 1] },
        {
          type: "string",
          pattern:
            "^\\s*(?:[Yy][Ee][Ss]|[Nn][Oo]|[Oo][Nn]|[Oo][Ff][Ff]|[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|0|1)\\s*$",
        },
        dynamic,
      ];
    case "port":
      return [{ type: "integer", minimum: 1, maximum: 65535 }, { type: "string", pattern: digits.integer }, dynamic];
    default: {
      const { minimum, maximum } = field as { minimum?: number; maximum?: number };
      const limits = { ...(minimum === undefined ? {} : { minimum }), ...(maximum === undefined ? {} : { maximum }) };
      return [{ type: field.kind, ...limits }, { type: "string", pattern: digits[field.kind] }, dynamic];
    }
  }
}

const orNull = (forms: readonly JsonSchema[], optional: boolean | undefined): readonly JsonSchema[] =>
  optional ? [...forms, { type: "null" }] : forms;

function listForms(field: ListField): readonly JsonSchema[] {
  const items = schemaOf(field.item);
  const wanted = wantedOf(field);
  const array = { type: "array", items, ...(field.default === undefined ? { minItems: 1 } : {}) };
  return wanted ? [array, { type: "string", minLength: 1, description: `Or ${describe(wanted)}.` }] : [array];
}

/** What the release decides is not required: one schema serves all releases, and plinth itself asks for the rest. */
const isRequired = (field: Field): boolean => {
  if (field.kind === "map" || field.optional || field.since !== undefined || field.until !== undefined) return false;
  return field.kind === "section" ? Object.values(field.fields).some(isRequired) : field.default === undefined;
};

/** @returns the schema of a mapping with known keys. */
export function sectionSchema(section: SectionField): JsonSchema {
  const entries = Object.entries(section.fields);
  const required = entries.filter(([, field]) => isRequired(field)).map(([key]) => key);
  const groups = (section.exactlyOne ?? []).map((group) => ({ oneOf: group.map((key) => ({ required: [key] })) }));
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(([key, field]) => [key, schemaOf(field)])),
    additionalProperties: false,
    ...(required.length > 0 ? { required } : {}),
    ...(groups.length > 0 ? { allOf: groups } : {}),
  };
}

/** @returns the JSON Schema of a field, dynamic parameters allowed wherever plinth allows them. */
export function schemaOf(field: Field): JsonSchema {
  const about = common(field);
  switch (field.kind) {
    case "section":
      return field.optional || !isRequired(field)
        ? { ...about, anyOf: [sectionSchema(field), { type: "null" }] }
        : { ...about, ...sectionSchema(field) };
    case "map": {
      const keys = {
        pattern: String.raw`^(?=\S)[^.{}$\0-\x1f\x7f]+$`,
        ...(field.key ? { allOf: [{ pattern: whole(field.key[0]) }] } : {}),
        not: { const: "__proto__" },
      };
      const mapping = { type: "object", propertyNames: keys, additionalProperties: schemaOf(field.value) };
      return { ...about, anyOf: [mapping, { type: "null" }] };
    }
    case "list":
      return { ...about, anyOf: orNull(listForms(field), field.optional) };
    default:
      return { ...about, anyOf: orNull(scalarForms(field), field.optional) };
  }
}
