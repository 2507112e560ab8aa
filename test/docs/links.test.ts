import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import MarkdownIt from "markdown-it";
import { pagesOf } from "./pages.ts";

const markdown = new MarkdownIt("commonmark");

/** What a page links to, and the anchors that GitHub gives to its headings. */
function read(page: string): { links: readonly string[]; anchors: ReadonlySet<string> } {
  const links: string[] = [];
  const anchors = new Set<string>();
  let isHeading = false;
  for (const { type, children, content } of markdown.parse(readFileSync(page, "utf8"), {})) {
    if (type === "inline" && isHeading) anchors.add(anchorOf(content, anchors));
    isHeading = type === "heading_open";
    for (const { attrs } of children ?? []) {
      for (const [name, value] of attrs ?? [])
        if (name === "href" || name === "src") links.push(decodeURI(String(value)));
    }
  }
  return { links, anchors };
}

/** As https://github.com/Flet/github-slugger has it: a heading that was there before gets a number. */
function anchorOf(heading: string, taken: ReadonlySet<string>): string {
  const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
  const anchor = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\p{Pc}\s-]/gu, "")
    .replaceAll(" ", "-");
  for (let number = 0; ; number++) {
    const free = number === 0 ? anchor : `${anchor}-${number}`;
    if (!taken.has(free)) return free;
  }
}

const pages = new Map(pagesOf(".").map((page) => [page, read(page)]));

test("every relative link in the documentation leads to a file, and to a heading of it", () => {
  const broken = [...pages].flatMap(([page, { links }]) =>
    links
      .filter((link) => !/^(https?|mailto):/.test(link))
      .filter((link) => {
        const [path = "", anchor] = link.split("#");
        const target = path === "" ? page : relative(".", join(dirname(page), path));
        return !existsSync(target) || (anchor !== undefined && !pages.get(target)?.anchors.has(anchor));
      })
      .map((link) => `${page}: ${link}`),
  );
  assert.deepEqual(broken, []);
});
