import { join } from "node:path";
import type { Deployment as Described } from "../../src/deployment/deployment.ts";
import { namespacesOf as namespacesIn } from "../../src/deployment/namespaces.ts";
import { type Deployment, deploymentOf } from "../stack/deployment.ts";
import { noFacts, readFacts, tellWrong } from "../stack/model.ts";
import { type KubernetesObject, mustKubectl } from "./kubectl.ts";
import { hasPods, readObjects, templateOf } from "./objects.ts";

/** Where what belongs to a deployment in a cluster is on this machine, by its name. */
const directoryOf = (name: string): string => join("build/kubernetes", name);

/**
 * The deployment in the cluster: it has the model's name, which is that of its namespace.
 *
 * @param even where the model cannot be read: what is there can be ended, whatever the model has become.
 */
export function clusterDeployment(environment: NodeJS.ProcessEnv, even = false): Deployment {
  const facts = readFacts(environment);
  if (!facts.ok && !even) process.exit(tellWrong(facts.diagnostics));
  const known = facts.ok ? facts.value : { ...noFacts, deployName: environment["DEPLOY_NAME"] || "plinth" };
  return { ...deploymentOf(environment, known), name: known.deployName, directory: directoryOf(known.deployName) };
}

export const manifestsDirectory = ({ directory }: Deployment): string => join(directory, "manifests");

/** Both namespaces: the control plane's, and that of the hypervisors. */
export const namespacesOf = ({ name }: Pick<Deployment, "name">): readonly string[] => {
  const { control, hypervisors } = namespacesIn(name);
  return [control, hypervisors];
};

/** The directory that is applied: OVERLAY's, a kustomization on top of the manifests, or that of the manifests. */
export const appliedDirectory = (deployment: Deployment): string =>
  deployment.environment["OVERLAY"] || manifestsDirectory(deployment);

/** The objects that are applied, as kustomize makes them. */
export const readApplied = async (deployment: Deployment): Promise<readonly KubernetesObject[]> =>
  readObjects(await mustKubectl(["kustomize", appliedDirectory(deployment)]));

/** The names of the images that the pods of these objects run: `nova-controller`. */
export const imagesIn = (objects: readonly KubernetesObject[], { imagePrefix }: Deployment): readonly string[] => [
  ...new Set(
    objects
      .filter(hasPods)
      .flatMap((workload) => [
        ...templateOf(workload).spec.containers,
        ...(templateOf(workload).spec.initContainers ?? []),
      ])
      .filter(({ image }) => image.startsWith(`${imagePrefix}/`))
      .map(({ image }) => image.slice(imagePrefix.length + 1).replace(/[:@].*$/, "")),
  ),
];

/**
 * The containers that servers live in, by the names that they have in their pods: such a container ends for nothing but its pod's end.
 */
export const holdersOf = ({ namespaces, workloads }: Described): ReadonlySet<string> =>
  new Set(
    workloads
      .filter(({ containers }) => containers.some(({ name }) => namespaces.some(({ holder }) => holder === name)))
      .map(({ name }) => name),
  );
