import MarkdownIt from "markdown-it";

/** A fenced block of a page. */
export type Block = {
  readonly page: string;
  /** Line of the page, from 1, on which the block's text begins. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** Why continuous integration does not run it, by the comment above it: `<!-- not run: REASON -->`. */
  readonly notRun: string | undefined;
  /** What it needs beside a checkout and a container engine, by the word after its language: `sh needs=cluster`. */
  readonly needs: Need | undefined;
};

/** A cluster of Kubernetes, the one of KUBECONFIG: its blocks are run where that is set. */
export type Need = "cluster";

/** What a block of a page holds that is no command. Languages are GitHub's (https://github.com/github-linguist/linguist). */
const noCommands = new Set(["text", "yaml", "json", "ini", "jinja", "diff"]);

/** `sh` is what a reader pastes; `console` shows what a terminal shows: `$ ` before each command, its output below it. */
export const isCommand = ({ language }: Pick<Block, "language">): boolean =>
  language === "sh" || language === "console";

const markdown = new MarkdownIt("commonmark");

/**
 * Reads a page as CommonMark, which GitHub shows.
 *
 * @returns its fenced blocks, and as lines `page:line: what is wrong` all that the test of the pages could not tell what to do with.
 */
export function blocksOf(page: string, source: string): { blocks: readonly Block[]; mistakes: readonly string[] } {
  const blocks: Block[] = [];
  const mistakes: string[] = [];
  let marker: { line: number; reason: string } | undefined;
  for (const { type, content, info, map } of markdown.parse(source, {})) {
    const [begin = 0] = map ?? [];
    const wrong = (line: number, what: string): void => void mistakes.push(`${page}:${line}: ${what}`);
    if (type === "html_block" && /<!--\s*not\W*run/i.test(content)) {
      const [, reason] = /^<!-- not run: (\S[^>]*\S) -->$/.exec(content.trim()) ?? [];
      if (reason === undefined) wrong(begin + 1, "a block that is not run needs a reason: <!-- not run: REASON -->");
      if (marker) wrong(marker.line, "this marker stands above no command block");
      marker = { line: begin + 1, reason: reason ?? "" };
      continue;
    }
    if (type === "code_block") {
      wrong(begin + 1, "an indented block says no language: put it between ``` lines");
    } else if (type === "fence") {
      const [language = "", ...words] = info.trim().split(/\s+/);
      const needs = words.join(" ") === "needs=cluster" ? "cluster" : undefined;
      const block = { page, line: begin + 2, language, text: content, notRun: marker?.reason, needs } as const;
      if (words.length > 0 && (needs === undefined || !isCommand(block)))
        wrong(begin + 1, "behind its language a command block may have needs=cluster, and nothing else");
      if (isCommand(block)) {
        marker = undefined;
        if (language === "console" && !content.startsWith("$ "))
          wrong(begin + 2, "a console begins with `$ ` and a command");
      } else if (!noCommands.has(language)) {
        const all = ["sh", "console", ...noCommands].join(", ");
        wrong(begin + 1, `a block is one of ${all}; this one is ${language === "" ? "none" : language}`);
      }
      blocks.push(block);
    }
    if (marker) wrong(marker.line, "this marker stands above no command block");
    marker = undefined;
  }
  if (marker) mistakes.push(`${page}:${marker.line}: this marker stands above no command block`);
  return { blocks, mistakes };
}

/** A part of a block that the shell is given at once, and what it must print; undefined where the page does not show it. */
export type Step = { readonly line: number; readonly text: string; readonly shown: string | undefined };

/** @returns the steps of a command block: of `sh` one, of `console` one for each prompt. `> ` goes on with a command. */
export function stepsOf({ language, line, text }: Block): readonly Step[] {
  if (language !== "console") return [{ line, text, shown: undefined }];
  const steps: { line: number; text: string; shown: string | undefined }[] = [];
  for (const [index, one] of text.replace(/\n$/, "").split("\n").entries()) {
    const last = steps.at(-1);
    if (one.startsWith("$ ")) steps.push({ line: line + index, text: `${one.slice(2)}\n`, shown: undefined });
    else if (last && last.shown === undefined && one.startsWith("> ")) last.text += `${one.slice(2)}\n`;
    else if (last) last.shown = last.shown === undefined ? one : `${last.shown}\n${one}`;
  }
  return steps;
}

const trimmed = (text: string): string => text.replace(/[ \t]+$/gm, "").trim();

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** Whether a text is what a page shows of it: `...` alone on a line stands for any lines, `...` in a line for any text in it. */
export function isShown(shown: string, output: string): boolean {
  const pattern = trimmed(shown)
    .split("\n")
    .map((line) => (line.trim() === "..." ? "(?:.*\n)*" : `${line.split("...").map(literally).join(".*")}\n`))
    .join("");
  return new RegExp(`^${pattern}$`).test(`${trimmed(output)}\n`);
}
