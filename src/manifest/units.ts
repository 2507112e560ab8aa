import type { Deployment } from "../deployment/deployment.ts";
import { imageOf, type ManifestOptions } from "./container.ts";
import { type KubernetesObject, type Mapping, selectorOf } from "./object.ts";
import { isJob, type Pod, podsOf } from "./pods.ts";
import { runnerOf } from "./workloads.ts";
import { objectsOf } from "./write.ts";

/** What one container of a deployment is in a cluster: a container of the pods that an object runs. */
export type Unit = {
  readonly runner: KubernetesObject;
  readonly namespace: string;
  /** The runner's name. */
  readonly name: string;
  readonly container: string;
  /** As pods call it. */
  readonly image: string;
  /** Servers end with the pod, so that the container is replaced in it. Else all pods of the runner are replaced. */
  readonly inPod: boolean;
  /** What the pods need beside: Services, policies, claims. */
  readonly beside: readonly KubernetesObject[];
};

/** The Job that runs a job, and the policies and the account that its pod needs. */
export type JobUnit = {
  readonly namespace: string;
  readonly spec: Mapping;
  readonly beside: readonly KubernetesObject[];
};

/** A deployment in one release, in the parts that an upgrade replaces one by one. */
export type Units = {
  /** By the names of services; of a hypervisor's by those of its containers. */
  readonly services: ReadonlyMap<string, Unit>;
  /** A Job for each job, also where the cluster runs it by the clock, by the names of workloads. */
  readonly jobs: ReadonlyMap<string, JobUnit>;
  /** All that runs no service by itself: Services, policies, claims, CronJobs. */
  readonly others: readonly KubernetesObject[];
};

type Named = { readonly metadata: { readonly labels?: Readonly<Record<string, string>> } };

const isClaim = ({ kind }: KubernetesObject): boolean =>
  kind === "PersistentVolumeClaim" || kind === "PersistentVolume";

/** @returns the objects with a pod's name: its Services, its policy, its account. */
function ownOf(deployment: Deployment, { name }: Pod, others: readonly KubernetesObject[]) {
  const [label = "", value] = Object.entries(selectorOf(deployment, name))[0] ?? [];
  return others.filter(
    (object) => object.kind !== "CronJob" && (object as unknown as Named).metadata.labels?.[label] === value,
  );
}

type JobObject = { readonly spec: Mapping & { readonly jobTemplate?: { readonly spec: Mapping } } };

/** @returns the parts of a deployment's manifests. */
export function unitsOf(deployment: Deployment, said: ManifestOptions): Units {
  const pods = podsOf(deployment);
  const others = objectsOf(deployment, said)
    .map(([, object]) => object)
    .filter(({ kind }) => !["Deployment", "StatefulSet", "Job"].includes(kind));
  const services = pods
    .filter((pod) => !isJob(pod))
    .flatMap((pod) => {
      const runner = runnerOf(deployment, said, pod);
      const beside = [...others.filter(isClaim), ...ownOf(deployment, pod, others)];
      return pod.parts.map(({ workload, container }): readonly [string, Unit] => [
        container.name,
        {
          ...{ runner, beside, namespace: pod.namespace, name: pod.name },
          ...{ container: workload.name, image: imageOf(deployment, said.images, workload) },
          inPod: pod.runs === "hypervisor",
        },
      ]);
    });
  const jobs = pods.filter(isJob).flatMap((pod) => {
    const { spec } = runnerOf(deployment, said, pod) as unknown as JobObject;
    const beside = ownOf(deployment, pod, others);
    const own: JobUnit = { namespace: pod.namespace, spec: spec.jobTemplate?.spec ?? spec, beside };
    return pod.parts.map(({ workload }) => [workload.name, own] as const);
  });
  return { services: new Map(services), jobs: new Map(jobs), others };
}
