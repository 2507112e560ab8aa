import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { graphOf } from "../../src/graph/graph.ts";
import { svgOf } from "../../src/graph/svg.ts";
import type { Plan } from "../../src/upgrade/plan.ts";
import { reportHtml } from "../../src/upgrade/report.ts";
import { hostileDeployment, hostileNames } from "../graph/hostile.ts";
import { openBrowser } from "../support/browser.ts";
import { judge, missingPython } from "../support/python.ts";
import { planOf, sideOf } from "../support/upgrades.ts";

const own = planOf("2025.1", "2026.1");
const pictures = {
  before: svgOf(graphOf(sideOf("2025.1").deployment)),
  after: svgOf(graphOf(sideOf("2026.1").deployment)),
};
const report = reportHtml(own, pictures);

/** Every text of a plan is a hostile one. */
function hostile(value: unknown, text: string): unknown {
  if (typeof value === "string") return /^[a-z]+$/.test(value) ? value : `${value}${text}`;
  if (Array.isArray(value)) return value.map((one) => hostile(one, text));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, hostile(one, text)]));
}
const hostilePictures = { before: svgOf(graphOf(hostileDeployment)), after: svgOf(graphOf(hostileDeployment)) };
const hostileReport = (text: string): string => reportHtml(hostile(own, text) as Plan, hostilePictures);

type Read = {
  readonly elements: readonly string[];
  readonly attributes: readonly string[];
  readonly links: readonly string[];
  readonly text: string;
};
const read = (text: string): Read => judge<Read>(new URL("read_report.py", import.meta.url), text);

describe("a report, by an XML parser", { skip: missingPython("xml.etree") }, () => {
  const { elements, attributes, links, text } = read(report);

  test("is well-formed, and links only to itself", () => {
    assert.deepEqual(
      links.filter((link) => !link.startsWith("#")),
      [],
    );
    for (const name of [
      "script",
      "iframe",
      "object",
      "embed",
      "form",
      "link",
      "base",
      "img",
      "image",
      "foreignObject",
      "use",
    ])
      assert.ok(!elements.includes(name), name);
    assert.deepEqual(
      attributes.filter((name) => name.startsWith("on") || name === "src"),
      [],
    );
    assert.doesNotMatch(report.replaceAll("http://www.w3.org/2000/svg", ""), /url\(|@import/);
  });

  test("has every phase with its commands, every file that changes, every component's options, and both pictures", () => {
    for (const { title, commands, back } of own.phases) {
      assert.ok(text.includes(title), title);
      for (const command of [...commands, ...back.commands]) assert.ok(text.includes(command), command);
    }
    for (const { path, hunks } of own.files.filter(({ change }) => change !== "same")) {
      assert.ok(text.includes(path), path);
      for (const { lines } of hunks)
        for (const line of lines) assert.ok(text.includes(`${line.sign} ${line.text}`), line.text);
    }
    for (const { changes } of own.options)
      for (const { section, option } of changes) assert.ok(text.includes(`[${section}] ${option}`), option);
    assert.equal(elements.filter((name) => name === "svg").length, 2);
  });

  for (const name of hostileNames) {
    test(`shows ${JSON.stringify(name)} as text`, () => {
      const bad = read(hostileReport(name));
      assert.deepEqual(
        [...new Set(bad.elements)].toSorted(),
        [...new Set([...elements, "h3", "ins", "del", "ul", "li"])]
          .filter((one) => bad.elements.includes(one))
          .toSorted(),
      );
      assert.deepEqual(bad.attributes, attributes);
      const shown = name.startsWith("\0") ? "\\u0000\\u001b\\u202e\\ufffe\\ud800" : name;
      assert.ok(bad.text.includes(`keystone-server${shown}`), shown);
    });
  }
});

describe("a report, in a browser", {
  skip: spawnSync("chromium", ["--version"]).error ? "needs chromium" : false,
}, () => {
  test("makes no request, runs nothing, and shows hostile values of the model as text", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.end();
    });
    await new Promise<void>((listening) => void server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    const text = `"><img src="http://127.0.0.1:${port}/img" onerror="document.title='run'"><script>document.title='run'</script><style>@import url(http://127.0.0.1:${port}/css);</style>`;
    const directory = mkdtempSync(join(tmpdir(), "plinth-report-"));
    after(() => rmSync(directory, { recursive: true, force: true }));
    writeFileSync(join(directory, "report.html"), hostileReport(text));
    const browser = await openBrowser();
    try {
      await browser.goto(`file://${directory}/report.html`);
      await browser.until("document.readyState === 'complete'");
      type Seen = {
        readonly title: string;
        readonly asked: number;
        readonly made: number;
        readonly phases: number;
        readonly shown: boolean;
      };
      const seen = await browser.evaluate<Seen>(`({
        title: document.title,
        asked: performance.getEntriesByType("resource").length,
        made: document.querySelectorAll("img, script, main style:not(svg style)").length,
        phases: document.querySelectorAll("#phases > details").length,
        shown: document.body.textContent.includes(${JSON.stringify(text)}),
      })`);
      assert.deepEqual(
        [seen.asked, seen.made, seen.phases, seen.shown, seen.title.includes("run'")],
        [0, 0, own.phases.length, true, true],
      );
      assert.deepEqual(asked, []);
    } finally {
      await browser.close();
      server.close();
    }
  });
});
