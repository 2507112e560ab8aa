/** `make site` on a documentation of three pages. Skipped until `make site` has installed Sphinx, which continuous integration does. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { workDirectory } from "../support/plinth.ts";

const tools = "build/site-tools";
const skip = existsSync(`${tools}/.ready`) ? false : "Sphinx is not installed: make site";

const pages = {
  "README.md": "# Front\n\n[Documentation](docs/README.md), [license](LICENSE)\n",
  "docs/README.md": "# Documentation\n\n## Topic\n\n[A page](page.md)\n",
  "docs/page.md": "# A page\n\nText about a heron.\n\n## A part\n\n[Front](../README.md), [the part](#a-part)\n",
  LICENSE: "Anybody may read this.\n",
};

/** Builds a site of these files. */
function build(files: Readonly<Record<string, string>>) {
  const directory = workDirectory();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  const site = join(directory, "build/site");
  const words = ["-m", "sphinx", "--quiet", "--fail-on-warning", "-c", "scripts/site", directory, site];
  const env = { ...process.env, PYTHONPATH: tools, PYTHONDONTWRITEBYTECODE: "1" };
  return { site, ...spawnSync("python3", words, { encoding: "utf8", env }) };
}

/** What is dead on a page, a line each, and what is said of it. */
const dead = [
  ["a link to a page that does not exist", "[gone](gone.md)", /gone\.md/],
  ["a link to an anchor of the page that does not exist", "[gone](#gone-here)", /gone-here/],
  ["a link to an anchor of another page that does not exist", "[gone](README.md#gone-there)", /gone-there/],
  ["a link to a file that does not exist", "[gone](../src/gone.ts)", /gone\.ts/],
  ["a link to a directory that does not exist", "[gone](gone-directory/)", /gone-directory/],
  ["a picture that does not exist", "![gone](gone.png)", /gone\.png/],
] as const;

describe("the site", { skip }, () => {
  test("has the front page, every topic's pages, linked files and a search, and loads nothing from other hosts", () => {
    const { site, status, stderr } = build(pages);
    assert.equal(status, 0, stderr);
    const front = readFileSync(join(site, "README.html"), "utf8");
    assert.match(front, /class="caption".*Topic/);
    assert.match(front, /href="docs\/page\.html"/);
    assert.match(front, /href="_downloads\/[^"]*LICENSE"/);
    assert.match(readFileSync(join(site, "searchindex.js"), "utf8"), /heron/);
    const loads =
      /<(?:script|img|iframe|source)\b[^>]*\ssrc="(?:https?:)?\/\/|<link\b[^>]*\shref="(?:https?:)?\/\/|url\(["']?(?:https?:)?\/\/|@import/;
    for (const name of readdirSync(site, { recursive: true, encoding: "utf8" })) {
      if (/\.(html|css)$/.test(name)) assert.doesNotMatch(readFileSync(join(site, name), "utf8"), loads, name);
    }
  });

  test("every dead link, and every page without a topic, is an error that names its place", async (t) => {
    const { status, stderr } = build({
      ...pages,
      "docs/page.md": ["# A page", ...dead.map(([, link]) => link)].join("\n\n"),
      "docs/forgotten.md": "# Forgotten\n",
    });
    assert.notEqual(status, 0);
    for (const [index, [what, , said]] of dead.entries()) {
      await t.test(what, () => {
        const place = `docs/page.md:${3 + 2 * index}: `;
        assert.match(stderr.split("\n").find((line) => line.includes(place)) ?? stderr, said);
      });
    }
    await t.test("a page that no topic has", () => assert.match(stderr, /docs\/forgotten\.md: .*toctree/));
  });
});
