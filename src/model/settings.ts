import { type Diagnostic, failure, type Place, type Result, success } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { type ClassMapping, readMappings } from "./class-mappings.ts";
import { isQuick, withDeadline } from "./deadline.ts";
import { readDocument } from "./document.ts";
import { modelMessage } from "./messages.ts";
import { pythonPattern } from "./pattern.ts";
import { placeOf } from "./place.ts";
import type { Syntax } from "./reference.ts";
import type { Slot, WrittenEntry } from "./slot.ts";

/** What reclass-config.yml says, with reclass 1.7.0's defaults. */
export type ModelSettings = {
  readonly nodes: string;
  readonly classes: string;
  readonly composeNodeName: boolean;
  readonly defaultEnvironment: string;
  readonly automaticParameters: boolean;
  /** The node's own parameter of this name is there before any class, or none. */
  readonly scalarParameters: string | undefined;
  readonly classMappings: readonly ClassMapping[];
  readonly mappingsMatchPath: boolean;
  /** Whether a class that is not there may be skipped; a mistake where the pattern takes too long to say. */
  readonly mayMiss: (className: string) => boolean | Diagnostic;
  readonly warnOfMissed: boolean;
  readonly allow: {
    readonly scalarOverMapping: boolean;
    readonly scalarOverList: boolean;
    readonly listOverScalar: boolean;
    readonly mappingOverScalar: boolean;
    readonly nullOverAll: boolean;
  };
  readonly strictConstants: boolean;
  readonly ignoreOverwrittenMissing: boolean;
  readonly ignoreFailedExports: boolean;
  readonly ignoreBrokenNodes: boolean;
  readonly syntax: Syntax;
  /** One character, or none that a key begins with. */
  readonly overwritePrefix: string | undefined;
  readonly constantPrefix: string | undefined;
};

type Kind = "switch" | "text" | "sign" | "texts" | "pair";

/** Every key of reclass-config.yml, with its kind. What only reclass's own output and storages use is known and ignored. */
const known: Readonly<Record<string, Kind | "ignored">> = {
  storage_type: "text",
  inventory_base_uri: "ignored",
  nodes_uri: "text",
  classes_uri: "text",
  output: "ignored",
  pretty_print: "ignored",
  no_refs: "ignored",
  group_errors: "ignored",
  class_mappings: "texts",
  class_mappings_match_path: "switch",
  compose_node_name: "switch",
  default_environment: "text",
  automatic_parameters: "switch",
  scalar_parameters: "text",
  ignore_class_notfound: "switch",
  ignore_class_notfound_regexp: "texts",
  ignore_class_notfound_warning: "switch",
  ignore_overwritten_missing_references: "switch",
  strict_constant_parameters: "switch",
  inventory_ignore_failed_node: "switch",
  inventory_ignore_failed_render: "switch",
  allow_scalar_over_dict: "switch",
  allow_scalar_over_list: "switch",
  allow_list_over_scalar: "switch",
  allow_dict_over_scalar: "switch",
  allow_none_override: "switch",
  delimiter: "sign",
  escape_character: "sign",
  dict_key_override_prefix: "text",
  dict_key_constant_prefix: "text",
  reference_sentinels: "pair",
  export_sentinels: "pair",
};

const wants: Readonly<Record<Kind, string>> = {
  switch: "true or false",
  text: "a text",
  sign: "a text that is not empty",
  texts: "a list of texts",
  pair: "a list of two texts, neither of them empty",
};

type Given = ReadonlyMap<string, boolean | string | readonly string[]>;

function textsOf(slot: Slot): readonly string[] | undefined {
  const items = slot.kind === "list" ? slot.items : [slot];
  const texts = items.map((item) =>
    item.kind === "scalar" && typeof item.value === "string" ? item.value : undefined,
  );
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

/** @returns a setting's value, or undefined where it does not fit. What Python takes for false is a switch that is off. */
function settingOf(kind: Kind, slot: Slot): boolean | string | readonly string[] | undefined {
  if (kind === "switch") return slot.kind === "scalar" && typeof slot.value === "boolean" ? slot.value : undefined;
  const texts = textsOf(slot);
  if (kind === "text") return slot.kind === "scalar" ? texts?.[0] : undefined;
  // Every text holds the empty one, everywhere: there would be no end of references.
  if (kind === "sign") return slot.kind === "scalar" ? texts?.[0] || undefined : undefined;
  if (kind === "pair") return slot.kind === "list" && texts?.length === 2 && !texts.includes("") ? texts : undefined;
  return texts;
}

function readGiven(entries: readonly WrittenEntry[], diagnostics: Diagnostic[]): Given {
  const given = new Map<string, boolean | string | readonly string[]>();
  for (const { key, keyAt, value: slot } of entries) {
    const name = String(key);
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (kind === undefined) {
      const message = { name, nearest: nearest(name, Object.keys(known)) };
      diagnostics.push({ ...modelMessage("setting-unknown", message, placeOf(keyAt)), path: name });
    } else if (kind !== "ignored" && !(slot.kind === "scalar" && slot.value === null)) {
      const off = slot.kind === "scalar" && slot.value === false && name === "scalar_parameters";
      const value = off ? "" : settingOf(kind, slot);
      if (value === undefined) {
        const message = { name, wants: wants[kind] };
        diagnostics.push({ ...modelMessage("setting-wrong", message, placeOf(keyAt)), path: name });
      } else given.set(name, value);
    }
  }
  return given;
}

/** Reads the text of reclass-config.yml; undefined stands for an inventory without one. */
export function readSettings(text: string | undefined, path: string): Result<ModelSettings> {
  const diagnostics: Diagnostic[] = [];
  let entries: readonly WrittenEntry[] = [];
  const here = { kind: "named", name: path } as const;
  if (text !== undefined) {
    const read = readDocument(text, path);
    if (!read.ok) return read;
    const { content } = read.value;
    diagnostics.push(...read.warnings);
    if (content.kind === "written") entries = content.entries;
    else if (!(content.kind === "scalar" && content.value === null)) {
      return failure([modelMessage("config-not-mapping", {}, placeOf(content.at))]);
    }
  }
  const given = readGiven(entries, diagnostics);
  const on = (name: string, usual: boolean): boolean => (given.get(name) as boolean | undefined) ?? usual;
  const textOf = (name: string, usual: string): string => (given.get(name) as string | undefined) ?? usual;
  const texts = (name: string, usual: readonly string[]): readonly string[] =>
    (given.get(name) as readonly string[] | undefined) ?? usual;

  /** reclass looks at the first character of a key, so that nothing begins with a prefix of two, or of none. */
  const prefixOf = (name: string, usual: string): string | undefined => {
    const prefix = textOf(name, usual);
    return [...prefix].length === 1 ? prefix : undefined;
  };
  const entryOf = (name: string): WrittenEntry | undefined => entries.findLast(({ key }) => key === name);
  const placeOfSetting = (name: string): Place => {
    const entry = entryOf(name);
    return entry ? placeOf(entry.keyAt) : here;
  };

  for (const name of ["dict_key_override_prefix", "dict_key_constant_prefix"]) {
    if (prefixOf(name, "~") !== undefined) continue;
    diagnostics.push({ ...modelMessage("prefix-idle", { name }, placeOfSetting(name)), path: name });
  }
  const storage = textOf("storage_type", "yaml_fs");
  if (storage !== "yaml_fs") {
    const place = placeOfSetting("storage_type");
    diagnostics.push({ ...modelMessage("storage-unsupported", { type: storage }, place), path: "storage_type" });
  }
  const directory = (name: string, usual: string): string => {
    const uri = textOf(name, usual);
    const inner = directoryName(uri);
    if (inner !== undefined) return inner;
    diagnostics.push({ ...modelMessage("directory-outside", { name, uri }, placeOfSetting(name)), path: name });
    return usual;
  };
  const nodes = directory("nodes_uri", "nodes");
  const classes = directory("classes_uri", "classes");
  const within = (one: string, other: string): boolean => other === "" || `${one}/`.startsWith(`${other}/`);
  if (within(nodes, classes) || within(classes, nodes)) {
    const path = entryOf("classes_uri") ? "classes_uri" : "nodes_uri";
    diagnostics.push({ ...modelMessage("directories-overlap", { nodes, classes }, placeOfSetting(path)), path });
  }
  const mappingsMatchPath = on("class_mappings_match_path", false);
  const classMappings = readMappings(entryOf("class_mappings")?.value, mappingsMatchPath, diagnostics);
  const missing = texts("ignore_class_notfound_regexp", [".*"]).join("|");
  const missed = pythonPattern(missing, true);
  if (missed === undefined) {
    const message = { setting: "ignore_class_notfound_regexp", pattern: missing };
    const place = placeOfSetting(message.setting);
    diagnostics.push({ ...modelMessage("pattern-wrong", message, place), path: message.setting });
  }
  if (diagnostics.some(({ severity }) => severity === "error")) return failure(diagnostics);
  const mayIgnore = on("ignore_class_notfound", false);
  return success(
    {
      nodes,
      classes,
      composeNodeName: on("compose_node_name", false),
      defaultEnvironment: textOf("default_environment", "base"),
      automaticParameters: on("automatic_parameters", true),
      scalarParameters: textOf("scalar_parameters", "") || undefined,
      classMappings,
      mappingsMatchPath,
      mayMiss:
        mayIgnore && missed ? patient(missed, missing, placeOfSetting("ignore_class_notfound_regexp")) : () => false,
      warnOfMissed: on("ignore_class_notfound_warning", true),
      allow: {
        scalarOverMapping: on("allow_scalar_over_dict", false),
        scalarOverList: on("allow_scalar_over_list", false),
        listOverScalar: on("allow_list_over_scalar", false),
        mappingOverScalar: on("allow_dict_over_scalar", false),
        nullOverAll: on("allow_none_override", false),
      },
      strictConstants: on("strict_constant_parameters", true),
      ignoreOverwrittenMissing: on("ignore_overwritten_missing_references", true),
      ignoreFailedExports: on("inventory_ignore_failed_render", false),
      ignoreBrokenNodes: on("inventory_ignore_failed_node", false),
      syntax: {
        escape: textOf("escape_character", "\\"),
        reference: texts("reference_sentinels", ["${", "}"]) as [string, string],
        query: texts("export_sentinels", ["$[", "]"]) as [string, string],
        delimiter: textOf("delimiter", ":"),
      },
      overwritePrefix: prefixOf("dict_key_override_prefix", "~"),
      constantPrefix: prefixOf("dict_key_constant_prefix", "="),
    },
    diagnostics,
  );
}

/** Characters of what a quick pattern is quick for. */
const longestName = 4096;

/** @returns whether a pattern matches, each name asked for once. */
function patient(pattern: RegExp, written: string, place: Place): ModelSettings["mayMiss"] {
  const quick = isQuick(pattern);
  const known = new Map<string, boolean>();
  let slow: Diagnostic | undefined;
  return (name) => {
    if (slow) return slow;
    if (quick && name.length <= longestName) return pattern.test(name);
    const matches = known.get(name) ?? withDeadline(() => pattern.test(name))?.made;
    const setting = "ignore_class_notfound_regexp";
    const message = { setting, pattern: written, name };
    if (matches === undefined) slow = { ...modelMessage("pattern-slow", message, place), path: setting };
    else known.set(name, matches);
    return slow ?? matches === true;
  };
}

/** @returns a directory relative to the base, without `.`, `..` and doubled slashes; undefined where it is none below the base. */
function directoryName(uri: string): string | undefined {
  if (uri.startsWith("/") || uri.startsWith("~")) return undefined;
  const way: string[] = [];
  for (const part of uri.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") way.push(part);
    else if (way.pop() === undefined) return undefined;
  }
  return way.join("/");
}
