import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import type { At, Value } from "../model/value.ts";
import { inRange } from "../openstack/releases.ts";
import type { Field, ListField, MapField, ScalarField, SectionField } from "../schema/field.ts";
import type { Json } from "../schema/json.ts";
import { describe, isClean, readText, type Wanted, wantedOf, whole } from "../schema/wanted.ts";
import { pillarMessage } from "./messages.ts";
import { addLines, type SecretLines } from "./place.ts";
import { isWhole, namesIn, type Placeholder, parseParts } from "./placeholder.ts";
import { type Report, unknownKey } from "./report.ts";
import { type Entry, isNull, type MappingValue, type ScalarValue, textOf } from "./value.ts";

/** What a pillar gives, before defaults: a key that it leaves out is not there; null was said, or follows from nothing. */
export type Given = { [key: string]: Json | undefined };

/** What the check of a role gathers. */
export type CheckState = {
  /** The release of the component itself. */
  readonly release: string;
  readonly placeholders: Placeholder[];
  readonly secrets: Set<string>;
  readonly secretLines: SecretLines;
  readonly positions: Record<string, At>;
  /** Names of dynamic parameters in sections that this release does not know. */
  readonly ignored: Set<string>;
  readonly reports: Report[];
};

export const gathering = (release: string): CheckState => ({
  release,
  placeholders: [],
  secrets: new Set(),
  secretLines: new Map(),
  positions: {},
  ignored: new Set(),
  reports: [],
});

export const join = (path: string, key: string | number): string => (path === "" ? `${key}` : `${path}.${key}`);

/** @returns whether a pillar for `release` must give the field. */
export function isRequired(field: Field, release: string): boolean {
  if (field.kind === "map" || field.optional || !inRange(field, release)) return false;
  return field.kind === "section" ? requiredKeys(field, release).length > 0 : field.default === undefined;
}

const requiredKeys = (section: SectionField, release: string): readonly string[] =>
  Object.entries(section.fields).flatMap(([key, field]) => (isRequired(field, release) ? [key] : []));

const kindOf = ({ kind }: Value): string =>
  kind === "mapping" ? "a mapping" : kind === "sequence" ? "a list" : "a single value";

function wrongKind(all: CheckState, path: string, value: Value, wants: string): undefined {
  const named = value.kind === "scalar" && hasNames(textOf(value));
  const why = `let its keys be dynamic parameters: ${path} wants ${wants}`;
  all.reports.push({
    at: value.at,
    make: (place) =>
      named
        ? pillarMessage("placeholder-not-here", { path, why }, place)
        : pillarMessage("kind-wrong", { path, found: kindOf(value), wants }, place),
  });
}

function hasNames(text: string): boolean {
  const parts = parseParts(text);
  return !("malformedAt" in parts) && namesIn(parts).length > 0;
}

const quoted = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);

/** Checks a scalar that holds no dynamic parameter. */
function checkStatic(all: CheckState, text: string, wanted: Wanted, path: string, at: At): Json | undefined {
  const read = readText(text, wanted);
  if (read.ok) {
    if (wanted.secret) {
      all.reports.push({ at, warns: true, make: (place) => pillarMessage("secret-static", { path }, place) });
    }
    return read.value;
  }
  const wants = describe(wanted);
  const shown = wanted.secret ? undefined : quoted(text);
  all.reports.push({
    at,
    make: (place) => {
      if (read.problem === "empty") return pillarMessage("value-empty", { path, wants, optional: false }, place);
      if (read.problem === "control") return pillarMessage("value-control", { path }, place);
      return pillarMessage("value-wrong", { path, shown, wants }, place);
    },
  });
  return undefined;
}

/** Checks what is written for a scalar, or for a whole list of scalars: text, or text with dynamic parameters. */
function checkText(all: CheckState, wanted: Wanted, value: ScalarValue, path: string): Json | undefined {
  const { at } = value;
  const text = textOf(value);
  all.positions[path] = at;
  if (wanted.secret) {
    all.secrets.add(path);
    addLines(all.secretLines, at);
  }
  const parts = parseParts(text);
  if ("malformedAt" in parts) {
    all.reports.push({ at, make: (place) => pillarMessage("placeholder-malformed", { path }, place) });
    return undefined;
  }
  if (namesIn(parts).length === 0) return checkStatic(all, parts.join(""), wanted, path, at);
  if (!isWhole(parts) && wanted.kind !== "string") {
    const kind = describe(wanted);
    all.reports.push({ at, make: (place) => pillarMessage("placeholder-in-text", { path, kind }, place) });
    return undefined;
  }
  if (!isClean(text, wanted)) {
    all.reports.push({ at, make: (place) => pillarMessage("value-control", { path }, place) });
    return undefined;
  }
  all.placeholders.push({ path, parts, wanted });
  return text;
}

function checkScalar(all: CheckState, field: ScalarField, value: Value, path: string): Json | undefined {
  const wanted = wantedOf(field) as Wanted;
  if (value.kind !== "scalar") return wrongKind(all, path, value, describe(wanted));
  if (!isNull(value)) return checkText(all, wanted, value, path);
  if (field.optional) return null;
  const message = { path, wants: describe(wanted), optional: field.default !== undefined };
  all.reports.push({ at: value.at, make: (place) => pillarMessage("value-empty", message, place) });
  return undefined;
}

function checkList(all: CheckState, field: ListField, value: Value, path: string): Json | undefined {
  const wanted = wantedOf(field);
  const wants = wanted ? describe(wanted) : "a list of mappings";
  if (isNull(value) && field.optional) return null;
  // An empty list says "none" where there is a default to be put aside; elsewhere it is nothing where something is due.
  if (isNull(value) || (value.kind === "sequence" && value.items.length === 0 && field.default === undefined)) {
    const message = { path, wants, optional: field.optional === true || field.default !== undefined };
    all.reports.push({ at: value.at, make: (place) => pillarMessage("value-empty", message, place) });
    return undefined;
  }
  if (value.kind === "scalar" && wanted) return checkText(all, wanted, value, path);
  if (value.kind !== "sequence") return wrongKind(all, path, value, wants);
  all.positions[path] = value.at;
  return value.items.map((item, index) => checkField(all, field.item, item, join(path, index), item.at) ?? null);
}

// A dot would divide a settings path, braces are `{settings.path}`'s, a dollar looks dynamic; the last is no own key.
const isMapKey = (key: string): boolean =>
  /^(?=\S)[^.{}$\0-\x1f\x7f]+(?<=\S)$/.test(key) && key.isWellFormed() && key !== "__proto__";

/** @returns whether a mapping can have the key. */
export const isKeyOf = ({ key: pattern }: MapField, key: string): boolean =>
  isMapKey(key) && (pattern === undefined || new RegExp(whole(pattern[0]), "u").test(key));

function checkMap(all: CheckState, field: MapField, mapping: Value, path: string): Json | undefined {
  if (isNull(mapping)) return {};
  if (mapping.kind !== "mapping") return wrongKind(all, path, mapping, "a mapping");
  const values: Given = {};
  for (const [key, { keyAt, value }] of mapping.entries) {
    if (isKeyOf(field, key)) values[key] = checkField(all, field.value, value, join(path, key), keyAt) ?? null;
    else
      all.reports.push({
        at: keyAt,
        key: "",
        make: (place) =>
          pillarMessage("map-key-wrong", { section: path, words: isMapKey(key) ? field.key?.[1] : undefined }, place),
      });
  }
  return values as Json;
}

/** @returns the key whose section holds `path`: the place of what is missing. */
const keyAbove = (path: string, title: string): string => path.split(".").at(-2) ?? last(title);

function reportMissing(all: CheckState, field: Field, path: string, at: At, title: string): void {
  const make = (place: Place): Diagnostic => {
    if (field.kind !== "section") {
      const dynamic = path.replaceAll(".", "_").toUpperCase();
      const key = path.split(".").at(-1);
      return pillarMessage("key-missing", { path, doc: field.doc, example: `${key}: $${dynamic}` }, place);
    }
    return pillarMessage("section-missing", { path, required: requiredKeys(field, all.release).join(", ") }, place);
  };
  all.reports.push({ at, key: keyAbove(path, title), make });
}

const last = (title: string): string => title.split(".").at(-1) ?? title;

function checkGroups(all: CheckState, field: SectionField, values: Given, section: string, at: At): void {
  for (const group of field.exactlyOne ?? []) {
    const given = group.filter((key) => values[key] !== undefined && values[key] !== null);
    if (given.length === 0) {
      const keys = group.join(", ");
      all.reports.push({
        at,
        key: last(section),
        make: (place) => pillarMessage("group-missing", { section, keys }, place),
      });
    } else if (given.length > 1) {
      const keys = given.join(" and ");
      all.reports.push({
        at,
        key: last(section),
        make: (place) => pillarMessage("group-twice", { section, keys }, place),
      });
    }
  }
}

/** Scalars stay whatever the release is: they ask for nothing by themselves, and their defaults would be there, too. */
const isKnown = (field: Field, release: string): boolean => field.kind !== "section" || inRange(field, release);

/** A section of another release must be right, but counts as left out. */
function checkIgnored(all: CheckState, field: Field, entry: Entry, path: string): null {
  const apart: CheckState = { ...all, placeholders: [], secrets: new Set(), positions: {} };
  checkField(apart, field, entry.value, path, entry.keyAt);
  for (const name of apart.placeholders.flatMap(({ parts }) => namesIn(parts))) all.ignored.add(name);
  return null;
}

/**
 * Checks a mapping against its section.
 *
 * @param at where its key stands: the place of what is missing in it.
 * @param title what messages call it: its path, or the role's name for the root.
 */
export function checkSection(
  all: CheckState,
  field: SectionField,
  mapping: MappingValue,
  path: string,
  at: At,
  title: string = path,
): Given {
  const values: Given = {};
  const failed = new Set<string>();
  for (const [key, entry] of mapping.entries)
    if (!Object.hasOwn(field.fields, key)) all.reports.push(unknownKey(key, entry, title, Object.keys(field.fields)));
  for (const [key, child] of Object.entries(field.fields)) {
    const entry = mapping.entries.get(key);
    if (entry) {
      values[key] = isKnown(child, all.release)
        ? checkField(all, child, entry.value, join(path, key), entry.keyAt)
        : checkIgnored(all, child, entry, join(path, key));
      if (values[key] === undefined) failed.add(key);
    } else if (isRequired(child, all.release)) reportMissing(all, child, join(path, key), at, title);
  }
  // A key that is there but wrong has its own message: it counts as given.
  checkGroups(all, field, { ...values, ...Object.fromEntries([...failed].map((key) => [key, true])) }, title, at);
  return values;
}

/** @returns the value as it stands in the pillar (dynamic parameters still as text), or undefined when it is wrong. */
function checkField(all: CheckState, field: Field, value: Value, path: string, at: At): Json | undefined {
  switch (field.kind) {
    case "list":
      return checkList(all, field, value, path);
    case "map":
      return checkMap(all, field, value, path);
    case "section": {
      if (isNull(value)) {
        if (field.optional) return null;
        return checkSection(all, field, { kind: "mapping", entries: new Map(), at }, path, at) as Json;
      }
      return value.kind === "mapping"
        ? (checkSection(all, field, value, path, at) as Json)
        : wrongKind(all, path, value, "a mapping");
    }
    default:
      return checkScalar(all, field, value, path);
  }
}
