import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { templatesIn } from "../../src/cli/describing.ts";
import { listsIn } from "../../src/cli/option-lists.ts";
import { describeSide } from "../../src/cli/upgrade/side.ts";
import { composeEngine, type Engine } from "../../src/deployment/engine.ts";
import { openDirectory } from "../../src/host/inventory/inventory.ts";
import { openModel } from "../../src/model/model.ts";
import { planUpgrade } from "../../src/upgrade/compute.ts";
import type { Plan } from "../../src/upgrade/plan.ts";
import type { Side } from "../../src/upgrade/side.ts";
import { setLine } from "./deployment.ts";
import { mustBe } from "./must-be.ts";

const load = templatesIn("config-templates");
const read = listsIn("config-templates");

/** What a model may say otherwise: `replicas` of an API each, `_param:networking`. */
export type Said = Readonly<Record<string, string>>;

const sides = new Map<string, Side>();

/** Describes the project's own model in a release. */
export function sideOf(release: string, said: Said = {}, directory = "model", engine: Engine = composeEngine): Side {
  const key = JSON.stringify([release, said, directory, engine.name]);
  const known = sides.get(key);
  if (known) return known;
  const overrides = new Map([...Object.entries(said), ["_param:release", release]]);
  const side = mustBe(describeSide(mustBe(openModel(mustBe(openDirectory(directory)), { overrides })), load, engine));
  sides.set(key, side);
  return side;
}

/** Computes a plan without asking whether upstream supports the pair. */
export const planOf = (
  from: string,
  to: string,
  said: Said = {},
  engine: Engine = composeEngine,
  directory = "model",
): Plan => {
  const [before, after] = [from, to].map((release) => sideOf(release, said, directory, engine)) as [Side, Side];
  return planUpgrade(before, after, { read, engine: engine.name, model: "", directory: undefined });
};

/** A copy of the project's model, which is removed with the tests. @param lines parameters that it says otherwise. */
export function copyModel(lines: Said = {}): string {
  const directory = mkdtempSync(join(tmpdir(), "plinth-upgrade-"));
  after(() => rmSync(directory, { recursive: true, force: true }));
  const model = join(directory, "model");
  cpSync("model", model, { recursive: true });
  for (const [name, value] of Object.entries(lines)) setLine(model, name, value);
  return model;
}
