import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { plinth } from "../support/plinth.ts";
import { isCommand, stepsOf } from "./blocks.ts";
import { clusterPages, needsClusterBound, readPages } from "./pages.ts";

/** What can be known of blocks that need a cluster where there is none. With KUBECONFIG, `make docs-test` runs them. */

const blocks = readPages(".").blocks.filter(isCommand);
const needing = blocks.filter(({ needs }) => needs === "cluster");
const place = ({ page, line }: (typeof needing)[number]): string => `${page}:${line}`;
const textOf = (block: (typeof needing)[number]): string =>
  stepsOf(block)
    .map(({ text }) => text)
    .join("");

/** The simple commands of a block: what stands at the beginning of a line, or behind a pipe or an operator. */
const commandsIn = (text: string): readonly (readonly string[])[] =>
  text
    .replaceAll("\\\n", " ")
    .split(/\n|&&|\|\||\|/)
    .map((command) => command.trim().split(/\s+/))
    .filter(([first = ""]) => first !== "");

const commandsOf = (program: string) =>
  needing.flatMap((block) =>
    commandsIn(textOf(block)).flatMap(([first, ...words]) => (first === program ? [{ at: place(block), words }] : [])),
  );

test("only these pages need a cluster, and no more of its blocks than were", () => {
  assert.deepEqual([...new Set(needing.map(({ page }) => page))], clusterPages);
  assert.equal(needing.length, needsClusterBound, needing.map(place).join("\n"));
});

describe("a block that needs a cluster", () => {
  test("is a script that bash reads", () => {
    for (const block of needing) {
      const { status, stderr } = spawnSync("bash", ["-n"], { input: textOf(block), encoding: "utf8" });
      assert.equal(status, 0, `${place(block)}: ${stderr}`);
    }
  });

  test("asks make for targets that there are", () => {
    const targets = new Set(readFileSync("Makefile", "utf8").match(/^[a-z0-9-]+(?=:)/gm));
    const asked = commandsOf("make");
    assert.ok(asked.length > 0);
    for (const { at, words } of asked) {
      const [target = ""] = words.filter((word) => !/=|"/.test(word));
      assert.ok(targets.has(target), `${at}: the Makefile has no target ${target}`);
    }
  });

  test("gives plinth verbs and options that it knows", () => {
    const asked = commandsOf("plinth");
    assert.ok(asked.length > 0);
    for (const { at, words } of asked) {
      const [verb = ""] = words;
      const { status, stdout } = plinth([verb, "--help"]);
      assert.equal(status, 0, `${at}: plinth has no verb ${verb}`);
      for (const option of words.filter((word) => word.startsWith("--"))) {
        assert.ok(stdout.includes(`${option.split("=")[0]} `), `${at}: plinth ${verb} has no option ${option}`);
      }
    }
  });
});
