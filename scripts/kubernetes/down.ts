/**
 * Ends the deployment in the cluster and removes all it made there: both namespaces with all that is in them, and the volumes that it
 * named itself; what those hold is left where it is (make kubernetes-down). KEEP=1 leaves namespaces, volumes and secrets, and removes
 * what runs, so that make kubernetes-up goes on with the same cloud.
 *
 * Exit status: 0; 75 where the cluster did not remove all of it; 78 where a namespace is not plinth's.
 */
import { existsSync, rmSync } from "node:fs";
import { tellWrong } from "../stack/model.ts";
import { clusterTrouble } from "./checks/facts.ts";
import { clusterDeployment, namespacesOf } from "./deployment.ts";
import { type KubernetesObject, kubectl, list } from "./kubectl.ts";
import { clusterMessage } from "./messages.ts";

const deployment = clusterDeployment(process.env, true);
const say = (text: string): boolean => process.stderr.write(`make kubernetes-down: ${text}\n`);

/** Seconds that a cluster may take for all of it: pods have to end first. */
const deleteTimeoutSeconds = 180;

/** What runs, and who may talk to whom. Claims and Secrets stay. */
const running = [
  ...["deployments.apps", "statefulsets.apps", "jobs.batch", "cronjobs.batch", "services"],
  ...["poddisruptionbudgets.policy", "networkpolicies.networking.k8s.io"],
].join(",");

const keeper = "app.kubernetes.io/managed-by";
const ours = `${keeper}=plinth,app.kubernetes.io/instance=${deployment.name}`;

async function remove(words: readonly string[]): Promise<boolean> {
  const within = ["--ignore-not-found", `--timeout=${deleteTimeoutSeconds}s`];
  const { status, stderr } = await kubectl(
    ["delete", ...words, ...within],
    undefined,
    (deleteTimeoutSeconds + 30) * 1000,
  );
  if (status !== 0) say(stderr.trim());
  return status === 0;
}

async function main(): Promise<number> {
  const away = await clusterTrouble();
  if (away !== undefined) {
    say(away);
    return 75;
  }
  const there = (await list<KubernetesObject>("namespaces")).filter(({ metadata }) =>
    namespacesOf(deployment).includes(metadata.name),
  );
  const foreign = there.filter(({ metadata }) => metadata.labels?.[keeper] !== "plinth");
  if (foreign.length > 0) {
    return tellWrong(foreign.map(({ metadata }) => clusterMessage("namespace-taken", { namespace: metadata.name })));
  }
  const names = there.map(({ metadata }) => metadata.name);
  if (deployment.environment["KEEP"]) {
    const done = await Promise.all(names.map((one) => remove([running, "--namespace", one, "--selector", ours])));
    return done.every(Boolean) ? 0 : 75;
  }
  const gone = names.length === 0 || (await remove(["namespace", ...names]));
  const volumes = gone && (await remove(["persistentvolume", "--selector", ours]));
  if (!volumes) {
    say(
      `the cluster did not remove all of ${deployment.name}: kubectl get all --namespace ${deployment.name}, then make kubernetes-down again`,
    );
    return 75;
  }
  if (existsSync(deployment.directory)) rmSync(deployment.directory, { recursive: true });
  return 0;
}

process.exitCode = await main();
