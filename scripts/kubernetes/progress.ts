import type { Open } from "../stack/progress.ts";
import type { KubernetesObject } from "./kubectl.ts";
import { isHypervisor, type PodSpec, type WorkloadObject } from "./objects.ts";

/** What is awaited of a deployment in a cluster, and why: read from the status of its objects. */

type ContainerState = {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: { readonly startedAt?: string };
  readonly terminated?: { readonly exitCode: number; readonly reason?: string; readonly message?: string };
};

type ContainerStatus = {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly image: string;
  readonly state: ContainerState;
  readonly lastState?: ContainerState;
};

export type PodObject = KubernetesObject & {
  readonly spec: PodSpec;
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
};

const short = (text: string, most = 200): string => {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length > most ? `${line.slice(0, most)}...` : line;
};

export type EventObject = KubernetesObject & {
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
};

/** What kubelet is at with a pod of which no container runs yet, by the reason of its latest event. */
const kubeletIsAt: Readonly<Record<string, "pulling images" | "words">> = {
  Pulling: "pulling images",
  FailedMount: "words",
  FailedAttachVolume: "words",
  FailedCreatePodSandBox: "words",
  FailedScheduling: "words",
};

/** @returns what kubelet is at, by pod: its status says ContainerCreating only. */
export function activities(events: readonly EventObject[]): ReadonlyMap<string, string> {
  const at = ({ lastTimestamp, eventTime, metadata }: EventObject): string =>
    lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? "";
  const found = new Map<string, string>();
  for (const event of events.toSorted((one, other) => (at(one) < at(other) ? -1 : 1))) {
    const { involvedObject, reason = "", message = "" } = event;
    if (involvedObject.kind !== "Pod") continue;
    const is = kubeletIsAt[reason];
    const key = `${event.metadata.namespace} ${involvedObject.name}`;
    if (is === undefined) found.delete(key);
    else found.set(key, is === "words" ? `${reason}: ${short(message)}` : is);
  }
  return found;
}

/** How a container ended, with the last line of what plinth wrote to its termination message. */
function endText({ exitCode, reason, message = "" }: NonNullable<ContainerState["terminated"]>): string {
  const said = message.trim().split("\n").at(-1) ?? "";
  const status = reason === "OOMKilled" ? "out of memory" : `exit ${exitCode}`;
  return said === "" ? status : `${status}: ${short(said, 400)}`;
}

/** Why a container does not run, or is not ready; undefined where it is. */
function containerTrouble({ ready, state, lastState }: ContainerStatus): string | undefined {
  const { waiting, terminated } = state;
  const before = lastState?.terminated;
  if (terminated && terminated.exitCode !== 0) return endText(terminated);
  if (waiting) {
    const { reason = "", message = "" } = waiting;
    if (reason === "CrashLoopBackOff" && before) return endText(before);
    if (/^(ContainerCreating|PodInitializing)$/.test(reason) || reason === "") return "created";
    return message === "" ? reason : `${reason}: ${short(message)}`;
  }
  if (ready || terminated) return undefined;
  return before && before.exitCode !== 0 ? `running again after ${endText(before)}` : "running";
}

/** Why a pod is not ready: the scheduler's words, what its images or its containers lack. Undefined where it is ready. */
export function podProblem({ metadata, status = {} }: PodObject, activity?: string): string | undefined {
  const { phase, reason, message, conditions = [], initContainerStatuses = [], containerStatuses = [] } = status;
  if (metadata.deletionTimestamp !== undefined) return "ending";
  if (phase === "Succeeded") return undefined;
  if (phase === "Failed") return short(`${reason ?? "failed"}${message ? `: ${message}` : ""}`);
  const placed = conditions.find(({ type }) => type === "PodScheduled");
  if (placed?.status === "False") return `pending: ${short(placed.message ?? "no node takes it")}`;
  const found = [...initContainerStatuses, ...containerStatuses].flatMap((one) => containerTrouble(one) ?? []);
  // What has a reason says more than what is on its way.
  const vague = ["created", "running"];
  const worst = found.find((one) => !vague.includes(one)) ?? found[0];
  if (worst === "created" || (worst === undefined && containerStatuses.length === 0)) return activity ?? "created";
  if (worst !== undefined) return worst;
  const ready = conditions.find(({ type }) => type === "Ready");
  return ready?.status === "True" ? undefined : "running";
}

const owner = ({ metadata: { ownerReferences = [], labels = {} } }: PodObject): { kind: string; name: string } => {
  const [{ kind = "", name = "" } = {}] = ownerReferences;
  // A Deployment's pods belong to its ReplicaSet, whose name has the hash of the template behind it.
  const hash = labels["pod-template-hash"];
  return kind === "ReplicaSet" && hash !== undefined
    ? { kind: "Deployment", name: name.replace(new RegExp(`-${hash}$`), "") }
    : { kind, name };
};

/** @returns what a pod belongs to, as `Deployment/nova-api`. */
export const ownerOf = (pod: PodObject): string => {
  const { kind, name } = owner(pod);
  return `${kind}/${name}`;
};

const isFor =
  ({ kind, metadata }: WorkloadObject) =>
  (pod: PodObject): boolean =>
    pod.metadata.namespace === metadata.namespace && ownerOf(pod) === `${kind}/${metadata.name}`;

/** Whether all pods of a Deployment or StatefulSet are of its newest template, and ready. */
function settled(workload: WorkloadObject): boolean {
  const { metadata, spec, status = {} } = workload;
  const wanted = spec.replicas ?? 1;
  const seen = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  const updated = isHypervisor(workload) || (status.updatedReplicas ?? 0) >= wanted || wanted === 0;
  return seen && updated && (status.readyReplicas ?? 0) >= wanted && (status.replicas ?? 0) <= Math.max(wanted, 0);
}

const isDone = ({ status = {} }: WorkloadObject): boolean =>
  status.conditions?.some(({ type, status: is }) => type === "Complete" && is === "True") ?? false;

/**
 * @param workloads Deployments, StatefulSets and Jobs as they are now. @param doing what kubelet is at (`activities`). @returns what is not done or not ready, each with its reason.
 */
export function openOf(
  workloads: readonly WorkloadObject[],
  pods: readonly PodObject[],
  doing: ReadonlyMap<string, string> = new Map(),
): readonly Open[] {
  const problems = (pod: PodObject): readonly string[] => {
    const why = podProblem(pod, doing.get(`${pod.metadata.namespace} ${pod.metadata.name}`));
    return why === undefined ? [] : [why];
  };
  return workloads.flatMap((workload): readonly Open[] => {
    const { kind, metadata, spec } = workload;
    if (kind === "Job") {
      if (isDone(workload)) return [];
      const failed = workload.status?.conditions?.find(({ type, status }) => type === "Failed" && status === "True");
      if (failed) return [[metadata.name, `failed: ${short(failed.message ?? "")}`]];
      const reasons = pods.filter(isFor(workload)).flatMap(problems);
      const reason = reasons.find((one) => !["created", "running", "ending"].includes(one));
      return [[metadata.name.replace(/-[0-9a-f]{6,}$/, ""), reason ?? "jobs"]];
    }
    if (settled(workload)) return [];
    const own = pods.filter(isFor(workload));
    const found = own.flatMap(problems);
    const reason = found.find((one) => !["created", "running", "ending"].includes(one)) ?? found[0];
    return spec.replicas === 0 ? [] : [[metadata.name, reason ?? (own.length === 0 ? "no pod yet" : "rolling")]];
  });
}

/** Pods of one moment that belong to a Deployment or StatefulSet, by their uid. */
const rolling = (pods: readonly PodObject[]): readonly PodObject[] =>
  pods.filter((pod) => /^(Deployment|StatefulSet)\//.test(ownerOf(pod)));

/**
 * How many pods were replaced, by workload: of each that had pods before, those that are new. More of them by scaling are none.
 *
 * @returns names with counts above 0.
 */
export function rolledPods(
  before: readonly PodObject[],
  after: readonly PodObject[],
): Readonly<Record<string, number>> {
  const here = new Set(after.map(({ metadata }) => metadata.uid));
  const gone = Map.groupBy(
    rolling(before).filter(({ metadata }) => !here.has(metadata.uid)),
    (pod) => owner(pod).name,
  );
  const known = new Set(before.map(({ metadata }) => metadata.uid));
  const fresh = Map.groupBy(
    rolling(after).filter(({ metadata }) => !known.has(metadata.uid)),
    (pod) => owner(pod).name,
  );
  return Object.fromEntries(
    [...gone].flatMap(([name, pods]) => {
      const count = Math.min(pods.length, fresh.get(name)?.length ?? 0);
      return count === 0 ? [] : [[name, count]];
    }),
  );
}
