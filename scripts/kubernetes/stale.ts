import { type KubernetesObject, list, mustKubectl } from "./kubectl.ts";
import { isHypervisor, keyOf, nameOf, type WorkloadObject } from "./objects.ts";

/**
 * What the model no longer has. Jobs whose template has changed have another name; a service that now scales by itself has a
 * Deployment of its own. Data stays: claims are told of, and so are hypervisors, whose servers would end.
 */

const kinds = [
  ...["deployments.apps", "statefulsets.apps", "jobs.batch", "cronjobs.batch", "services", "serviceaccounts"],
  ...["networkpolicies.networking.k8s.io", "poddisruptionbudgets.policy"],
];
const keptKinds = ["persistentvolumeclaims"];

export type Stale = {
  readonly removed: readonly KubernetesObject[];
  /** Left for somebody to remove. */
  readonly kept: readonly KubernetesObject[];
};

/** @returns which live objects of a deployment are not among its objects any more. */
export function staleOf(objects: readonly KubernetesObject[], live: readonly KubernetesObject[]): Stale {
  const wanted = new Set(objects.map(keyOf));
  const stale = live.filter(
    (object) => !wanted.has(keyOf(object)) && (object.metadata.ownerReferences ?? []).length === 0,
  );
  const stays = (object: KubernetesObject): boolean =>
    object.kind === "PersistentVolumeClaim" || isHypervisor(object as WorkloadObject);
  return { removed: stale.filter((object) => !stays(object)), kept: stale.filter(stays) };
}

/** Removes what the model no longer has. @param name of the deployment. */
export async function removeStale(
  objects: readonly KubernetesObject[],
  name: string,
  namespaces: readonly string[],
): Promise<Stale> {
  const ours = `app.kubernetes.io/managed-by=plinth,app.kubernetes.io/instance=${name}`;
  const live = await Promise.all(
    namespaces.map((namespace) =>
      list([...kinds, ...keptKinds].join(","), ["--namespace", namespace, "--selector", ours]),
    ),
  );
  const stale = staleOf(objects, live.flat());
  for (const object of stale.removed) {
    const here = ["--namespace", object.metadata.namespace ?? "default"];
    await mustKubectl(["delete", nameOf(object), ...here, "--wait=false", "--ignore-not-found"]);
  }
  return stale;
}
