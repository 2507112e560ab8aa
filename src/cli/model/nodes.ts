import { visibleJson, visibleLine } from "../../diagnostics/visible.ts";
import { openOutput } from "../../host/output.ts";
import { type Arguments, type Context, type Verb, valueOrStatus } from "../verb.ts";
import { jsonOption, modelOptions, openNamed } from "./opened.ts";
import { table } from "./table.ts";

async function run(args: Arguments, context: Context): Promise<number> {
  const opened = valueOrStatus(openNamed(args, context), context);
  if ("status" in opened) return opened.status;
  const { source, model } = opened.value;
  const pathOf = (name: string): string => model.inventory.nodes.get(name) as string;
  const output = openOutput();
  if (args["json"] === true) {
    const rows = model.nodes.map((node) => ({ node, uri: source.uri(pathOf(node)) }));
    output.write(`${visibleJson(rows, 2)}\n`);
  } else if (args["names"] === true) {
    for (const node of model.nodes) output.write(`${visibleLine(node)}\n`);
  } else {
    const rows = model.nodes.map((node) => [node, `${source.base}/${pathOf(node)}`]);
    output.write(`${table([["node", "file"], ...rows])}\n`);
  }
  output.end();
  return 0;
}

export const nodes: Verb = {
  name: "nodes",
  summary: "List the nodes, without compiling them",
  positional: "",
  options: {
    ...modelOptions,
    names: { type: "boolean", default: false, describe: "Only the names, one a line" },
    ...jsonOption,
  },
  examples: [
    ["plinth model nodes", "names and files"],
    ["plinth model nodes --names --model /srv/model", "for a loop in a shell"],
  ],
  run,
};
