import { nearest } from "../diagnostics/nearest.ts";
import { dotOf } from "../graph/dot.ts";
import { type Graph, graphOf } from "../graph/graph.ts";
import { mermaidOf } from "../graph/mermaid.ts";
import { svgOf } from "../graph/svg.ts";
import { writeWhole } from "../host/files.ts";
import { templatesBeside } from "./baking.ts";
import { describeModel, templatesIn } from "./describing.ts";
import { cliMessage } from "./messages.ts";
import { modelOptions, openNamed } from "./model/opened.ts";
import { ourselves } from "./owned.ts";
import { nodeOptions } from "./source.ts";
import { type Arguments, type Context, text, texts, type Verb, valueOrStatus } from "./verb.ts";

/** How a graph is written. Where the picture draws each wait as an arrow, those that follow from others are left out. */
const formats: Readonly<Record<string, { readonly write: (graph: Graph) => string; readonly arrows: boolean }>> = {
  svg: { write: svgOf, arrows: false },
  dot: { write: dotOf, arrows: true },
  mermaid: { write: mermaidOf, arrows: true },
};

async function run(args: Arguments, context: Context): Promise<number> {
  const format = formats[text(args, "format") ?? ""];
  if (!format) throw new Error("a format that no row knows");
  const opened = valueOrStatus(openNamed(args, context), context);
  if ("status" in opened) return opened.status;
  const load = templatesIn(text(args, "templates") ?? templatesBeside());
  const described = valueOrStatus(describeModel(opened.value.model, load), context);
  if ("status" in described) return described.status;

  const known = [...new Set(described.value.workloads.map(({ image }) => image))];
  const images = texts(args, "image");
  const unknown = images.filter((image) => !known.includes(image));
  if (unknown.length > 0) {
    return context.report(
      unknown.map((image) => cliMessage("image-not-deployed", { image, near: nearest(image, known), known })),
    );
  }
  const brief = format.arrows && images.length === 0 && args["all"] !== true;
  const written = format.write(graphOf(described.value, { brief, ...(images.length > 0 ? { images } : {}) }));
  const output = text(args, "output");
  if (output === undefined) {
    context.print(written, { exact: true });
    return 0;
  }
  const owner = ourselves();
  const done = valueOrStatus(writeWhole([{ path: output, text: written, mode: 0o644, owner }]), context);
  return "status" in done ? done.status : 0;
}

export const graph: Verb = {
  name: "graph",
  summary: "Draw the model's deployment: images, services and jobs, ports, and who waits for whom",
  positional: "",
  options: {
    ...modelOptions,
    templates: nodeOptions.templates,
    format: {
      type: "string",
      choices: Object.keys(formats),
      default: "svg",
      describe: "A picture, or text for Graphviz or Mermaid",
    },
    output: { type: "string", describe: "The file to write; left out, it is printed" },
    image: { type: "string", describe: "Only this image, what it waits for and what waits for it (again for more)" },
    all: {
      type: "boolean",
      default: false,
      describe: "In dot and mermaid also the waits that follow from others; the SVG, and a part, have all",
    },
  },
  examples: [
    ["plinth graph --output deployment.svg", "the whole deployment"],
    ["plinth graph --image cinder-volume --format dot | dot -Tpng -o cinder.png", "what cinder-volume waits for"],
  ],
  run,
};
