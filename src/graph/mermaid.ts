import type { Graph, GraphService } from "./graph.ts";
import { boxLines, lineOf } from "./text.ts";

/**
 * A text of Mermaid, in quotes. Whatever its lexer, its Markdown, its directives (`%%{`) or the HTML that labels become could
 * obey is written as an entity (https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters).
 */
const quoted = (...lines: readonly string[]): string =>
  `"${lines
    .map((line) => lineOf(line).replace(/[^\p{L}\p{N} _.,:/()×-]/gu, (sign) => `#${sign.codePointAt(0)};`))
    .join("<br>")}"`;

/** @returns an identifier for each name: Mermaid takes letters, digits and `_`, and some words (`end`) are its own. */
function identifiers(names: readonly string[]): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  const taken = new Set<string>();
  for (const name of names) {
    const plain = `s_${name.replace(/\W/g, "_")}`;
    let identifier = plain;
    for (let count = 2; taken.has(identifier); count++) identifier = `${plain}_${count}`;
    taken.add(identifier);
    known.set(name, identifier);
  }
  return known;
}

function box(service: GraphService, identifier: string): string {
  const label = quoted(...boxLines(service));
  return `    ${identifier}${service.kind === "job" ? `([${label}])` : `[${label}]`}`;
}

/**
 * @returns the graph in Mermaid's language. An arrow leads from what is waited for to who waits; jobs are round. The other way
 * round Mermaid 11 lays this graph out wrongly (dagre ends with "Cannot set properties of undefined (setting 'order')").
 */
export function mermaidOf({ title, images, waits }: Graph): string {
  const known = identifiers(images.flatMap(({ services }) => services.map(({ name }) => name)));
  const of = (name: string): string => known.get(name) ?? "";
  return `${[
    `%% ${lineOf(title).replaceAll(/[{}%]/g, " ")}`,
    "flowchart LR",
    ...images.flatMap(({ name, services }, index) => [
      `  subgraph image_${index} [${quoted(name)}]`,
      ...services.map((service) => box(service, of(service.name))),
      "  end",
    ]),
    ...waits.map(({ from, to, optional }) => `  ${of(to)} ${optional ? "-.->" : "-->"} ${of(from)}`),
  ].join("\n")}\n`;
}
