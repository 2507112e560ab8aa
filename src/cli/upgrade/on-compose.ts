import { join, resolve } from "node:path";
import { composeText } from "../../compose/write.ts";
import type { Deployment } from "../../deployment/deployment.ts";
import { driveCompose } from "../../host/compose/driver.ts";
import type { ComposeFile } from "../../host/compose/project.ts";
import { isDirectory, writeWhole } from "../../host/files.ts";
import { makeSecretFiles } from "../../host/secret-directory.ts";
import { runMessage } from "../../upgrade/run-messages.ts";
import { ourselves } from "../owned.ts";
import { text, valueOrStatus } from "../verb.ts";
import type { Opened, Opening } from "./prepared.ts";

/** Writes the files of both releases' projects. @returns what drives the project that they are of. */
export function openCompose({ args, context, planned, directory, own, within, database }: Opening): Opened {
  const { plan } = planned;
  const [before, after] = [planned.before.deployment, planned.after.deployment];
  // Secrets that are missing are made below: in a wrong directory that would be all of them.
  if (!isDirectory(join(directory, "secrets")))
    return { status: context.report([runMessage("upgrade-directory-strange", { directory })]) };
  const fileOf = ({ release, imagePrefix }: Deployment): ComposeFile => ({
    ...{ release, imagePrefix },
    path: join(own, `compose-${release}.yaml`),
  });
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
  const driver = driveCompose({
    project: {
      command: text(args, "engine") ?? "docker",
      name: text(args, "project") ?? before.name,
      directory: resolve(text(args, "project-directory") ?? directory),
      environment: context.passed,
    },
    files: { from: fileOf(before), to: fileOf(after) },
    database,
    shell: plan.kept[0]?.image ?? plan.phases.flatMap(({ services }) => services)[0]?.before ?? "",
    within,
  });
  return { value: driver };
}
