import { readdirSync, readFileSync } from "node:fs";

const directory = "docs/decisions";

/** @returns the list of all decisions by number, with the title of each. */
export function decisionsPage(): string {
  const rows = readdirSync(directory)
    .filter((name) => /^\d{4}-.*\.md$/.test(name))
    .toSorted()
    .map((name) => {
      const [, title = name] = /^# (?:\d+\. )?(.+)$/m.exec(readFileSync(`${directory}/${name}`, "utf8")) ?? [];
      return `| ${name.slice(0, 4)} | [${title}](${name}) |`;
    });
  return `# Decisions

Each page has the context of a decision, the choice, its cost, and often what was not chosen. \`make golden\` writes this list.

| number | decision |
| --- | --- |
${rows.join("\n")}
`;
}
