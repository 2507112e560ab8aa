import type { Container, Deployment, Workload } from "../deployment/deployment.ts";

/** A container of a pod, with what is true of all of its workload. */
export type Part = { readonly workload: Workload; readonly container: Container };

/** Pods that are alike: those of a Deployment, a StatefulSet or a Job. */
export type Pod = {
  readonly name: string;
  readonly namespace: string;
  readonly parts: readonly Part[];
  readonly runs: Workload["runs"];
  readonly replicas: number;
  /** The image, or `hypervisor`. */
  readonly component: string;
  /** The host name that it always has; undefined where each has its own. */
  readonly hostname?: string;
};

/** @returns the pods of services on the control plane, and of jobs: those of one group are one. */
function controlPods(deployment: Deployment): readonly Pod[] {
  const workloads = deployment.workloads.filter(({ runs }) => runs !== "hypervisor");
  return [...Map.groupBy(workloads, ({ group }) => group)].map(([name, members]): Pod => {
    const [first] = members as [Workload, ...Workload[]];
    const isAlone = first.runs !== "replicas" && first.kind === "service";
    return {
      name,
      namespace: deployment.cluster.namespaces.control,
      parts: members.map((workload) => ({ workload, container: workload.containers[0] as Container })),
      runs: first.runs,
      replicas: first.containers.length,
      component: first.image,
      ...(isAlone ? { hostname: name } : {}),
    };
  });
}

/** @returns the pod of each hypervisor: the container that takes its servers in is started first. */
function hypervisorPods(deployment: Deployment): readonly Pod[] {
  return deployment.namespaces.map(({ name, holder }): Pod => {
    const parts = deployment.workloads
      .filter(({ runs }) => runs === "hypervisor")
      .flatMap((workload) =>
        workload.containers.flatMap((container) => (container.hostname === name ? [{ workload, container }] : [])),
      );
    return {
      name,
      namespace: deployment.cluster.namespaces.hypervisors,
      parts: [
        ...parts.filter(({ container }) => container.name === holder),
        ...parts.filter(({ container }) => container.name !== holder),
      ],
      runs: "hypervisor",
      replicas: 1,
      component: "hypervisor",
      hostname: name,
    };
  });
}

export const podsOf = (deployment: Deployment): readonly Pod[] => [
  ...controlPods(deployment),
  ...hypervisorPods(deployment),
];

/**
 * @returns the Secrets that a pod changes: what it keeps by its row is one, and nobody changes a Secret by the files that are mounted
 * of it.
 */
export const changedSecrets = ({ volumes }: Deployment, { parts }: Pod): readonly string[] => [
  ...new Set(
    parts.flatMap(({ container, workload }) =>
      container.mounts
        .filter(({ writes, fills }) => writes && !fills && workload.kind === "job")
        .flatMap((mount) => volumes.find(({ name }) => name === mount.volume)?.secret ?? []),
    ),
  ),
];

export const isJob = ({ parts }: Pod): boolean => parts.every(({ workload }) => workload.kind === "job");

/** Whether a pod has no network of its own, but the machine's: one of its containers asks for that, and all share it. */
export const isOnMachine = ({ parts }: Pod): boolean => parts.some(({ workload }) => workload.network === "host");
