import { visibleJson } from "../../diagnostics/visible.ts";
import { openOutput } from "../../host/output.ts";
import { openProgress } from "../../host/progress.ts";
import { referredTo } from "../../image/recipe.ts";
import { type Arguments, type Context, type Verb, valueOrStatus } from "../verb.ts";
import { Findings } from "./findings.ts";
import { jsonOption, modelOptions, nodesOffered, openNamed } from "./opened.ts";
import { table } from "./table.ts";

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

async function run(args: Arguments, context: Context): Promise<number> {
  const read = new Set<string>();
  const opened = valueOrStatus(openNamed(args, context, { watch: (path) => read.add(path) }), context);
  if ("status" in opened) return opened.status;
  const { source, model } = opened.value;
  const names = args._.length > 0 ? [...new Set(args._)] : model.nodes;

  const findings = new Findings();
  const progress = openProgress(names.length, "nodes", context.environment);
  let broken = 0;
  for (const name of names) {
    // Of nodes alike, only what is their own is looked at.
    const printed = model.print(name);
    if (!printed.ok) broken++;
    findings.add(name, printed.ok ? printed.warnings : printed.diagnostics);
    progress.step();
  }
  progress.clear();
  const files = new Set(read);
  const unreferred = model.unreferred(referredTo, names);

  const classes = [...model.inventory.classes].map(([name, path]) => ({ class: name, path }));
  const reached = classes.filter(({ path }) => files.has(path));
  const unreached = classes.filter(({ path }) => !files.has(path));
  const unused = unreached.map(({ path, ...row }) => ({ ...row, file: `${source.base}/${path}` }));
  const listed = args["unused"] === true;
  const output = openOutput();
  if (args["json"] === true) {
    const counts = { nodes: names.length, broken, classes: reached.length };
    output.write(`${visibleJson({ ...counts, ...(listed ? { unused } : {}) }, 2)}\n`);
  } else {
    const rows = unused.map((row) => [row.class, row.file]);
    if (listed && rows.length > 0) output.write(`${table([["class that no node has", "file"], ...rows])}\n`);
    const all = `${counted(names.length, "node", "nodes")}, ${counted(reached.length, "class", "classes")}`;
    output.write(`${all}: ${broken === 0 ? "right" : `${counted(broken, "node is", "nodes are")} broken`}\n`);
  }
  output.end();
  const status = findings.report(context);
  context.report(unreferred);
  return status;
}

export const check: Verb = {
  name: "check",
  summary: "Compile the nodes, and report all that is wrong with them",
  positional: "[node..]",
  options: {
    ...modelOptions,
    unused: { type: "boolean", default: false, describe: "List the classes that none of these nodes has" },
    ...jsonOption,
  },
  examples: [
    ["plinth model check", "before a commit, or in CI"],
    ["plinth model check nova-controller nova-compute", "only these"],
  ],
  offers: nodesOffered,
  run,
};
