import { join, resolve } from "node:path";
import { composeText } from "../../compose/write.ts";
import type { Deployment } from "../../deployment/deployment.ts";
import { driveCompose } from "../../host/compose/driver.ts";
import type { ComposeFile } from "../../host/compose/project.ts";
import { isDirectory, writeWhole } from "../../host/files.ts";
import { makeSecretFiles } from "../../host/secret-directory.ts";
import type { Driver } from "../../upgrade/driver.ts";
import type { Plan } from "../../upgrade/plan.ts";
import { runMessage } from "../../upgrade/run-messages.ts";
import { ourselves } from "../owned.ts";
import { type Arguments, type Context, type Options, text, valueOrStatus } from "../verb.ts";
import { limitOf } from "../waiting.ts";
import { planned, plannedOptions } from "./planned.ts";

const usualSeconds = 300;

/** What the verbs take that change a cloud. */
export const carryOptions = {
  ...plannedOptions,
  project: {
    type: "string",
    describe: "The project of Docker Compose; the model's deploy_name by default",
  },
  directory: {
    type: "string",
    default: ".",
    describe: "The directory of the project's compose.yaml and secrets. The upgrade writes to its subdirectory upgrade",
  },
  "project-directory": {
    type: "string",
    describe: "The directory that Compose resolves relative paths from; --directory by default",
  },
  engine: { type: "string", default: "docker", describe: "The container engine's command" },
  timeout: {
    type: "string",
    default: String(usualSeconds),
    describe: "Seconds to wait for a container to serve, and for another upgrade's lock",
  },
} as const satisfies Options;

/** An upgrade that can be carried out. */
export type Prepared = {
  readonly plan: Plan;
  readonly driver: Driver;
  /** Where what the upgrade writes goes. */
  readonly directory: string;
  readonly readyTimeoutMs: number;
};

/** Computes the plan, and writes the files of both releases' projects. */
export function prepare(
  args: Arguments,
  context: Context,
  verb: string,
): { readonly value: Prepared } | { readonly status: number } {
  const done = planned(args, context, verb);
  if ("status" in done) return done;
  const { plan } = done.value;
  const [before, after] = [done.value.before.deployment, done.value.after.deployment];
  const limit = valueOrStatus(limitOf(text(args, "timeout"), usualSeconds), context);
  if ("status" in limit) return limit;
  const directory = resolve(text(args, "directory") ?? ".");
  // Secrets that are missing are made below: in a wrong directory that would be all of them.
  if (!isDirectory(join(directory, "secrets")))
    return { status: context.report([runMessage("upgrade-directory-strange", { directory })]) };
  const own = join(directory, "upgrade");
  const fileOf = ({ release, imagePrefix }: Deployment): ComposeFile => ({
    ...{ release, imagePrefix },
    path: join(own, `compose-${release}.yaml`),
  });
  const files = { from: fileOf(before), to: fileOf(after) };
  const how = { by: "plinth upgrade", secretsDirectory: join(directory, "secrets") };
  const written = valueOrStatus(
    writeWhole(
      [before, after].map((deployment) => ({
        ...{ path: fileOf(deployment).path, mode: 0o644, owner: ourselves() },
        text: composeText(deployment, how),
      })),
    ),
    context,
  );
  if ("status" in written) return written;
  // Those that are there stay as they are.
  makeSecretFiles(join(directory, "secrets"), after.secrets);
  const database = before.workloads.find(({ image, kind }) => image === "mysql-server" && kind === "service");
  const shell = plan.kept[0]?.image ?? plan.phases.flatMap(({ services }) => services)[0]?.before ?? "";
  const driver = driveCompose({
    project: {
      command: text(args, "engine") ?? "docker",
      name: text(args, "project") ?? before.name,
      directory: resolve(text(args, "project-directory") ?? directory),
      environment: context.passed,
    },
    ...{ files, shell, within: limit.value, database: database?.containers[0]?.name },
  });
  return { value: { plan, driver, directory: own, readyTimeoutMs: limit.value } };
}
