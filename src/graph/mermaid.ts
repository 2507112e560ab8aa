import { visibleLine } from "../diagnostics/visible.ts";
import type { Graph, GraphService } from "./graph.ts";

/**
 * A text of Mermaid, in quotes. Whatever its lexer, its Markdown, its directives (`%%{`) or the HTML that labels become could
 * obey is written as an entity (https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters).
 */
const quoted = (...lines: readonly string[]): string =>
  `"${lines
    .map((line) => visibleLine(line).replace(/[^\p{L}\p{N} _.,:/()×-]/gu, (sign) => `#${sign.codePointAt(0)};`))
    .join("<br>")}"`;

/** @returns an identifier for each name: Mermaid takes letters, digits and `_`, and some words (`end`) are its own. */
function identifiers(names: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Map<string, string>();
  for (const name of names) {
    const plain = `s_${name.replace(/\W/g, "_")}`;
    let identifier = plain;
    const known = new Set(taken.values());
    for (let count = 2; known.has(identifier); count++) identifier = `${plain}_${count}`;
    taken.set(name, identifier);
  }
  return taken;
}

function node({ name, kind, note, ports }: GraphService, identifier: string): string {
  const details = [note, ports.map(({ port }) => port).join(", ")].filter((text) => text !== "");
  const reached = ports.flatMap(({ published }) => published);
  const label = quoted(name, ...details, ...(reached.length > 0 ? [`at ${reached.join(", ")}`] : []));
  return `    ${identifier}${kind === "job" ? `([${label}])` : `[${label}]`}`;
}

/** @returns the graph in Mermaid's language. An arrow leads from who waits to what it waits for; jobs are round. */
export function mermaidOf({ title, images, waits }: Graph): string {
  const services = images.flatMap((image) => image.services);
  const known = identifiers(services.map(({ name }) => name));
  const of = (name: string): string => known.get(name) ?? "";
  return `${[
    `%% ${visibleLine(title).replaceAll(/[{}%]/g, " ")}`,
    "flowchart RL",
    ...images.flatMap(({ name, services }, index) => [
      `  subgraph image_${index} [${quoted(name)}]`,
      ...services.map((service) => node(service, of(service.name))),
      "  end",
    ]),
    ...waits.map(({ from, to, optional }) => `  ${of(from)} ${optional ? "-.->" : "-->"} ${of(to)}`),
  ].join("\n")}\n`;
}
