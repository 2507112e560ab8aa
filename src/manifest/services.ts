import type { Deployment } from "../deployment/deployment.ts";
import { type KubernetesObject, labelsOf, type Mapping, selectorOf } from "./object.ts";
import { isJob, type Part, type Pod } from "./pods.ts";

type ServicePort = { readonly name: string; readonly port: number; readonly targetPort: number };

/** @returns the ports of a workload, as its Service has them. What is published may have another number there. */
function portsOf({ workload, container }: Part): readonly ServicePort[] {
  return Object.entries(workload.ports).map(([name, target]) => {
    const { port } = container.published.find((one) => one.target === target) ?? { port: target };
    return { name, port, targetPort: target };
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
  const published = pod.parts.filter(({ container }) => container.published.length > 0).flatMap(portsOf);
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
  const listening = pod.parts.filter(({ workload }) => Object.keys(workload.ports).length > 0);
  return [...Map.groupBy(listening, ({ workload }) => workload.serviceName)].map(([name, parts]) => {
    const isPublished = parts.some(({ container }) => container.published.length > 0);
    const type = isPublished ? deployment.cluster.publish : "ClusterIP";
    return service(deployment, pod, name, { type, ports: parts.flatMap(portsOf) });
  });
}
