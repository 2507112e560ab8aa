import type { Diagnostic, Result } from "../../diagnostics/diagnostic.ts";
import { visibleJson, visibleLine } from "../../diagnostics/visible.ts";
import { refsOf } from "../../host/inventory/git.ts";
import { openOutput } from "../../host/output.ts";
import { openProgress } from "../../host/progress.ts";
import { type Change, compareNodes, type NodeChange } from "../../model/diff.ts";
import { valueJson } from "../../model/json.ts";
import type { CompiledNode, Model } from "../../model/model.ts";
import type { Value } from "../../model/value.ts";
import { pairYaml, scalarYaml } from "../../model/yaml.ts";
import { modelDirectory } from "../model-directory.ts";
import { type Arguments, type Context, type Verb, valueOrStatus } from "../verb.ts";
import { Findings } from "./findings.ts";
import { type Effect, type ImageChange, ImageChanges } from "./image-changes.ts";
import { jsonOption, modelOptions, openNamed } from "./opened.ts";

/**
 * A node that differs; `wasBroken` where there is nothing to compare with, since it did not compile before. `effect` is what
 * that does to its image, if it is one.
 */
type Differing = NodeChange & { readonly wasBroken: boolean; readonly effect: Effect | undefined };

const pathText = ({ part, path }: Change): string =>
  part === "parameters" ? path.join(":") : [part, ...path].join(":");

const namesOf = (value: Value | undefined): readonly string[] =>
  value?.kind === "sequence" ? value.items.map((item) => (item.kind === "scalar" ? String(item.value) : "")) : [];

/** Of a list of names, who came and who went says more than both lists do. */
function namesText(change: Change): string {
  const [before, after] = [namesOf(change.before), namesOf(change.after)];
  const gone = before.filter((name) => !after.includes(name)).map((name) => ` -${visibleLine(name)}`);
  const come = after.filter((name) => !before.includes(name)).map((name) => ` +${visibleLine(name)}`);
  return `  ${change.part}:${[...gone, ...come].join("") || " in another order"}\n`;
}

function changeText(change: Change): string {
  const { part, before, after } = change;
  if (part === "classes" || part === "applications") return namesText(change);
  const path = pathText(change);
  if (before?.kind === "scalar" && after?.kind === "scalar") {
    return `  ${visibleLine(path)}: ${scalarYaml(before.value)} → ${scalarYaml(after.value)}\n`;
  }
  const side = (mark: string, value: Value | undefined): string => (value ? pairYaml(path, value, `  ${mark} `) : "");
  return `${side("-", before)}${side("+", after)}`;
}

/** @returns a node with what changes; of an image only what is in it, the rest is kept for the end. */
function nodeText({ node, change, changes, wasBroken, effect }: Differing, images: ImageChanges): string {
  const reaches = effect?.reaches ?? (() => true);
  for (const one of changes) if (!reaches(one)) images.addOutside(node, changeText(one));
  if (effect && !effect.image) return "";
  const head = `${effect?.image ?? change} ${visibleLine(node)}${wasBroken ? " (it did not compile before)" : ""}`;
  return `${head}\n${changes.filter(reaches).map(changeText).join("")}`;
}

const withItsParent = ({ node, change, parent }: ImageChange): string =>
  parent === undefined ? "" : `${change} ${visibleLine(node)} (it stands on ${visibleLine(parent)})\n`;

/** In one line: in JSON no text holds a line end. */
const oneLine = (value: Value): string => valueJson(value).replace(/\n\s*/g, "");

function changeJson(change: Change, effect: Effect | undefined): string {
  const { part, path, before, after } = change;
  const sides = [...(before ? [`,"before":${oneLine(before)}`] : []), ...(after ? [`,"after":${oneLine(after)}`] : [])];
  const inImage = effect ? `,"inImage":${effect.reaches(change)}` : "";
  return `{"part":"${part}","path":${visibleJson(path.join(":"))}${sides.join("")}${inImage}}`;
}

function nodeJson({ node, change, changes, wasBroken, effect }: Differing): string {
  const broken = wasBroken ? ',"wasBroken":true' : "";
  const all = changes.map((one) => changeJson(one, effect)).join(",");
  return `{"node":${visibleJson(node)},"change":"${change}"${broken},"changes":[${all}]}`;
}

/** What was wrong with the older side is past: no reason to refuse what mends it. What could not be read is another thing. */
const past = (diagnostics: readonly Diagnostic[]): readonly Diagnostic[] =>
  diagnostics.map((each) => (each.code === "git-object-missing" ? each : { ...each, severity: "warning" }));

/** Compiles a node of both sides. @returns what differs; undefined where nothing does, or the newer side is broken. */
function compareOne(
  name: string,
  [before, after]: readonly [Model, Model],
  findings: Findings,
  images: ImageChanges,
): Differing | undefined {
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
    const effect = images.add({ before: undefined, after: now?.value }, "broken");
    return { node: name, change: now ? "changed" : "removed", changes: [], wasBroken: true, effect };
  }
  const found = compareNodes(old?.value, now?.value);
  const effect = images.add({ before: old?.value, after: now?.value }, found !== undefined);
  return found && { ...found, wasBroken: false, effect };
}

/** `2 of 21 images change (1 changed, 1 added)` */
function counted(kinds: readonly string[], total: number, what: string): string {
  const each = [...Map.groupBy(kinds, (kind) => kind)].map(([kind, all]) => `${all.length} ${kind}`).join(", ");
  return `${kinds.length === 0 ? "no" : kinds.length} of ${total} ${what}${each && ` (${each})`}`;
}

async function run(args: Arguments, context: Context): Promise<number> {
  const [older = "", newer] = args._;
  const old = valueOrStatus(openNamed(args, context, { revision: older }), context);
  if ("status" in old) return old.status;
  const now = valueOrStatus(openNamed(args, context, { revision: newer }), context);
  if ("status" in now) return now.status;
  const sides = [old.value.model, now.value.model] as const;

  const names = [...new Set(sides.flatMap(({ nodes }) => nodes))].sort();
  const json = args["json"] === true;
  const onlyNames = args["names"] === true;
  const findings = new Findings();
  const images = new ImageChanges();
  const output = openOutput();
  const progress = openProgress(names.length, "nodes", context.environment, true);
  const kinds: string[] = [];
  const noImages: string[] = [];
  if (json) output.write('{"nodes":[');
  for (const name of names) {
    const found = compareOne(name, sides, findings, images);
    progress.step();
    if (!found) continue;
    const separator = kinds.length > 0 ? ",\n" : "\n";
    kinds.push(found.change);
    if (!found.effect) noImages.push(name);
    const text = json ? `${separator}${nodeJson(found)}` : onlyNames ? "" : nodeText(found, images);
    if (!output.write(text)) break;
  }
  const changed = images.list();
  if (json) {
    const all = images.total > 0 ? `,"images":${visibleJson(changed)}` : "";
    output.write(`\n]${all}}\n`);
  } else if (onlyNames) {
    const lines = [...noImages, ...changed.map(({ node }) => node)].sort().map((name) => `${visibleLine(name)}\n`);
    output.write(lines.join(""));
  } else {
    const nodes = counted(kinds, names.length, "nodes differ");
    const ofImages = changed.map(({ change }) => change);
    const said = changed.length > 0 ? counted(ofImages, images.total, "images change") : "no image changes";
    const total = images.total > 0 ? `${said}; ${nodes}` : nodes;
    output.write(changed.map(withItsParent).join("") + images.outsideText());
    output.write(`${visibleLine(`${older} → ${newer ?? "working tree"}`)}: ${total}\n`);
  }
  output.end();
  progress.clear();
  const status = findings.report(context);
  return status === 0 && args["exit-code"] === true && kinds.length > 0 ? 1 : status;
}

export const diff: Verb = {
  name: "diff",
  summary: "Say which images and other nodes change from a git revision on, and in what",
  positional: "<revision> [newer]",
  options: {
    ...modelOptions,
    names: {
      type: "boolean",
      default: false,
      describe: "Only the names, one a line: images that change, other nodes that differ",
    },
    "exit-code": { type: "boolean", default: false, describe: "End with 1 where nodes differ (else 0 either way)" },
    ...jsonOption,
  },
  examples: [
    ["plinth model diff HEAD", "what the edits here change, before they are committed"],
    ["plinth model diff origin/main HEAD --names", "which images a branch changes: those to build"],
  ],
  offers: (args, context) => (args._.length < 2 ? refsOf(modelDirectory(args, context)) : []),
  run,
};
