import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { shownKey } from "../diagnostics/source-line.ts";
import { joinedText } from "./likely-mistakes.ts";
import { modelMessage, sections } from "./messages.ts";
import { placeOf } from "./place.ts";
import { scalarText } from "./python.ts";
import type { Slot, Written } from "./slot.ts";

/** What people write for a section and is too far from its name for a slip of the pen. */
const otherNames: Readonly<Record<string, string>> = {
  params: "parameters",
  param: "parameters",
  pillar: "parameters",
  vars: "parameters",
  env: "environment",
  apps: "applications",
  app: "applications",
  include: "classes",
  includes: "classes",
};

/** A place for anchors, which nobody reads but YAML: `_defaults: &defaults`, `x-defaults:`, `.defaults:`. */
const holdsAnchors = (name: string): boolean => /^(?:_|\.|x-)/.test(name) && name !== "_param";

/** Warns of what stands at the top of a class or node file and counts for nothing: reclass passes over it in silence. */
export function unknownSections(root: Written): readonly Diagnostic[] {
  return root.entries.flatMap(({ key, keyAt }) => {
    const name = scalarText(key);
    if ((sections as readonly string[]).includes(name)) return [];
    const near = Object.hasOwn(otherNames, name.toLowerCase())
      ? otherNames[name.toLowerCase()]
      : nearest(name, sections);
    if (near === undefined && holdsAnchors(name)) return [];
    const message = { name: shownKey(name), nearest: near };
    return [{ ...modelMessage("section-unknown", message, placeOf(keyAt)), path: name }];
  });
}

/** What YAML made of something that was to be something else, and how to write that. */
export type Shape = { readonly found: string; readonly fix: string };

function kindOf(slot: Slot): string {
  if (slot.kind === "list") return "a list";
  if (slot.kind !== "scalar") return "a mapping";
  if (slot.value === null) return "nothing";
  return typeof slot.value === "string" ? "a text" : "a number, a date or a switch";
}

/** @returns what stands where a list of names was to be. */
export function insteadOfNames(slot: Slot, section: string): Shape {
  if (slot.kind === "scalar" && typeof slot.value === "string") {
    if (joinedText(slot.value) === "item")
      return {
        found: "text: a dash without a space after it does not begin a list item",
        fix: "write `- name` for each",
      };
    return { found: "a text", fix: `write ${section}: [name, name], or \`- name\` for each in a line of its own` };
  }
  const fix = "write `- name` for each, without a colon behind it and without { }";
  return { found: kindOf(slot), fix: slot.kind === "written" ? fix : `write \`- name\` for each` };
}

/** @returns what stands where one name of a list was to be. */
export function insteadOfName(slot: Slot): Shape {
  if (slot.kind === "written")
    return {
      found: "a mapping",
      fix: "write the name alone, without a colon: `- system.nova`, its parts joined by dots",
    };
  if (slot.kind === "list") return { found: "a list", fix: "write each name as an item of its own: `- name`" };
  if (slot.kind === "scalar" && (slot.value === null || slot.value === ""))
    return { found: "nothing", fix: "write a name behind the dash, or remove it" };
  return { found: kindOf(slot), fix: "put quotes around it, if that is its name" };
}

/** @returns what stands where a mapping was to be. */
export function insteadOfMapping(slot: Slot, section: string): Shape {
  if (slot.kind === "scalar" && typeof slot.value === "string" && joinedText(slot.value) === "key")
    return { found: "text: a colon without a space after it does not end a key", fix: "write `key: value`" };
  if (slot.kind === "list") return { found: "a list", fix: "write `key: value` for each, without a dash before it" };
  return { found: kindOf(slot), fix: `write \`key: value\` in the lines below ${section}:, indented` };
}

/** @returns why a name cannot be that of a class, and how it may have been meant. */
export function wrongClassName(name: string): { readonly why: string; readonly fix: string } | undefined {
  if (/\{\{|\{%/.test(name))
    return { why: "templates ({{ ... }}) are not rendered in a model", fix: "write ${path:to:a_parameter}" };
  if (/ -\S/.test(name))
    return {
      why: "a dash without a space after it does not begin a list item, so that the next line is a part of this name",
      fix: "write `- name`, with a space behind each dash",
    };
  if (name.includes(" ")) return { why: "it has a space", fix: "write `- name` for each class in a line of its own" };
  if (!name.includes("/")) return undefined;
  const meant = name.replace(/^\.?\/|\.ya?ml$/g, "").replaceAll("/", ".");
  const isSafe = /^[\w.-]+$/.test(meant);
  return {
    why: "it has a slash, and dots part the directories of a class",
    fix: isSafe ? `write ${meant}` : "write names like system.nova.controller",
  };
}
