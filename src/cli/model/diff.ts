import type { Diagnostic, Result } from "../../diagnostics/diagnostic.ts";
import { refsOf } from "../../host/git.ts";
import { openOutput } from "../../host/output.ts";
import { openProgress } from "../../host/progress.ts";
import { type Change, compareNodes, type NodeChange } from "../../model/diff.ts";
import { valueJson } from "../../model/json.ts";
import type { CompiledNode, Model } from "../../model/model.ts";
import type { Value } from "../../model/value.ts";
import { pairYaml, scalarYaml } from "../../model/yaml.ts";
import { modelFolder } from "../model-folder.ts";
import { type Arguments, type Context, settle, type Verb } from "../verb.ts";
import { Findings } from "./findings.ts";
import { jsonOption, modelOptions, openNamed } from "./opened.ts";

/** A node that differs; `wasBroken` where there is nothing to compare with, since it did not compile before. */
type Differing = NodeChange & { readonly wasBroken: boolean };

const pathText = ({ part, path }: Change): string =>
  part === "parameters" ? path.join(":") : [part, ...path].join(":");

const namesOf = (value: Value | undefined): readonly string[] =>
  value?.kind === "sequence" ? value.items.map((item) => (item.kind === "scalar" ? String(item.value) : "")) : [];

/** Of a list of names, who came and who went says more than both lists do. */
function namesText(change: Change): string {
  const [before, after] = [namesOf(change.before), namesOf(change.after)];
  const gone = before.filter((name) => !after.includes(name)).map((name) => ` -${name}`);
  const come = after.filter((name) => !before.includes(name)).map((name) => ` +${name}`);
  return `  ${change.part}:${[...gone, ...come].join("") || " in another order"}\n`;
}

function changeText(change: Change): string {
  const { part, before, after } = change;
  if (part === "classes" || part === "applications") return namesText(change);
  const path = pathText(change);
  if (before?.kind === "scalar" && after?.kind === "scalar") {
    return `  ${path}: ${scalarYaml(before.value)} → ${scalarYaml(after.value)}\n`;
  }
  const side = (mark: string, value: Value | undefined): string => (value ? pairYaml(path, value, `  ${mark} `) : "");
  return `${side("-", before)}${side("+", after)}`;
}

const nodeText = ({ node, change, changes, wasBroken }: Differing): string =>
  `${change} ${node}${wasBroken ? " (it did not compile before)" : ""}\n${changes.map(changeText).join("")}`;

/** In one line: in JSON no text holds a line end. */
const oneLine = (value: Value): string => valueJson(value).replace(/\n\s*/g, "");

function changeJson(change: Change): string {
  const { part, path, before, after } = change;
  const sides = [...(before ? [`,"before":${oneLine(before)}`] : []), ...(after ? [`,"after":${oneLine(after)}`] : [])];
  return `{"part":"${part}","path":${JSON.stringify(path.join(":"))}${sides.join("")}}`;
}

function nodeJson({ node, change, changes, wasBroken }: Differing): string {
  const broken = wasBroken ? ',"wasBroken":true' : "";
  return `{"node":${JSON.stringify(node)},"change":"${change}"${broken},"changes":[${changes.map(changeJson).join(",")}]}`;
}

/** What was wrong with the older side is past: no reason to refuse what mends it. */
const past = (diagnostics: readonly Diagnostic[]): readonly Diagnostic[] =>
  diagnostics.map((diagnostic) => ({ ...diagnostic, severity: "warning" }));

/** Compiles a node of both sides. @returns what differs; undefined where nothing does, or the newer side is broken. */
function compareOne(name: string, before: Model, after: Model, findings: Findings): Differing | undefined {
  const compiled = (model: Model): Result<CompiledNode> | undefined =>
    model.inventory.nodes.has(name) ? model.compile(name) : undefined;
  const now = compiled(after);
  if (now && !now.ok) {
    findings.add(name, now.diagnostics);
    return undefined;
  }
  const old = compiled(before);
  if (old && !old.ok) {
    findings.add(name, past(old.diagnostics));
    return { node: name, change: now ? "changed" : "removed", changes: [], wasBroken: true };
  }
  const found = compareNodes(old?.value, now?.value);
  return found && { ...found, wasBroken: false };
}

function summary(counts: ReadonlyMap<string, number>, total: number, between: string): string {
  const differing = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const each = [...counts].map(([change, count]) => `${count} ${change}`).join(", ");
  return `${between}: ${differing === 0 ? "no" : differing} of ${total} nodes differ${each && ` (${each})`}\n`;
}

async function run(args: Arguments, context: Context): Promise<number> {
  const [older = "", newer] = args._;
  const old = settle(openNamed(args, context, { revision: older }), context);
  if ("status" in old) return old.status;
  const now = settle(openNamed(args, context, { revision: newer }), context);
  if ("status" in now) return now.status;
  const [before, after] = [old.value.model, now.value.model];

  const names = [...new Set([...before.nodes, ...after.nodes])].sort();
  const json = args["json"] === true;
  const onlyNames = args["names"] === true;
  const findings = new Findings();
  const output = openOutput();
  const progress = openProgress(names.length, "nodes", context.environment, true);
  const counts = new Map<string, number>();
  if (json) output.write('{"nodes":[');
  for (const name of names) {
    const found = compareOne(name, before, after, findings);
    progress.step();
    if (!found) continue;
    const separator = counts.size > 0 ? ",\n" : "\n";
    counts.set(found.change, (counts.get(found.change) ?? 0) + 1);
    const text = json ? `${separator}${nodeJson(found)}` : onlyNames ? `${name}\n` : nodeText(found);
    if (!output.write(text)) break;
  }
  if (json) output.write("\n]}\n");
  else if (!onlyNames) output.write(summary(counts, names.length, `${older} → ${newer ?? "working tree"}`));
  output.end();
  progress.clear();
  const status = findings.report(context);
  return status === 0 && args["exit-code"] === true && counts.size > 0 ? 1 : status;
}

export const diff: Verb = {
  name: "diff",
  summary: "Say which nodes differ from a git revision, and in what",
  positional: "<revision> [newer]",
  options: {
    ...modelOptions,
    names: { type: "boolean", default: false, describe: "Only the names of the nodes, one a line" },
    "exit-code": { type: "boolean", default: false, describe: "End with 1 where nodes differ (else 0 either way)" },
    ...jsonOption,
  },
  examples: [
    ["plinth model diff HEAD", "what the edits here change, before they are committed"],
    ["plinth model diff origin/main HEAD --names", "which nodes a branch changes: the images to build"],
  ],
  offers: (args, context) => (args._.length < 2 ? refsOf(modelFolder(args, context)) : []),
  run,
};
