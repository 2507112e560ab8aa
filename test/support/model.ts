import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import { failure, success } from "../../src/diagnostics/diagnostic.ts";
import { nodeInfoJson } from "../../src/model/json.ts";
import { openModel } from "../../src/model/model.ts";
import type { ModelSource } from "../../src/model/source.ts";

/** An inventory: its files by their paths from the base (`nodes/n1.yml`, `classes/a/init.yml`, `reclass-config.yml`). */
export type Files = Readonly<Record<string, string>>;

/** What a compiler gave for a node: the JSON that `reclass --nodeinfo` would print, or what went wrong. */
export type Given =
  | { readonly ok: true; readonly json: string; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

const skipped = (directory: string): boolean =>
  directory.startsWith(".") || directory === "CVS" || directory === "SCCS";

const missing = (path: string): Diagnostic => ({
  code: "test-no-file",
  severity: "error",
  failure: "configuration",
  what: `no ${path}`,
  fix: "add it",
});

/** @returns an inventory that is held in memory, listed as one in a directory is. It has `nodes` and `classes` always. */
export function memorySource(files: Files): ModelSource {
  const read = (path: string) => {
    const text = Object.hasOwn(files, path) ? files[path] : undefined;
    return text === undefined ? failure([missing(path)]) : success(text);
  };
  const list = (directory: string): readonly string[] =>
    Object.keys(files)
      .filter((path) => path.startsWith(`${directory}/`) && /\.ya?ml$/.test(path))
      .map((path) => path.slice(directory.length + 1))
      .filter((path) => !path.split("/").slice(0, -1).some(skipped))
      .sort();
  return {
    base: "/model",
    uri: (path) => `yaml_fs:///model/${path}`,
    config: () => success(Object.hasOwn(files, "reclass-config.yml") ? files["reclass-config.yml"] : undefined),
    list: (directory) => success(list(directory)),
    read,
  };
}

/** Compiles one node of an inventory that is held in memory. */
export function compileNode(files: Files, node: string): Given {
  const model = openModel(memorySource(files));
  if (!model.ok) return model;
  const compiled = model.value.compile(node);
  if (!compiled.ok) return compiled;
  return { ok: true, json: nodeInfoJson(compiled.value), warnings: [...model.warnings, ...compiled.warnings] };
}
