import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

test("every relative link in the documentation leads somewhere", () => {
  const pages = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "images/README.md",
    ...readdirSync("docs", { recursive: true, encoding: "utf8" }).map((name) => `docs/${name}`),
  ];
  const broken = pages
    .filter((page) => page.endsWith(".md"))
    .flatMap((page) =>
      [...readFileSync(page, "utf8").matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
        .map(([, target = ""]) => new URL(target, `file://${process.cwd()}/${page}`))
        .filter((url) => {
          try {
            readdirSync(url);
            return false;
          } catch (error) {
            return (error as NodeJS.ErrnoException).code !== "ENOTDIR";
          }
        })
        .map((url) => `${page}: ${url.pathname}`),
    );
  assert.deepEqual(broken, []);
});
