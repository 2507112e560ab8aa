import { isDeepStrictEqual } from "node:util";
import { type KubernetesObject, list, mustKubectl } from "./kubectl.ts";
import { isHypervisor, templateOf, type WorkloadObject } from "./objects.ts";
import type { PodObject } from "./progress.ts";

/**
 * Hypervisors' pods are never replaced by a new template: their servers would end. What can be changed in place is their containers'
 * images: kubelet then restarts that container, and leaves the others alone
 * (https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement).
 */

/** The images of a pod that are to be others, by container. */
function otherImages(workload: WorkloadObject, pod: PodObject): Readonly<Record<string, string>> {
  const there = new Map(pod.spec.containers.map(({ name, image }) => [name, image]));
  return Object.fromEntries(
    templateOf(workload).spec.containers.flatMap(({ name, image }) =>
      there.has(name) && there.get(name) !== image ? [[name, image]] : [],
    ),
  );
}

/** Those that can be changed while servers run. @param holders containers that servers end with. */
export const newImages = (
  workload: WorkloadObject,
  pod: PodObject,
  holders: ReadonlySet<string>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(otherImages(workload, pod)).filter(([container]) => !holders.has(container)));

type Template = { readonly metadata?: Record<string, unknown>; readonly spec: Record<string, unknown> };

/** A template without what is changed in place: images, and what only says by a digest that they are others. */
function lasting({ metadata = {}, spec }: Template): unknown {
  const { annotations: _, labels: __, creationTimestamp: ___, ...others } = metadata;
  const containers = (spec["containers"] as readonly Record<string, unknown>[]).map(({ image: _image, ...own }) => own);
  return { metadata: others, spec: { ...spec, containers } };
}

/** @returns whether pods of one template are, their images aside, as those of another. */
export const differ = (one: Template, other: Template): boolean => !isDeepStrictEqual(lasting(one), lasting(other));

type Revision = KubernetesObject & { readonly data: { readonly spec: { readonly template: Template } } };

/** What became of the hypervisors' pods. */
export type Updated = {
  /** Containers that get another image, by pod. */
  readonly containers: Readonly<Record<string, readonly string[]>>;
  /** Pods that are left as they are, though more than an image has changed. */
  readonly left: readonly string[];
};

/**
 * Gives the containers of running hypervisors their new images.
 *
 * @param namespaces of the deployment. @param holders containers that servers end with: these are left alone.
 */
export async function updateHypervisors(namespaces: readonly string[], holders: ReadonlySet<string>): Promise<Updated> {
  const containers: Record<string, readonly string[]> = {};
  const left: string[] = [];
  for (const namespace of namespaces) {
    const here = ["--namespace", namespace];
    const workloads = (await list<WorkloadObject>("statefulsets", here)).filter(isHypervisor);
    if (workloads.length === 0) continue;
    const [pods, revisions] = await Promise.all([
      list<PodObject>("pods", here),
      list<Revision>("controllerrevisions", here),
    ]);
    for (const workload of workloads) {
      const own = pods.filter(
        ({ metadata: { ownerReferences = [], deletionTimestamp } }) =>
          deletionTimestamp === undefined &&
          ownerReferences.some(({ kind, name }) => kind === "StatefulSet" && name === workload.metadata.name),
      );
      for (const pod of own) {
        const { name } = pod.metadata;
        const images = newImages(workload, pod, holders);
        if (Object.keys(images).length > 0) {
          const patch = {
            spec: { containers: Object.entries(images).map(([container, image]) => ({ name: container, image })) },
          };
          await mustKubectl(["patch", "pod", name, ...here, "--type", "strategic", "--patch", JSON.stringify(patch)]);
          containers[name] = Object.keys(images);
        }
        const revisionOf = (wanted: string | undefined) =>
          revisions.find(({ metadata }) => metadata.name === wanted)?.data.spec.template;
        const before = revisionOf(pod.metadata.labels?.["controller-revision-hash"]);
        const now = revisionOf(workload.status?.updateRevision);
        const isHeld = Object.keys(otherImages(workload, pod)).some((container) => holders.has(container));
        if (isHeld || (before && now && differ(before, now))) left.push(name);
      }
    }
  }
  return { containers, left };
}
