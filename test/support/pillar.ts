import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openDirectory } from "../../src/host/inventory/inventory.ts";
import { type CompiledNode, openModel } from "../../src/model/model.ts";
import { type Files, memorySource } from "./model.ts";
import { mustBe } from "./must-be.ts";

/** The name of a node that a test makes up, and its file as messages show it. */
export const nodeName = "n1";
export const nodeFile = `/model/nodes/${nodeName}.yml`;

const below = (text: string): string => text.replace(/^(?=.)/gm, "  ");

/** A model of one node whose parameters are this YAML text: one line further down in its file, two columns to the right. */
export const modelOf = (text: string, name = nodeName): Files => ({
  [`nodes/${name}.yml`]: `parameters:\n${below(text)}`,
});

/** A node of a model in memory. */
export const compiledNode = (files: Files, name = nodeName): CompiledNode =>
  mustBe(mustBe(openModel(memorySource(files))).compile(name));

/** A node whose parameters are this YAML text. */
export const nodeOf = (text: string, name = nodeName): CompiledNode => compiledNode(modelOf(text, name), name);

const fixtures = new URL("../fixtures/model/", import.meta.url);

/** The images that test/fixtures/model has a full pillar of; the others' is that of the project's own model. */
export const fixtureNames: readonly string[] = readdirSync(new URL("nodes/", fixtures))
  .map((file) => file.replace(/\.yml$/, ""))
  .filter((name) => !name.startsWith("seed-"));

/** The text of a file of test/fixtures/model. */
export const fixtureText = (path: string): string => readFileSync(new URL(path, fixtures), "utf8");

/** A node of test/fixtures/model, its own file changed as a test wants it. */
export const fixtureNode = (name: string, change: (text: string) => string = (text) => text): CompiledNode =>
  compiledNode(
    {
      "classes/lab.yml": fixtureText("classes/lab.yml"),
      [`nodes/${name}.yml`]: change(fixtureText(`nodes/${name}.yml`)),
    },
    name,
  );

const ownModel = fileURLToPath(new URL("../../model", import.meta.url));

/** A node of the project's own model, as `--release` compiles it. */
export const modelNode = (
  name: string,
  release: string,
  overrides: ReadonlyMap<string, string> = new Map(),
): CompiledNode =>
  mustBe(
    mustBe(
      openModel(mustBe(openDirectory(ownModel)), { overrides: new Map([["_param:release", release], ...overrides]) }),
    ).compile(name),
  );
