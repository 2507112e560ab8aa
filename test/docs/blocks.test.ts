import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { blocksOf, isShown, stepsOf } from "./blocks.ts";
import { lacking } from "./pages.ts";

/** A page of these lines. */
const read = (...lines: string[]) => blocksOf("page.md", `${lines.join("\n")}\n`);

describe("blocks of a page", () => {
  test("a block has its language, its text, and the line on which that begins, in a list as well", () => {
    const { blocks, mistakes } = read(
      "# Page",
      "",
      "```sh",
      "one",
      "```",
      "",
      "1. first:",
      "",
      "   ```yaml",
      "   a: 1",
      "   ```",
    );
    assert.deepEqual(mistakes, []);
    assert.deepEqual(
      blocks.map(({ line, language, text }) => [line, language, text]),
      [
        [4, "sh", "one\n"],
        [10, "yaml", "a: 1\n"],
      ],
    );
  });

  test("a marker belongs to the command block below it", () => {
    const { blocks, mistakes } = read(
      "<!-- not run: needs a registry -->",
      "```sh",
      "push",
      "```",
      "",
      "```sh",
      "pull",
      "```",
    );
    assert.deepEqual(mistakes, []);
    assert.deepEqual(
      blocks.map(({ notRun }) => notRun),
      ["needs a registry", undefined],
    );
  });

  test("a command block may say that it needs a cluster", () => {
    const { blocks, mistakes } = read("```sh needs=cluster", "kubectl get pods", "```", "", "```sh", "make", "```");
    assert.deepEqual(mistakes, []);
    assert.deepEqual(
      blocks.map(({ language, needs }) => [language, needs]),
      [
        ["sh", "cluster"],
        ["sh", undefined],
      ],
    );
  });

  test("what needs a cluster is run where KUBECONFIG names one, and else has a reason why not", () => {
    const [block] = read("```sh needs=cluster", "kubectl get pods", "```").blocks;
    assert.ok(block);
    assert.match(lacking(block, {}) ?? "", /KUBECONFIG/);
    assert.match(lacking(block, { KUBECONFIG: "" }) ?? "", /KUBECONFIG/);
    assert.equal(lacking(block, { KUBECONFIG: "/home/reader/.kube/config" }), undefined);
    assert.equal(lacking({ needs: undefined }, {}), undefined);
  });

  test("a comment that is not a marker is ignored", () => {
    assert.deepEqual(read("<!-- a note, not more -->", "", "```sh", "one", "```").mistakes, []);
  });

  for (const [what, lines, mistake] of [
    ["a block without a language", ["```", "make", "```"], /^page\.md:1: .* this one is none$/],
    ["a language that nobody knows", ["", "~~~bash", "make", "~~~"], /^page\.md:2: .* this one is bash$/],
    ["an indented block", ["Run:", "", "    make up"], /^page\.md:3: an indented block/],
    ["an indented block in a list", ["- run:", "", "      make up"], /^page\.md:3: an indented block/],
    ["a marker without a reason", ["<!-- not run -->", "```sh", "make", "```"], /^page\.md:1: .* needs a reason/],
    ["a marker with an empty reason", ["<!-- not run:  -->", "```sh", "make", "```"], /^page\.md:1: .* needs a reason/],
    [
      "a marker that is written another way",
      ["<!-- Not-run: slow -->", "```sh", "make", "```"],
      /^page\.md:1: .* needs a reason/,
    ],
    [
      "a marker above a text",
      ["<!-- not run: slow -->", "", "text", "", "```sh", "make", "```"],
      /^page\.md:1: .* no command block/,
    ],
    [
      "a marker above what is no command",
      ["<!-- not run: slow -->", "```yaml", "a: 1", "```"],
      /^page\.md:1: .* no command block/,
    ],
    [
      "a marker above a marker",
      ["<!-- not run: a b -->", "", "<!-- not run: c d -->", "```sh", "make", "```"],
      /^page\.md:1: .* no command/,
    ],
    ["a marker at the end", ["text", "", "<!-- not run: slow -->"], /^page\.md:3: .* no command block/],
    [
      "a need that nobody knows",
      ["```sh needs=luck", "make", "```"],
      /^page\.md:1: .* needs=cluster, and nothing else/,
    ],
    ["a second word", ["```sh needs=cluster twice", "make", "```"], /^page\.md:1: .* needs=cluster, and nothing else/],
    ["a need of what is no command", ["```yaml needs=cluster", "a: 1", "```"], /^page\.md:1: .* nothing else/],
    ["a console without a prompt", ["```console", "make up", "```"], /^page\.md:2: a console begins with/],
  ] as const) {
    test(`${what} is a mistake`, () => {
      const { mistakes } = read(...lines);
      assert.equal(mistakes.length, 1, mistakes.join("\n"));
      assert.match(mistakes[0] ?? "", mistake);
    });
  }
});

describe("a console", () => {
  test("is a step for each prompt, with the lines shown below it", () => {
    const text = "$ one\nits output\n\n> and more\n$ two \\\n> goes on\n$ three\n";
    const block = { page: "page.md", line: 10, language: "console", text, notRun: undefined, needs: undefined };
    assert.deepEqual(stepsOf(block), [
      { line: 10, text: "one\n", shown: "its output\n\n> and more" },
      { line: 14, text: "two \\\ngoes on\n", shown: undefined },
      { line: 16, text: "three\n", shown: undefined },
    ]);
  });

  for (const [shown, output, same] of [
    ["one", "one\n", true],
    ["one", "one\ntwo\n", false],
    ["one", "", false],
    ["one\n...", "one\n", true],
    ["one\n...", "one\ntwo\nthree\n", true],
    ["...\nthree", "one\ntwo\nthree\n", true],
    ["one\n...\nthree", "one\ntwo\nfour\n", false],
    ["after ... s", "after 1.5 s\n", true],
    ["after ... s", "after 1.5 m\n", false],
    ["after ... s", "after\n1 s\n", false],
    ["a.c (d)", "abc (d)\n", false],
    ["one  \n\ntwo", "one\n\ntwo  \n\n", true],
  ] as const) {
    test(`${JSON.stringify(shown)} ${same ? "shows" : "does not show"} ${JSON.stringify(output)}`, () => {
      assert.equal(isShown(shown, output), same);
    });
  }
});
