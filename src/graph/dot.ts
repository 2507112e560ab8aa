import type { Graph, GraphService, GraphWait } from "./graph.ts";
import { boxLines, lineOf } from "./text.ts";

/**
 * A string of the DOT language (https://graphviz.org/doc/info/lang.html). In a label a backslash begins an escape, and `&` an
 * HTML entity, so both are written twice over: as `\\` and as `&amp;`.
 */
const quoted = (...lines: readonly string[]): string =>
  `"${lines
    .map((line) => lineOf(line).replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("&", "&amp;"))
    .join("\\n")}"`;

/** Graphviz takes a name that begins with % for one that it made itself, and forgets it. */
const identifier = (name: string): string => quoted(name.replace(/^[%_]/, "_$&"));

const box = (service: GraphService): string =>
  `    ${identifier(service.name)} [label=${quoted(...boxLines(service))}, tooltip=${quoted(service.doc)}${service.kind === "job" ? `, style="rounded,filled"` : ""}];`;

const arrow = ({ from, to, what, optional }: GraphWait): string =>
  `  ${identifier(to)} -> ${identifier(from)} [tooltip=${quoted(`${from} waits for ${to}: ${what.join(", ")}`)}${optional ? ", style=dashed" : ""}];`;

/** @returns the graph in Graphviz' language. An arrow leads from what is waited for to who waits; jobs are round. */
export const dotOf = ({ title, images, waits }: Graph): string =>
  `${[
    `digraph ${identifier(title)} {`,
    `  graph [label=${quoted(title)}, labelloc=t, rankdir=LR, ranksep=1.2, fontname="sans-serif", color="#9aa5b1", style=rounded];`,
    `  node [shape=box, style=filled, fillcolor="#f4f6f8", color="#52606d", fontname="sans-serif", fontsize=11];`,
    `  edge [color="#52606d", arrowsize=0.7];`,
    ...images.flatMap(({ name, services }, index) => [
      `  subgraph cluster_${index} {`,
      `    label=${quoted(name)};`,
      ...services.map(box),
      "  }",
    ]),
    ...waits.map(arrow),
    "}",
  ].join("\n")}\n`;
