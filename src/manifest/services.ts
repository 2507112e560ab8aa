import type { Deployment } from "../deployment/deployment.ts";
import { type KubernetesObject, labelsOf, type Mapping, selectorOf } from "./object.ts";
import { isJob, type Part, type Pod } from "./pods.ts";

/** A port as a Service has it. What is published may have another number there. */
type ServicePort = {
  readonly service: string;
  readonly isPublished: boolean;
  readonly port: { readonly name: string; readonly port: number; readonly targetPort: number };
};

function portsOf({ workload, container }: Part): readonly ServicePort[] {
  return Object.entries(workload.ports).map(([name, target]) => {
    const published = container.published.find((one) => one.target === target);
    const port = { name, port: published?.port ?? target, targetPort: target };
    return { service: workload.serviceNames[name] as string, isPublished: published !== undefined, port };
  });
}

function service(deployment: Deployment, pod: Pod, name: string, spec: Mapping): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: pod.namespace, labels: labelsOf(deployment, pod.name, pod.component) },
    spec: { ...spec, selector: selectorOf(deployment, pod.name) },
  };
}

/** @returns a hypervisor's Service: its servers' consoles, which users reach at a port of its own. */
function hypervisorService(deployment: Deployment, pod: Pod): KubernetesObject {
  const published = pod.parts
    .flatMap(portsOf)
    .filter(({ isPublished }) => isPublished)
    .map(({ port }) => port);
  return service(
    deployment,
    pod,
    pod.name,
    published.length > 0 ? { type: deployment.cluster.publish, ports: published } : { clusterIP: "None" },
  );
}

/** @returns the Services of a pod: by the names that clients know. */
export function servicesOf(deployment: Deployment, pod: Pod): readonly KubernetesObject[] {
  if (isJob(pod)) return [];
  if (pod.runs === "hypervisor") return [hypervisorService(deployment, pod)];
  return [...Map.groupBy(pod.parts.flatMap(portsOf), (port) => port.service)].map(([name, ports]) => {
    const type = ports.some(({ isPublished }) => isPublished) ? deployment.cluster.publish : "ClusterIP";
    return service(deployment, pod, name, { type, ports: ports.map(({ port }) => port) });
  });
}
