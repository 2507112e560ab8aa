/**
 * Writes the manifests of the model's deployment: `node scripts/kubernetes/manifests.ts DIRECTORY` (make manifests). They are what
 * make kubernetes-up applies, but for the digests of images.
 *
 * Exit status: 0; 78 where the model is wrong.
 */
import { writeManifests } from "../../src/cli/manifests.ts";
import { kubernetesEngine } from "../../src/deployment/engine.ts";
import { describeNamed, tellWrong } from "../stack/model.ts";

function main([directory = "build/manifests"]: readonly string[]): number {
  const described = describeNamed(process.env, kubernetesEngine);
  if (!described.ok) return tellWrong(described.diagnostics);
  const written = writeManifests(directory, described.value, {});
  if (!written.ok) return tellWrong(written.diagnostics);
  process.stdout.write(
    `${written.value} objects in ${directory}. To apply them: kubectl apply --server-side -k ${directory}, after plinth secrets; or make kubernetes-up\n`,
  );
  return 0;
}

process.exitCode = main(process.argv.slice(2));
