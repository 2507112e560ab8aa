import type { Field, SectionField } from "../schema/field.ts";
import { isMapping, type Json } from "../schema/json.ts";

const join = (path: string, key: string | number): string => (path === "" ? `${key}` : `${path}.${key}`);

function within(field: Field, value: Json | undefined, path: string): readonly string[] {
  if (value === undefined || value === null) return [];
  switch (field.kind) {
    case "string":
      return field.address ? [path] : [];
    case "section":
      return addressPaths(field, value, path);
    case "map":
      return isMapping(value)
        ? Object.entries(value).flatMap(([key, one]) => within(field.value, one, join(path, key)))
        : [];
    case "list":
      return Array.isArray(value) ? value.flatMap((one, index) => within(field.item, one, join(path, index))) : [];
    default:
      return [];
  }
}

/** @returns the paths of all settings whose readers take an IP address only, of those that are there. */
export const addressPaths = (section: SectionField, values: Json, path = ""): readonly string[] =>
  isMapping(values)
    ? Object.entries(section.fields).flatMap(([key, field]) => within(field, values[key], join(path, key)))
    : [];
