import type { Deployment } from "../deployment/deployment.ts";
import { type ManifestOptions, privilegedFor } from "./container.ts";
import { type KubernetesObject, labelsOf, type Mapping, nonEmpty, selectorOf } from "./object.ts";
import { isJob, type Pod } from "./pods.ts";
import { templateOf } from "./template.ts";
import { claimTemplates, isBound } from "./volumes.ts";

/** Digits of a template's digest in a Job's name: a Job cannot be changed, so that another one has another name. */
const digits = 8;
/** How often a Job's container is started again before the Job has failed; each time plinth waits for what is not there yet. */
const attempts = 30;

const docOf = ({ parts }: Pod): string => [...new Set(parts.map(({ workload }) => workload.doc))].join(" ");

/** Why containers of a pod are privileged, by their names, for whoever has to allow it. */
const privilegesOf = (deployment: Deployment, { parts }: Pod): Mapping =>
  Object.fromEntries(
    parts.flatMap(({ workload }) => {
      const reason = privilegedFor(deployment, workload);
      return reason === undefined ? [] : [[`plinth/privileged.${workload.name}`, reason]];
    }),
  );

const metadataOf = (deployment: Deployment, pod: Pod, name = pod.name): Mapping => ({
  name,
  namespace: pod.namespace,
  labels: labelsOf(deployment, pod.name, pod.component),
  annotations: { "kubernetes.io/description": docOf(pod), ...privilegesOf(deployment, pod) },
});

function deploymentObject(deployment: Deployment, said: ManifestOptions, pod: Pod): KubernetesObject {
  const overlaps = pod.parts.every(({ workload }) => workload.rollout === "overlap") && !isBound(deployment, pod);
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadataOf(deployment, pod),
    spec: {
      replicas: pod.replicas,
      revisionHistoryLimit: 3,
      // Waiting for what is not there yet is no failure.
      progressDeadlineSeconds: deployment.waitTimeout + 600,
      strategy: overlaps
        ? { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }
        : { type: "Recreate" },
      selector: { matchLabels: selectorOf(deployment, pod.name) },
      template: templateOf(deployment, said.images, pod),
    },
  };
}

function statefulSet(deployment: Deployment, said: ManifestOptions, pod: Pod): KubernetesObject {
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: metadataOf(deployment, pod),
    spec: {
      serviceName: pod.name,
      replicas: pod.replicas,
      revisionHistoryLimit: 3,
      // Servers end with their hypervisor's pod: it is replaced when somebody deletes it.
      updateStrategy: { type: pod.runs === "hypervisor" ? "OnDelete" : "RollingUpdate" },
      selector: { matchLabels: selectorOf(deployment, pod.name) },
      template: templateOf(deployment, said.images, pod),
      ...nonEmpty("volumeClaimTemplates", claimTemplates(deployment, pod)),
    },
  };
}

const jobSpec = (template: Mapping): Mapping => ({ backoffLimit: attempts, template });

function job(deployment: Deployment, said: ManifestOptions, pod: Pod): KubernetesObject {
  const template = templateOf(deployment, said.images, pod);
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: metadataOf(deployment, pod, `${pod.name}-${said.digest(JSON.stringify(template)).slice(0, digits)}`),
    spec: jobSpec(template),
  };
}

/** A job that is run from time to time; without a schedule, by hand: kubectl create job --from=cronjob/NAME. */
function cronJob(deployment: Deployment, said: ManifestOptions, pod: Pod): KubernetesObject {
  const schedule = pod.parts.flatMap(({ workload }) => workload.schedule ?? [])[0];
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: metadataOf(deployment, pod),
    spec: {
      schedule: schedule ?? "0 0 1 1 *",
      timeZone: "Etc/UTC",
      suspend: schedule === undefined,
      concurrencyPolicy: "Forbid",
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 3,
      jobTemplate: { spec: jobSpec(templateOf(deployment, said.images, pod)) },
    },
  };
}

/** @returns the object that runs a pod. */
export function runnerOf(deployment: Deployment, said: ManifestOptions, pod: Pod): KubernetesObject {
  if (isJob(pod)) {
    const byHand = pod.parts.every(({ workload }) => workload.byHand);
    return byHand ? cronJob(deployment, said, pod) : job(deployment, said, pod);
  }
  const isStateful = pod.runs === "stateful" || pod.runs === "hypervisor";
  return isStateful ? statefulSet(deployment, said, pod) : deploymentObject(deployment, said, pod);
}

/** Of several copies one may be away at a time. A hypervisor's pod ends for nobody: its servers are moved away first. */
export function disruptionBudget(deployment: Deployment, pod: Pod): readonly KubernetesObject[] {
  const isHypervisor = pod.runs === "hypervisor";
  if (isJob(pod) || (pod.replicas < 2 && !isHypervisor)) return [];
  return [
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: pod.name, namespace: pod.namespace, labels: labelsOf(deployment, pod.name, pod.component) },
      spec: {
        maxUnavailable: isHypervisor ? 0 : 1,
        selector: { matchLabels: selectorOf(deployment, pod.name) },
        ...(isHypervisor ? {} : { unhealthyPodEvictionPolicy: "AlwaysAllow" }),
      },
    },
  ];
}
