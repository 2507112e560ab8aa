import { visibleJson, visibleLine } from "../../diagnostics/visible.ts";
import { openOutput } from "../../host/output.ts";
import { type Explanation, explainPath, type Setting } from "../../model/explain.ts";
import { valueJson } from "../../model/json.ts";
import type { Value } from "../../model/value.ts";
import { scalarYaml, valueYaml } from "../../model/yaml.ts";
import { type Arguments, type Context, type Verb, valueOrStatus } from "../verb.ts";
import { jsonOption, modelOptions, nodesOffered, openNamed } from "./opened.ts";

/** What one class has to do with the value that came out. */
function settingLines(setting: Setting, role: string, indent: string): readonly string[] {
  const { name, place, through, written, references, overwrites, constant } = setting;
  const marks = `${overwrites ? " with ~" : ""}${constant ? " as a constant" : ""}`;
  return [
    `${indent}${role} ${visibleLine(`${name}${marks}: ${written}  (${place})`)}`,
    ...(through.length > 2 ? [`${indent}  through ${visibleLine(through.join(" → "))}`] : []),
    ...references.flatMap((reference) => explanationLines(reference, `${indent}  `)),
  ];
}

/** @param whole whether a list or mapping is written out; where only a reference leads to it, it stands above already. */
function explanationLines({ path, value, settings }: Explanation, indent: string, whole = false): readonly string[] {
  const lines = [`${indent}${visibleLine(path)} ${valueLine(value, indent, whole)}`];
  let replaced = value.kind === "scalar";
  for (const [index, setting] of settings.toReversed().entries()) {
    const role = index === 0 ? "set by" : replaced ? "overrode" : "merged with";
    lines.push(...settingLines(setting, role, `${indent}  `));
    replaced ||= setting.overwrites;
  }
  return lines;
}

function valueLine(value: Value, indent: string, whole: boolean): string {
  if (value.kind === "scalar") return `= ${scalarYaml(value.value)}`;
  if (whole) return `=\n${valueYaml(value, `${indent}    `).trimEnd()}`;
  return value.kind === "mapping" ? "is a mapping" : "is a list";
}

/** The value goes in as the text that keeps 1.0 a float. */
function explanationJson({ path, value, settings }: Explanation): string {
  const each = settings.map(({ references, ...facts }) => {
    const known = visibleJson(facts).slice(0, -1);
    return `${known},"references":[${references.map(explanationJson).join(",")}]}`;
  });
  return `{"path":${visibleJson(path)},"value":${valueJson(value)},"settings":[${each.join(",")}]}`;
}

async function run(args: Arguments, context: Context): Promise<number> {
  const [node = "", path = ""] = args._;
  const opened = valueOrStatus(openNamed(args, context), context);
  if ("status" in opened) return opened.status;
  const explained = valueOrStatus(explainPath(opened.value.model, node, path), context);
  if ("status" in explained) return explained.status;
  const output = openOutput();
  const json = args["json"] === true;
  output.write(`${json ? explanationJson(explained.value) : explanationLines(explained.value, "", true).join("\n")}\n`);
  output.end();
  return 0;
}

export const explain: Verb = {
  name: "explain",
  summary: "Say which class set a parameter, and what it overrode",
  positional: "<node> <path>",
  options: { ...modelOptions, ...jsonOption },
  examples: [["plinth model explain nova-controller nova:controller:workers", "why is it that many?"]],
  offers: (args, context) => (args._.length === 0 ? nodesOffered(args, context) : []),
  run,
};
