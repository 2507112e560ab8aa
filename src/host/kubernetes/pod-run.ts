import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import type { RunKubectl } from "./kubectl.ts";
import { clusterMessage } from "./messages.ts";

/** Pods that run once, and end. */

/** Milliseconds between two looks at a pod. */
const look = 1000;

export type ContainerStatus = {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly containerID?: string;
  readonly state: {
    readonly running?: object;
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: { readonly exitCode: number; readonly reason?: string };
  };
};

export type PodObject = {
  readonly kind: "Pod";
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly containers: readonly { readonly name: string; readonly image: string }[] };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly containerStatuses?: readonly ContainerStatus[];
  };
};

/** What kubelet waits for when it has not got an image, and cannot get it. */
const unpulled = ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"];

export const isUnpulled = ({ state }: ContainerStatus): boolean => unpulled.includes(state.waiting?.reason ?? "");

/** A name that no other object has. */
export const newName = (what: string): string => `plinth-upgrade-${what}-${randomBytes(4).toString("hex")}`;

/** A process without any right, as Pod Security's `restricted` wants it. */
const confined = {
  pod: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: "RuntimeDefault" } },
  container: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
} as const;

/** @returns a pod in which each of these containers runs a command, once. */
const podOf = (
  namespace: string,
  name: string,
  containers: readonly { readonly name: string; readonly image: string }[],
  command: readonly string[],
) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace, labels: { "app.kubernetes.io/managed-by": "plinth" } },
  spec: {
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 0,
    securityContext: confined.pod,
    containers: containers.map((one) => ({
      ...one,
      imagePullPolicy: "IfNotPresent",
      command,
      securityContext: confined.container,
    })),
  },
});

/**
 * Runs a command in a pod with these containers until each has ended, or cannot be started. The pod is removed in the end.
 *
 * @param within milliseconds. @param read what is wanted of the pod at its end.
 */
export async function runPod<T>(
  kubectl: RunKubectl,
  namespace: string,
  {
    what,
    containers,
    command,
    within,
  }: {
    readonly what: string;
    readonly containers: readonly { readonly name: string; readonly image: string }[];
    readonly command: readonly string[];
    readonly within: number;
  },
  read: (pod: PodObject, here: readonly string[]) => Promise<Result<T>>,
): Promise<Result<T>> {
  const name = newName(what);
  const here = ["--namespace", namespace];
  const made = await kubectl.ask(
    ["create", "--filename", "-"],
    JSON.stringify(podOf(namespace, name, containers, command)),
  );
  if (!made.ok) return made;
  try {
    const began = performance.now();
    for (;;) {
      const asked = await kubectl.ask(["get", "pod", name, ...here, "--output", "json"]);
      if (!asked.ok) return asked;
      const pod = JSON.parse(asked.value) as PodObject;
      const statuses = pod.status?.containerStatuses ?? [];
      const isDone = (one: ContainerStatus): boolean => one.state.terminated !== undefined || isUnpulled(one);
      if (statuses.length === containers.length && statuses.every(isDone)) return await read(pod, here);
      if (performance.now() - began > within) {
        const open = statuses.filter((one) => !isDone(one));
        const reasons = open.map(({ name: container, state }) => `${container} (${state.waiting?.reason ?? "runs"})`);
        const reason = `not done after ${Math.round(within / 1000)} s: ${reasons.join(", ") || "no node takes it"}`;
        return failure([clusterMessage("pod-command-failed", { pod: `${namespace}/${name}`, reason })]);
      }
      await sleep(look);
    }
  } finally {
    await kubectl.run(["delete", "pod", name, ...here, "--wait=false", "--ignore-not-found"]);
  }
}

/** Runs a command in an image. @returns what it printed. */
export const outputOf = (
  kubectl: RunKubectl,
  namespace: string,
  image: string,
  command: readonly string[],
  within: number,
): Promise<Result<string>> =>
  runPod(
    kubectl,
    namespace,
    { what: "look", containers: [{ name: "look", image }], command, within },
    async (pod, here) => {
      const { name } = pod.metadata;
      const [status] = pod.status?.containerStatuses ?? [];
      if (status?.state.terminated?.exitCode === 0) return kubectl.ask(["logs", name, ...here]);
      const { waiting, terminated } = status?.state ?? {};
      const reason = waiting?.message ?? waiting?.reason ?? `it ended with ${terminated?.exitCode}`;
      return failure([clusterMessage("pod-command-failed", { pod: `${namespace}/${name}`, reason })]);
    },
  );

/** @returns which of these images no node can get. A node gets the others meanwhile. */
export const imagesAbsent = async (
  kubectl: RunKubectl,
  namespace: string,
  images: readonly string[],
  within: number,
): Promise<Result<readonly string[]>> => {
  const containers = images.map((image, index) => ({ name: `image-${index}`, image }));
  return runPod(kubectl, namespace, { what: "images", containers, command: ["/bin/true"], within }, async (pod) => {
    const absent = (pod.status?.containerStatuses ?? []).filter(isUnpulled).map(({ name }) => name);
    return success(containers.flatMap(({ name, image }) => (absent.includes(name) ? [image] : [])));
  });
};
