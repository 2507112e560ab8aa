import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dump, load } from "js-yaml";
import { describeModel, sha256, templatesIn } from "../../src/cli/describing.ts";
import type { Deployment } from "../../src/deployment/deployment.ts";
import { kubernetesEngine } from "../../src/deployment/engine.ts";
import type { Result } from "../../src/diagnostics/diagnostic.ts";
import { openDirectory } from "../../src/host/inventory/inventory.ts";
import { manifestFiles } from "../../src/manifest/write.ts";
import { openModel } from "../../src/model/model.ts";
import { mustBe } from "./must-be.ts";

export type Overrides = Readonly<Record<string, string>>;

/** @returns what the deployment of a model is on Kubernetes. @param set `_param:release` to `kilo`. */
export function describedIn(directory: string, set: Overrides = {}): Result<Deployment> {
  const model = mustBe(openModel(mustBe(openDirectory(directory)), { overrides: new Map(Object.entries(set)) }));
  return describeModel(model, templatesIn("config-templates"), kubernetesEngine);
}

/** @returns the files that `plinth manifests` would write, by their names. */
export const filesOf = (deployment: Deployment): ReadonlyMap<string, string> =>
  new Map(
    manifestFiles(deployment, { by: "a test", images: {}, digest: sha256 }).map(({ name, text }) => [name, text]),
  );

export const filesIn = (directory: string, set: Overrides = {}): ReadonlyMap<string, string> =>
  filesOf(mustBe(describedIn(directory, set)));

/** An object of Kubernetes as its file has it. Tests reach into it as they know it. */
// biome-ignore lint/suspicious/noExplicitAny: the judge of its shape is Kubernetes, not TypeScript
export type Written = any;

/** @returns the objects of a deployment by the names of their files, without `.yml`. */
export const objectsIn = (files: ReadonlyMap<string, string>): Readonly<Record<string, Written>> =>
  Object.fromEntries(
    [...files].flatMap(([name, text]) => (name.endsWith(".yml") ? [[name.slice(0, -4), load(text)] as const] : [])),
  );

/** Lays parameters over nodes of a copy of the project's model. @param nodes a node's name to what it has more. */
export function modelWith(directory: string, nodes: Readonly<Record<string, object>>): string {
  cpSync("model", directory, { recursive: true });
  for (const [node, parameters] of Object.entries(nodes)) {
    const path = join(directory, "nodes", `${node}.yml`);
    writeFileSync(path, `${readFileSync(path, "utf8")}${dump({ parameters })}`);
  }
  return directory;
}
