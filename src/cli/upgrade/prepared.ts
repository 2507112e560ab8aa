import { join, resolve } from "node:path";
import { composeText } from "../../compose/write.ts";
import type { Deployment } from "../../deployment/deployment.ts";
import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import { driveCompose } from "../../host/compose/driver.ts";
import type { ComposeFile } from "../../host/compose/project.ts";
import { writeWhole } from "../../host/files.ts";
import { openFolder } from "../../host/inventory/inventory.ts";
import { releasePath } from "../../image/recipe.ts";
import { openModel } from "../../model/model.ts";
import { refuseRelease } from "../../pillar/pillar.ts";
import { planUpgrade } from "../../upgrade/compute.ts";
import type { Driver } from "../../upgrade/driver.ts";
import type { Plan } from "../../upgrade/plan.ts";
import { templatesBeside } from "../baking.ts";
import { describeModel, templatesIn } from "../describing.ts";
import { cliMessage } from "../messages.ts";
import { modelOptions, overridesOf } from "../model/opened.ts";
import { modelFolder } from "../model-folder.ts";
import { ourselves } from "../owned.ts";
import { nodeOptions } from "../source.ts";
import { type Arguments, type Context, type Options, text } from "../verb.ts";

/** What the verbs take that change a cloud. */
export const carryOptions = {
  ...modelOptions,
  templates: nodeOptions.templates,
  from: { type: "string", describe: "The release that the cloud is of" },
  to: { type: "string", describe: "The release that it is to be of" },
  project: {
    type: "string",
    describe: "The project of Docker Compose; the model's deploy_name, where nothing is said",
  },
  folder: {
    type: "string",
    default: ".",
    describe: "Where the project's compose.yaml and secrets are. What the upgrade writes goes to its folder upgrade",
  },
  "project-directory": {
    type: "string",
    describe: "What Compose takes relative paths from; the folder, where nothing is said",
  },
  engine: { type: "string", default: "docker", describe: "The container engine's command" },
  timeout: {
    type: "string",
    default: "300",
    describe: "Seconds that a container may take until it serves, and that another upgrade's lock is waited for",
  },
} as const satisfies Options;

/** An upgrade that can be carried out. */
export type Prepared = {
  readonly plan: Plan;
  readonly driver: Driver;
  /** Where what the upgrade writes goes. */
  readonly folder: string;
  readonly patience: number;
};

function describeOf(args: Arguments, context: Context, option: "from" | "to"): Result<Deployment> {
  const release = text(args, option);
  if (release === undefined) {
    return failure([cliMessage("usage", { problem: `--${option} names no release`, verb: "upgrade run" })]);
  }
  const refused = refuseRelease(release, { kind: "named", name: `--${option}` });
  if (refused) return failure([refused]);
  const source = openFolder(modelFolder(args, context));
  if (!source.ok) return source;
  const overrides = overridesOf(args);
  if (!overrides.ok) return overrides;
  const model = openModel(source.value, { overrides: new Map([...overrides.value, [releasePath, release]]) });
  if (!model.ok) return model;
  return describeModel(model.value, templatesIn(text(args, "templates") ?? templatesBeside()));
}

/** Computes the plan, and writes the files of both releases' projects. */
export function prepare(args: Arguments, context: Context): Result<Prepared> {
  const before = describeOf(args, context, "from");
  if (!before.ok) return before;
  const after = describeOf(args, context, "to");
  if (!after.ok) return after;
  const seconds = Number(text(args, "timeout"));
  if (!Number.isFinite(seconds) || seconds < 1) {
    const problem = `--timeout ${text(args, "timeout")} is no number of seconds`;
    return failure([cliMessage("usage", { problem, verb: "upgrade run" })]);
  }
  const folder = resolve(text(args, "folder") ?? ".");
  const own = join(folder, "upgrade");
  const fileOf = ({ release, imagePrefix }: Deployment): ComposeFile => ({
    ...{ release, imagePrefix },
    path: join(own, `compose-${release}.yaml`),
  });
  const files = { from: fileOf(before.value), to: fileOf(after.value) };
  const how = { by: "plinth upgrade", secretsFolder: join(folder, "secrets") };
  const written = writeWhole(
    [before.value, after.value].map((deployment) => ({
      ...{ path: fileOf(deployment).path, mode: 0o644, owner: ourselves() },
      text: composeText(deployment, how),
    })),
  );
  if (!written.ok) return written;
  const plan = planUpgrade(before.value, after.value, { model: "" });
  const database = before.value.workloads.find(({ image, kind }) => image === "mysql-server" && kind === "service");
  const shell = plan.kept[0]?.image ?? plan.phases.flatMap(({ services }) => services)[0]?.before ?? "";
  const driver = driveCompose({
    project: {
      command: text(args, "engine") ?? "docker",
      name: text(args, "project") ?? before.value.name,
      folder: resolve(text(args, "project-directory") ?? folder),
      environment: context.passed,
    },
    ...{ files, shell, within: seconds * 1000, database: database?.containers[0]?.name },
  });
  return success({ plan, driver, folder: own, patience: seconds * 1000 });
}
