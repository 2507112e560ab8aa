/**
 * Says what keeps a deployment from starting in the cluster, before anything is built or applied for it (make kubernetes-up): what is
 * wrong with the model, no cluster, and all that the cluster lacks or would refuse. Writes the manifests.
 *
 * Exit status: 0; 75 where no cluster answers; 78 where the model or the cluster is wrong.
 */
import { writeManifests } from "../../src/cli/manifests.ts";
import { kubernetesEngine } from "../../src/deployment/engine.ts";
import { describeNamed, openNamed, tellWrong } from "../stack/model.ts";
import { clusterTroubles } from "./check.ts";
import { clusterTrouble } from "./checks/facts.ts";
import { clusterDeployment, manifestsDirectory, readApplied } from "./deployment.ts";

async function main(): Promise<number> {
  const deployment = clusterDeployment(process.env);
  const model = openNamed(process.env);
  const described = describeNamed(process.env, kubernetesEngine);
  if (!model.ok) return tellWrong(model.diagnostics);
  if (!described.ok) return tellWrong(described.diagnostics);
  const away = await clusterTrouble();
  if (away !== undefined) {
    process.stderr.write(`make kubernetes-up: ${away}\n`);
    return 75;
  }
  const written = writeManifests(manifestsDirectory(deployment), described.value, {});
  if (!written.ok) return tellWrong(written.diagnostics);
  const force = (process.env["FORCE"] ?? "") !== "";
  const objects = await readApplied(deployment);
  return tellWrong(await clusterTroubles(objects, { described: described.value, model: model.value, force }));
}

process.exitCode = await main();
