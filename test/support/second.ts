import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describeModel, templatesIn } from "../../src/cli/describing.ts";
import { composeText } from "../../src/compose/write.ts";
import type { Deployment } from "../../src/deployment/deployment.ts";
import { openDirectory } from "../../src/host/inventory/inventory.ts";
import { openModel } from "../../src/model/model.ts";
import { mustBe } from "./must-be.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The compose project of the second deployment, which `make golden` writes. */
export const secondCompose = here("../fixtures/second/compose.yaml");

/** Lays the second deployment's class over a copy of the project's model. */
export function makeSecondModel(directory: string): void {
  cpSync(here("../../model"), directory, { recursive: true });
  cpSync(here("../fixtures/second/classes"), `${directory}/classes`, { recursive: true });
}

/** What the deployment of a model is. */
export const deploymentIn = (directory: string): Deployment =>
  mustBe(
    describeModel(mustBe(openModel(mustBe(openDirectory(directory)))), templatesIn(here("../../config-templates"))),
  );

/** The compose project of a deployment, as the second one's is kept. */
export const secondText = (deployment: Deployment): string =>
  composeText(deployment, { by: "make golden", secretsDirectory: "build/stack/second/secrets" });
