/**
 * Starts the model's deployment in a cluster of Kubernetes, or makes it what the model says now, and ends when the cloud works:
 * `node scripts/kubernetes/up.ts` (make kubernetes-up). The cluster is that of KUBECONFIG.
 *
 * Exit status: 0; 75 when it does not work in time, or cannot be brought to the cluster; 78 where the model is wrong.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeManifests } from "../../src/cli/manifests.ts";
import type { Deployment as Described } from "../../src/deployment/deployment.ts";
import { kubernetesEngine } from "../../src/deployment/engine.ts";
import type { Images } from "../../src/manifest/write.ts";
import { watchCloud } from "../stack/cloud.ts";
import { type Deployment, secret, writeCredentials } from "../stack/deployment.ts";
import { endpointsPath, readEndpoints } from "../stack/endpoints.ts";
import { describeNamed, tellWrong } from "../stack/model.ts";
import { type Look, startTimeoutSeconds, tellNext, untilItWorks } from "../stack/progress.ts";
import { writeClouds } from "./clouds.ts";
import {
  appliedDirectory,
  clusterDeployment,
  holdersOf,
  imagesIn,
  manifestsDirectory,
  namespacesOf,
  readApplied,
} from "./deployment.ts";
import { findEndpoints } from "./endpoints.ts";
import { updateHypervisors } from "./hypervisors.ts";
import { type KubernetesObject, kubectl, mustKubectl } from "./kubectl.ts";
import { hasPods, isHypervisor, nameOf, type WorkloadObject } from "./objects.ts";
import { activities, type EventObject, openOf, type PodObject, rolledPods } from "./progress.ts";
import { publish } from "./publish.ts";
import { openReader, type Read } from "./reader.ts";
import { keepAdministrator, makeSecrets } from "./secrets.ts";
import { removeStale } from "./stale.ts";

const say = (text: string): boolean => process.stderr.write(`${text}\n`);

const podsOf = async (read: Read, { name }: Deployment): Promise<readonly PodObject[]> => {
  const lists = namespacesOf({ name }).map((one) => read<PodObject>("Pod", one, `app.kubernetes.io/instance=${name}`));
  return (await Promise.all(lists)).flat();
};

/** What runs pods by itself, as it is now; what CronJobs started is no part of it. */
async function workloadsOf(read: Read, { name }: Deployment): Promise<readonly WorkloadObject[]> {
  const kinds = ["Deployment", "StatefulSet", "Job"] as const;
  const lists = namespacesOf({ name }).flatMap((namespace) =>
    kinds.map((kind) => read<WorkloadObject>(kind, namespace, `app.kubernetes.io/instance=${name}`)),
  );
  return (await Promise.all(lists)).flat().filter(({ metadata }) => (metadata.ownerReferences ?? []).length === 0);
}

/** Names of jobs that no server waits for. */
const lastJobs = ({ workloads }: Described): ReadonlySet<string> =>
  new Set(workloads.filter(({ kind, priority }) => kind === "job" && priority === "last").map(({ group }) => group));

/** What does not run yet. @param objects that were applied: what is there beside them ends. */
async function lookAt(
  read: Read,
  deployment: Deployment,
  objects: readonly KubernetesObject[],
  last: ReadonlySet<string>,
): Promise<Look> {
  const [workloads, pods] = await Promise.all([workloadsOf(read, deployment), podsOf(read, deployment)]);
  // What kubelet is at is asked for only while a pod has no container that runs: there are more events than anything else.
  const isStarting = pods.some(({ status }) => status?.phase === "Pending");
  const events = isStarting
    ? await Promise.all(namespacesOf(deployment).map((one) => read<EventObject>("Event", one)))
    : [];
  const wanted = new Set(objects.filter(hasPods).map((one) => `${one.metadata.namespace} ${nameOf(one)}`));
  const ours = workloads.filter((one) => wanted.has(`${one.metadata.namespace} ${nameOf(one)}`));
  const jobs = ours.filter(({ kind }) => kind === "Job");
  const serving = jobs.filter(({ metadata }) => !last.has(metadata.labels?.["app.kubernetes.io/name"] ?? ""));
  return { open: openOf(ours, pods, activities(events.flat())), early: openOf(serving, pods).length > 0 };
}

/** Applies what is in a directory. @returns what the cluster said, where it refused something. */
async function apply(directory: string, force: boolean): Promise<string | undefined> {
  const words = ["apply", "--server-side", ...(force ? ["--force-conflicts"] : []), "--kustomize", directory];
  const { status, stderr } = await kubectl(words);
  return status === 0 ? undefined : stderr.trim();
}

/** Says what was replaced. @returns the same, for up.json. */
function tellRolled(
  before: readonly PodObject[],
  now: readonly PodObject[],
  containers: Readonly<Record<string, readonly string[]>>,
) {
  const rolled = rolledPods(before, now);
  if (before.length > 0) {
    const counts = Object.entries(rolled).map(([name, count]) => `${name} ${count}`);
    say(counts.length === 0 ? "no pod was replaced" : `pods replaced: ${counts.join(", ")}`);
    for (const [pod, names] of Object.entries(containers)) say(`containers replaced in ${pod}: ${names.join(" ")}`);
  }
  return rolled;
}

async function main(): Promise<number> {
  const deployment = clusterDeployment(process.env);
  const { name, directory } = deployment;
  mkdirSync(directory, { recursive: true });
  const described = describeNamed(process.env, kubernetesEngine);
  if (!described.ok) return tellWrong(described.diagnostics);
  const write = (images: Images) => writeManifests(manifestsDirectory(deployment), described.value, images);
  const written = write({});
  if (!written.ok) return tellWrong(written.diagnostics);
  const published = await publish(deployment, imagesIn(await readApplied(deployment), deployment));
  if (!published.ok) {
    say(published.problem);
    return published.status;
  }
  if (published.brought.length > 0) {
    say(
      `${published.brought.length} images brought to the cluster in ${published.seconds.toFixed(0)} s: ${published.brought.join(" ")}`,
    );
  }
  write(published.references);
  const objects = await readApplied(deployment);
  // Secrets are in namespaces, and a pod that misses one is asked again after a while only.
  const namespaces = { apiVersion: "v1", kind: "List", items: objects.filter(({ kind }) => kind === "Namespace") };
  await mustKubectl(["apply", "--server-side", "--filename", "-"], JSON.stringify(namespaces));
  const status = await makeSecrets(deployment);
  if (status !== 0) return status;
  await keepAdministrator(deployment);

  using reader = await openReader();
  const { read } = reader;
  const before = await podsOf(read, deployment);
  const began = performance.now();
  const started = new Date().toISOString();
  const pods = objects.filter(hasPods).length;
  say(`applying ${objects.length} objects of ${name}, ${pods} of which run pods, OpenStack ${deployment.release}`);
  const refused = await apply(appliedDirectory(deployment), (process.env["FORCE"] ?? "") !== "");
  if (refused !== undefined) {
    say(`the cluster did not take all of them:\n${refused}\nmake kubernetes-down removes what was made so far`);
    return 75;
  }
  const updated = await updateHypervisors(namespacesOf(deployment), holdersOf(described.value));
  for (const pod of updated.left) {
    const namespace = objects.find((one) => hasPods(one) && isHypervisor(one))?.metadata.namespace ?? "";
    say(
      `${pod} is left as it is, though it is another one now: its servers would end. To replace it: kubectl --namespace ${namespace} delete pod ${pod}`,
    );
  }
  writeFileSync(
    endpointsPath(directory),
    `${JSON.stringify(await findEndpoints(described.value, name), undefined, 2)}\n`,
  );
  const works = await untilItWorks(
    () => lookAt(read, deployment, objects, lastJobs(described.value)),
    watchCloud(secret(deployment, "admin"), readEndpoints(directory)),
    began,
  );
  if (works === undefined) {
    say(
      `the cloud does not work after ${startTimeoutSeconds} s. See what its pods say: kubectl --namespace ${name} get pods, kubectl --namespace ${name} logs deployment/keystone-server`,
    );
    return 75;
  }
  const stale = await removeStale(objects, name, namespacesOf(deployment));
  if (stale.removed.length > 0) say(`no longer in the model, removed: ${stale.removed.map(nameOf).join(" ")}`);
  for (const { metadata, kind } of stale.kept) {
    say(
      `no longer in the model, left with what it holds: kubectl --namespace ${metadata.namespace} delete ${kind.toLowerCase()} ${metadata.name}`,
    );
  }
  const rolled = tellRolled(before, await podsOf(read, deployment), updated.containers);
  const credentials = writeCredentials(deployment);
  writeClouds(deployment);
  const up = {
    release: deployment.release,
    started,
    works_after_s: works.all,
    servers_after_s: works.servers,
    images_brought: published.brought.length,
    images_s: published.seconds,
    rolled_pods: rolled,
    replaced_containers: updated.containers,
  };
  writeFileSync(join(directory, "up.json"), `${JSON.stringify(up)}\n`);
  tellNext(works.all, {
    dashboard: readEndpoints(directory).dashboard ?? "",
    directory,
    credentials,
    client: "make kubernetes-openstack",
  });
  return 0;
}

process.exitCode = await main();
