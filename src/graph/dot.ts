import { visibleLine } from "../diagnostics/visible.ts";
import type { Graph, GraphService, GraphWait } from "./graph.ts";

/**
 * A string of the DOT language (https://graphviz.org/doc/info/lang.html). In a label a backslash begins an escape, and `&` an
 * HTML entity, so both are written twice over: as `\\` and as `&amp;`.
 */
const quoted = (...lines: readonly string[]): string =>
  `"${lines
    .map((line) => visibleLine(line).replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("&", "&amp;"))
    .join("\\n")}"`;

function nodeLine({ name, doc, kind, note, ports }: GraphService): string {
  const details = [note, ports.map(({ port }) => port).join(", ")].filter((text) => text !== "");
  const reached = ports.flatMap(({ published }) => published);
  const label = quoted(name, ...details, ...(reached.length > 0 ? [`at ${reached.join(", ")}`] : []));
  const style = kind === "job" ? `, style="rounded,filled"` : "";
  return `    ${quoted(name)} [label=${label}, tooltip=${quoted(doc)}${style}];`;
}

const edgeLine = ({ from, to, what, optional }: GraphWait): string =>
  `  ${quoted(from)} -> ${quoted(to)} [tooltip=${quoted(`${from} waits for ${to}: ${what.join(", ")}`)}${optional ? ", style=dashed" : ""}];`;

/** @returns the graph in Graphviz' language. An arrow leads from who waits to what it waits for; jobs are round. */
export function dotOf({ title, images, waits }: Graph): string {
  const clusters = images.map(({ name, services }, index) =>
    [`  subgraph cluster_${index} {`, `    label=${quoted(name)};`, ...services.map(nodeLine), "  }"].join("\n"),
  );
  return `${[
    `digraph ${quoted(title)} {`,
    // What starts first stands on the left.
    `  graph [label=${quoted(title)}, labelloc=t, rankdir=RL, ranksep=1.2, fontname="sans-serif", color="#9aa5b1", style=rounded];`,
    `  node [shape=box, style=filled, fillcolor="#f4f6f8", color="#52606d", fontname="sans-serif", fontsize=11];`,
    `  edge [color="#52606d", arrowsize=0.7];`,
    ...clusters,
    ...waits.map(edgeLine),
    "}",
  ].join("\n")}\n`;
}
