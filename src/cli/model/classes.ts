import { visibleJson } from "../../diagnostics/visible.ts";
import { openOutput } from "../../host/output.ts";
import { type Arguments, type Context, type Verb, valueOrStatus } from "../verb.ts";
import { jsonOption, modelOptions, nodesOffered, openNamed } from "./opened.ts";
import { table } from "./table.ts";

async function run(args: Arguments, context: Context): Promise<number> {
  const opened = valueOrStatus(openNamed(args, context), context);
  if ("status" in opened) return opened.status;
  const { source, model } = opened.value;
  const merged = valueOrStatus(model.merge(args._[0] ?? ""), context);
  if ("status" in merged) return merged.status;
  const { entities } = merged.value;
  const chains = merged.value.chains();
  // What plinth itself puts in between, such as the automatic parameters, is no class.
  const classes = entities.flatMap(({ name, file }) => {
    const path = model.inventory.classes.get(name);
    const through = chains.get(file) ?? [];
    return path !== undefined && file.path === `${source.base}/${path}`
      ? [{ class: name, file: file.path, through }]
      : [];
  });
  const output = openOutput();
  if (args["json"] === true) output.write(`${visibleJson(classes, 2)}\n`);
  else {
    const rows = classes.map(({ class: name, file, through }) => [name, file, through.at(-2) ?? ""]);
    output.write(`${table([["class", "file", "included by"], ...rows])}\n`);
  }
  output.end();
  return 0;
}

export const classes: Verb = {
  name: "classes",
  summary: "List the classes of a node; a later one beats an earlier one",
  positional: "<node>",
  options: { ...modelOptions, ...jsonOption },
  examples: [["plinth model classes nova-controller", "each class, its file, and the first class that includes it"]],
  offers: (args, context) => (args._.length === 0 ? nodesOffered(args, context) : []),
  run,
};
