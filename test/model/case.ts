import { readdirSync, readFileSync } from "node:fs";
import type { Files } from "../support/model.ts";

/** A small inventory, and what is known of it beforehand. */
export type Case = {
  readonly topic: string;
  readonly name: string;
  readonly files: Files;
  readonly node: string;
  /** The error that reclass ends with; none where it compiles the node. */
  readonly fails?: string;
  /** Where reclass 1.7.0 is wrong: why. */
  readonly bug?: string;
  /** What we give where reclass is wrong: parts of the node as JSON, or "error". */
  readonly gives?: string;
  /** The error has no place in a document. */
  readonly placeless: boolean;
};

const directory = new URL("cases/", import.meta.url);

/** `n1` is a node's file, `config` the configuration, any other single word a class; all else is a path. */
function pathOf(word: string): string {
  if (word === "config") return "reclass-config.yml";
  if (/[/.]/.test(word)) return word;
  return /^n\d+$/.test(word) ? `nodes/${word}.yml` : `classes/${word}.yml`;
}

function readCase(topic: string, text: string): Case {
  const [head = "", ...parts] = text.split(/^--- /m);
  const [name = "", ...lines] = head.trimEnd().split("\n");
  const known = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const { node = "n1", placeless, ...rest } = known;
  const unknown = Object.keys(rest).filter((key) => !["fails", "bug", "gives"].includes(key));
  if (unknown.length > 0) throw new Error(`${topic}, ${name}: what is ${unknown.join(", ")}?`);
  const files = parts.map((part, index): readonly [string, string] => {
    const end = part.indexOf("\n");
    const body = part.slice(end + 1);
    return [pathOf(part.slice(0, end)), index === parts.length - 1 ? body.replace(/\n\n+$/, "\n") : body];
  });
  return { topic, name, node, placeless: placeless !== undefined, ...rest, files: Object.fromEntries(files) };
}

/**
 * Reads the table: files of `=== name`, then what is known (`node:`, `fails:`, `bug:`, `gives:`, `placeless:`), then each
 * file of the inventory after its `--- path`.
 */
export function readCases(): readonly Case[] {
  const topics = readdirSync(directory).filter((file) => file.endsWith(".cases"));
  return topics.sort().flatMap((file) => {
    const [, ...texts] = `\n${readFileSync(new URL(file, directory), "utf8")}`.split(/^=== /m);
    return texts.map((text) => readCase(file.replace(".cases", ""), text));
  });
}

/** @returns an inventory as the table writes it. */
export const written = (files: Files): string =>
  Object.entries(files)
    .map(([path, text]) => `--- ${path}\n${text.endsWith("\n") ? text : `${text}\n`}`)
    .join("");
