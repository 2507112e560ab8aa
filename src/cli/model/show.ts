import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import { nearest } from "../../diagnostics/nearest.ts";
import { visibleJson } from "../../diagnostics/visible.ts";
import { openOutput } from "../../host/output.ts";
import { openProgress } from "../../host/progress.ts";
import { nodeInfoJson, valueJson } from "../../model/json.ts";
import { modelMessage } from "../../model/messages.ts";
import type { CompiledNode, Model } from "../../model/model.ts";
import { splitPath } from "../../model/reference.ts";
import type { Value } from "../../model/value.ts";
import { pairYaml, valueYaml } from "../../model/yaml.ts";
import { cliMessage } from "../messages.ts";
import { type Arguments, type Context, type Verb, valueOrStatus } from "../verb.ts";
import { Findings } from "./findings.ts";
import { modelOptions, nodesOffered, openNamed } from "./opened.ts";

function childOf(value: Value, key: string): Value | undefined {
  if (value.kind === "mapping") return value.entries.get(key)?.value;
  return value.kind === "sequence" && /^\d+$/.test(key) ? value.items[Number(key)] : undefined;
}

function keysOf(value: Value): readonly string[] {
  if (value.kind === "mapping") return [...value.entries.keys()];
  return value.kind === "sequence" ? [...value.items.keys()].map(String) : [];
}

/** @returns the value at a path below a node's parameters. */
function valueAt(node: CompiledNode, path: string, { settings: { syntax } }: Model): Result<Value> {
  let value = node.parameters;
  const way: string[] = [];
  for (const key of splitPath(path, syntax)) {
    const child = childOf(value, key);
    if (child === undefined) {
      const near = nearest(key, keysOf(value));
      const whole = near === undefined ? undefined : [...way, near].join(syntax.delimiter);
      const place = { kind: "named", name: node.name } as const;
      return failure([
        { ...modelMessage("path-unknown", { path, node: node.name, nearest: whole }, place), path, node: node.name },
      ]);
    }
    way.push(key);
    value = child;
  }
  return success(value);
}

/** Adds a node to the names that it has. */
function note(index: Map<string, string[]>, names: readonly string[], node: string): void {
  for (const name of names) {
    const nodes = index.get(name);
    if (nodes) nodes.push(node);
    else index.set(name, [node]);
  }
}

const indexJson = (index: ReadonlyMap<string, readonly string[]>): string =>
  visibleJson(Object.fromEntries(index), 2).replaceAll("\n", "\n  ");

/** Writes nodes as they are compiled: a model of any size takes the room of its classes and of one node. */
function showAll(model: Model, json: boolean, context: Context): number {
  const output = openOutput();
  const findings = new Findings();
  const progress = openProgress(model.nodes.length, "nodes", context.environment, true);
  const classes = new Map<string, string[]>();
  const applications = new Map<string, string[]>();
  let separator = "\n";
  if (json) output.write('{\n  "nodes": {');
  for (const name of model.nodes) {
    const made = json ? model.print(name, "    ") : model.compile(name);
    findings.add(name, made.ok ? made.warnings : made.diagnostics);
    progress.step();
    if (!made.ok) continue;
    const node = made.value;
    note(classes, node.classes, name);
    note(applications, node.applications, name);
    const text =
      "json" in node ? `${separator}    ${visibleJson(name)}: ${node.json}` : pairYaml(name, node.parameters);
    separator = ",\n";
    if (!output.write(text)) break;
  }
  if (json) {
    const closed = separator === "\n" ? "}" : "\n  }";
    output.write(`${closed},\n  "classes": ${indexJson(classes)},\n  "applications": ${indexJson(applications)}\n}\n`);
  }
  output.end();
  progress.clear();
  return findings.report(context);
}

function showOne(model: Model, name: string, path: string | undefined, json: boolean, context: Context): number {
  const compiled = valueOrStatus(model.compile(name), context);
  if ("status" in compiled) return compiled.status;
  const node = compiled.value;
  const found = valueOrStatus(path === undefined ? success(node.parameters) : valueAt(node, path, model), context);
  if ("status" in found) return found.status;
  const output = openOutput();
  if (!json) output.write(valueYaml(found.value));
  else output.write(`${path === undefined ? nodeInfoJson(node) : valueJson(found.value)}\n`);
  output.end();
  return 0;
}

async function run(args: Arguments, context: Context): Promise<number> {
  const [name, path] = args._;
  const all = args["all"] === true;
  if (all === (name !== undefined)) {
    const problem = all ? "show wants a node or --all, not both" : "show wants a node, or --all";
    return context.report([cliMessage("usage", { problem, verb: "model show" })]);
  }
  const opened = valueOrStatus(openNamed(args, context), context);
  if ("status" in opened) return opened.status;
  const json = args["json"] === true;
  const { model } = opened.value;
  return name === undefined ? showAll(model, json, context) : showOne(model, name, path, json, context);
}

export const show: Verb = {
  name: "show",
  summary: "Print a node's parameters as YAML",
  positional: "[node] [path]",
  options: {
    ...modelOptions,
    all: { type: "boolean", default: false, describe: "All nodes, each as soon as it is compiled" },
    json: {
      type: "boolean",
      default: false,
      describe: "JSON as of `reclass -o json --nodeinfo` (--all: --inventory), less its times",
    },
  },
  examples: [
    ["plinth model show nova-controller", "all parameters"],
    ["plinth model show nova-controller nova:controller:database", "what is below a path"],
    ["plinth model show nova-controller --set _param:release=2026.1", "how it would be for another release"],
    ["plinth model show --all --json", "the whole inventory, for programs that read reclass's"],
  ],
  offers: (args, context) => (args._.length === 0 ? nodesOffered(args, context) : []),
  run,
};
