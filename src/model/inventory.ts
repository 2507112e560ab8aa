import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { modelMessage } from "./messages.ts";
import type { ModelSettings } from "./settings.ts";
import type { ModelSource } from "./source.ts";

/** Where the nodes and classes of an inventory are: name to path from the base. */
export type Inventory = {
  readonly nodes: ReadonlyMap<string, string>;
  readonly classes: ReadonlyMap<string, string>;
};

type Naming = (directories: readonly string[], name: string) => string;

const plainNode: Naming = (_directories, name) => name;

/** A directory's name becomes part of the node's, unless the first begins with `_`. */
const composedNode: Naming = (directories, name) =>
  directories[0]?.startsWith("_") ? name : [...directories, name].join(".");

/** `init.yml` stands for its directory; at the top there is none, so that it is just the class `init`. */
const className: Naming = (directories, name) =>
  name === "init" && directories.length > 0 ? directories.join(".") : [...directories, name].join(".");

function register(
  source: ModelSource,
  directory: string,
  kind: "node" | "class",
  naming: Naming,
  diagnostics: Diagnostic[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const listed = source.list(directory);
  if (!listed.ok) {
    diagnostics.push(...listed.diagnostics);
    return found;
  }
  for (const file of listed.value) {
    const parts = file.split("/");
    const name = naming(parts.slice(0, -1), withoutExtension(parts.at(-1) as string));
    const path = `${directory}/${file}`;
    const first = found.get(name);
    if (first === undefined) found.set(name, path);
    else diagnostics.push(modelMessage("name-twice", { kind, name, first, second: path }, named(source, path)));
  }
  return found;
}

const named = (source: ModelSource, path: string) => ({ kind: "named", name: `${source.base}/${path}` }) as const;

/** `.yml` alone is a name without an extension, as Python's splitext() has it. */
function withoutExtension(file: string): string {
  const length = file.endsWith(".yml") ? 4 : file.endsWith(".yaml") ? 5 : 0;
  return file.length > length ? file.slice(0, file.length - length) : file;
}

/** Names every node and class of an inventory without reading them. All names that are given twice are reported. */
export function listInventory(source: ModelSource, settings: ModelSettings): Result<Inventory> {
  const diagnostics: Diagnostic[] = [];
  const nodeName = settings.composeNodeName ? composedNode : plainNode;
  const nodes = register(source, settings.nodes, "node", nodeName, diagnostics);
  const classes = register(source, settings.classes, "class", className, diagnostics);
  return diagnostics.length > 0 ? failure(diagnostics) : success({ nodes, classes });
}
