import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { ownPicture, picture } from "../../scripts/graph.ts";
import { describeNamed } from "../../scripts/stack/model.ts";
import { dotOf } from "../../src/graph/dot.ts";
import { graphOf } from "../../src/graph/graph.ts";
import { mermaidOf } from "../../src/graph/mermaid.ts";
import { svgOf } from "../../src/graph/svg.ts";
import { mustBe } from "../support/must-be.ts";
import { judge, missingPython } from "../support/python.ts";
import { deploymentOf, hostileDeployment, hostileNames, workload } from "./hostile.ts";

const own = mustBe(describeNamed({}));

/** The names as a reader sees them: what cannot be shown is written out. */
const seen = hostileNames.map((name) =>
  name === "line\nbreak" ? "line\\nbreak" : name.startsWith("\0") ? "\\u0000\\u001b\\u202e\\ufffe\\ud800" : name,
);

const graphs = [
  ["the model's deployment", graphOf(own)],
  ["one with waits that follow left out", graphOf(own, { brief: true })],
  ["a part of it", graphOf(own, { images: ["horizon-server"] })],
  ["one with hostile names", graphOf(hostileDeployment)],
  ["one that waits for nothing", graphOf(deploymentOf([workload("alone")], []))],
] as const;

test("the README's picture is up to date (make golden)", () => {
  assert.equal(readFileSync(picture, "utf8"), ownPicture());
  assert.match(readFileSync("README.md", "utf8"), new RegExp(`!\\[[^\\]]+\\]\\(${picture}\\)`));
});

describe("an SVG", () => {
  for (const [title, graph] of graphs) {
    test(`of ${title} is XML, and refers to nothing else`, { skip: missingPython("xml.etree") }, () => {
      type Read = { readonly texts: readonly string[]; readonly elements: readonly string[]; readonly links: number };
      const text = svgOf(graph);
      const { texts, elements, links } = judge<Read>(new URL("read_svg.py", import.meta.url), text);
      for (const { services } of graph.images) {
        for (const { ports } of services)
          for (const { port } of ports) assert.ok(texts.some((one) => one.endsWith(`${port}`)));
      }
      assert.deepEqual(
        elements.filter((name) => ["script", "image", "foreignObject", "use", "a"].includes(name)),
        [],
      );
      assert.equal(links, 0);
      // An address of somebody else, but for the names of XML's vocabularies.
      assert.doesNotMatch(text.replaceAll("http://www.w3.org/2000/svg", ""), /https?:|url\(|@import/);
    });
  }

  test("shows hostile names as they are", { skip: missingPython("xml.etree") }, () => {
    const { texts } = judge<{ readonly texts: readonly string[] }>(
      new URL("read_svg.py", import.meta.url),
      svgOf(graphOf(hostileDeployment)),
    );
    for (const name of seen)
      assert.ok(
        texts.some((text) => text.startsWith(name)),
        name,
      );
  });
});

describe("DOT", () => {
  const missing = spawnSync("dot", ["-V"]).error ? "needs dot: apt-get install graphviz" : false;
  for (const [title, graph] of graphs) {
    test(`of ${title} is accepted by Graphviz, with every service and wait`, { skip: missing }, () => {
      const run = spawnSync("dot", ["-Tjson"], { input: dotOf(graph), encoding: "utf8" });
      assert.deepEqual([run.status, run.stderr], [0, ""]);
      type Drawn = {
        readonly objects: readonly { readonly shape?: string; readonly label: string }[];
        readonly edges?: readonly object[];
      };
      const { objects, edges = [] } = JSON.parse(run.stdout) as Drawn;
      const names = graph.images.flatMap(({ services }) => services.map(({ name }) => name));
      assert.equal(objects.filter(({ shape }) => shape === "box").length, names.length);
      assert.equal(edges.length, graph.waits.length);
    });
  }

  test("shows hostile names as they are", { skip: missing }, () => {
    // Of the labels as they are drawn: Graphviz has taken all escapes out of them.
    const run = spawnSync("dot", ["-Tjson"], { input: dotOf(graphOf(hostileDeployment)), encoding: "utf8" });
    const drawn = new Set(
      [...run.stdout.matchAll(/"text": ("(?:[^"\\]|\\.)*")/g)].map(([, text]) => JSON.parse(text ?? "")),
    );
    for (const name of seen) assert.ok(drawn.has(name), name);
  });
});

describe("Mermaid's text", () => {
  // What https://mermaid.js.org/syntax/flowchart.html allows, and no more of it than is written. Mermaid 11 itself took it.
  const text = String.raw`"[\p{L}\p{N} _.,:/()×#;<>-]*"`;
  const line = new RegExp(
    [
      "flowchart LR",
      String.raw`  subgraph image_\d+ \[${text}\]`,
      String.raw`    s_\w+(?:\[${text}\]|\(\[${text}\]\))`,
      "  end",
      String.raw`  s_\w+ (?:-->|-\.->) s_\w+`,
    ]
      .map((form) => `^${form}$`)
      .join("|"),
    "u",
  );
  for (const [title, graph] of graphs) {
    test(`of ${title} has only lines of its grammar, and nothing that HTML or Mermaid would interpret`, () => {
      const [comment = "", ...lines] = mermaidOf(graph).trimEnd().split("\n");
      assert.match(comment, /^%% [^{}%\n]+$/);
      for (const one of lines) {
        assert.match(one, line);
        assert.doesNotMatch(one.replaceAll("<br>", "").replace(/ -\.?->? /, ""), /[<]/);
        assert.doesNotMatch(one, /#(?!\d+;)/);
      }
      const boxes = lines.flatMap((one) => /^ {4}(s_\w+)/.exec(one)?.[1] ?? []);
      assert.equal(new Set(boxes).size, graph.images.flatMap(({ services }) => services).length);
      const ends = lines.flatMap((one) => /^ {2}(s_\w+) \S+ (s_\w+)$/.exec(one)?.slice(1) ?? []);
      assert.equal(ends.length, 2 * graph.waits.length);
      assert.ok(ends.every((end) => boxes.includes(end)));
    });
  }

  test("shows hostile names as they are, once its entities are read", () => {
    const shown = mermaidOf(graphOf(hostileDeployment)).replace(/#(\d+);/g, (_, code) =>
      String.fromCodePoint(Number(code)),
    );
    for (const name of seen) assert.ok(shown.includes(`["${name}<br>`), name);
  });
});
