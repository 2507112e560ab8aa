/**
 * Upgrades the cloud in the cluster of KUBECONFIG to another release (make kubernetes-upgrade TO=2026.1), or takes that back (BACK=1).
 * Builds the images that are missing, and brings them to the cluster first. UNTIL=phase and DRY_RUN=1 are plinth's own --until and
 * --dry-run; FROM is the release that runs, where nothing is said.
 *
 * Exit status: plinth's own; 64 without TO, or with OVERLAY; 69 where no cloud is; 75 where images cannot be brought to the cluster.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kubernetesEngine } from "../../src/deployment/engine.ts";
import type { Deployment } from "../stack/deployment.ts";
import { describeNamed, tellWrong } from "../stack/model.ts";
import { readAsked, upgradeWords } from "../stack/upgrade-words.ts";
import { clusterDeployment, namespacesOf } from "./deployment.ts";
import { kubectl } from "./kubectl.ts";
import { publish, referencesOf } from "./publish.ts";
import { makeSecrets } from "./secrets.ts";

const say = (text: string): boolean => process.stderr.write(`make kubernetes-upgrade: ${text}\n`);
const plinth = "build/bin/plinth";

/** The release of keystone's pods; empty where there are none. */
async function running({ name }: Deployment): Promise<string> {
  const label = "{.metadata.labels.app\\.kubernetes\\.io/version}";
  const [namespace = ""] = namespacesOf({ name });
  const words = ["get", "deployment", "keystone-server", "--namespace", namespace, "--output", `jsonpath=${label}`];
  const { status, stdout } = await kubectl(words);
  return status === 0 ? stdout.trim() : "";
}

/** Writes what pods call a release's images. @returns the words that tell plinth. */
function imagesWords(option: string, { directory, release }: Deployment, images: Readonly<Record<string, string>>) {
  if (Object.keys(images).length === 0) return [];
  const path = join(directory, `images-${release}.json`);
  writeFileSync(path, `${JSON.stringify(images, undefined, 2)}\n`);
  return [option, path];
}

async function main(): Promise<number> {
  const asked = readAsked(process.env);
  const { to } = asked;
  if (to === "") {
    say("TO=2026.1 says to which release");
    return 64;
  }
  if (process.env["OVERLAY"]) {
    say("an upgrade applies the manifests of the model: what OVERLAY changes has to be said in the model first");
    return 64;
  }
  const from = asked.from || (await running(clusterDeployment({ ...process.env, VERSION: to })));
  if (from === "") {
    say("no cloud of this model runs in the cluster: make kubernetes-up starts one");
    return 69;
  }
  const [before, after] = [from, to].map((release) => clusterDeployment({ ...process.env, VERSION: release })) as [
    Deployment,
    Deployment,
  ];
  mkdirSync(before.directory, { recursive: true });
  if (asked.changes) {
    const described = describeNamed(after.environment, kubernetesEngine);
    if (!described.ok) return tellWrong(described.diagnostics);
    const published = await publish(after, [...new Set(described.value.workloads.map(({ image }) => image))]);
    if (!published.ok) {
      say(published.problem);
      return published.status;
    }
    const status = await makeSecrets(after);
    if (status !== 0) return status;
  }
  const words = upgradeWords(asked, from, process.env, [
    ...["--kubernetes", "--directory", before.directory],
    ...imagesWords("--from-images", before, referencesOf(before)),
    ...imagesWords("--images", after, referencesOf(after)),
  ]);
  const { status } = spawnSync(plinth, words, { stdio: "inherit" });
  return status ?? 1;
}

process.exitCode = await main();
