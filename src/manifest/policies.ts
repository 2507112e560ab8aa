import type { Deployment } from "../deployment/deployment.ts";
import { type KubernetesObject, labelsOf, type Mapping, nonEmpty, selectorOf } from "./object.ts";
import { changedSecrets, isOnMachine, type Pod } from "./pods.ts";

/** Names are looked up at port 53 of whatever does that in a cluster: its pods, or a cache on each node that is no pod. */
const names: Mapping = {
  ports: [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ],
};

/** The API server: a Service's port, and the port of a server that listens on the machine's own network. It is no pod. */
const apiServer: Mapping = {
  ports: [443, 6443].map((port) => ({ protocol: "TCP", port })),
};

/** A connection that one pod opens to another. */
type Link = { readonly from: Pod; readonly to: Pod; readonly port: number; readonly protocol: "TCP" | "UDP" };

/** @returns who opens connections to whom, by pods: each pod of a hypervisor does what its containers do. */
function linksOf(deployment: Deployment, pods: readonly Pod[]): readonly Link[] {
  const having = (name: string): readonly Pod[] =>
    pods.filter(({ parts }) => parts.some(({ workload }) => workload.name === name));
  const talks = deployment.talks.flatMap(({ from, to, port }) =>
    having(from).flatMap((one) => having(to).map((other): Link => ({ from: one, to: other, port, protocol: "TCP" }))),
  );
  const peers = deployment.workloads.flatMap(({ name, peers: asked }) =>
    asked.flatMap(({ port, protocol }) =>
      having(name).flatMap((from) => having(name).map((to): Link => ({ from, to, port, protocol }))),
    ),
  );
  // Within a pod nobody asks a policy.
  return [...talks, ...peers].filter(({ from, to }) => from !== to);
}

/** @returns whom a rule is about: pods by their labels; those with the machine's network, which labels do not find, by its addresses. */
function peers(deployment: Deployment, pods: readonly Pod[]): readonly Mapping[] {
  const selected = pods
    .filter((pod) => !isOnMachine(pod))
    .map(({ name, namespace }) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
      podSelector: { matchLabels: selectorOf(deployment, name) },
    }));
  const addressed = pods.some(isOnMachine)
    ? deployment.cluster.machineNetworks.map((cidr) => ({ ipBlock: { cidr } }))
    : [];
  return [...selected, ...addressed];
}

/** @returns rules: for each port the pods at the other end. */
function rules(deployment: Deployment, links: readonly Link[], key: "from" | "to"): readonly Mapping[] {
  const byPort = Map.groupBy(links, ({ port, protocol }) => `${protocol} ${String(port).padStart(5, "0")}`);
  return [...byPort]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, [first, ...others]]) => {
      const same = [first as Link, ...others];
      const ends = new Map(same.map((link) => [`${link[key].namespace} ${link[key].name}`, link[key]]));
      const { port, protocol } = first as Link;
      return {
        [key]: peers(
          deployment,
          [...ends].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, pod]) => pod),
        ),
        ports: [{ protocol, port }],
      };
    });
}

/** Ports of servers that nobody here knows. */
const outsidePorts = ({ parts }: Pod): readonly number[] => [
  ...new Set(parts.flatMap(({ workload }) => workload.outside)),
];

/** Ports that users reach. */
const publicPorts = ({ parts }: Pod): readonly number[] => [
  ...new Set(parts.flatMap(({ container }) => container.published.map(({ target }) => target))),
];

/** @returns a policy for each pod: who may connect to it, and to whom it may. Everything else is refused. */
export function policies(deployment: Deployment, pods: readonly Pod[]): readonly (readonly [Pod, KubernetesObject])[] {
  const links = linksOf(deployment, pods);
  // A policy says nothing of a pod with the machine's network.
  const own = pods.filter((pod) => !isOnMachine(pod));
  return own.map((pod) => {
    const opened = publicPorts(pod);
    const ingress = [
      ...rules(
        deployment,
        links.filter(({ to }) => to === pod),
        "from",
      ),
      ...(opened.length > 0 ? [{ ports: opened.map((port) => ({ protocol: "TCP", port })) }] : []),
    ];
    const egress = [
      names,
      ...(changedSecrets(deployment, pod).length > 0 ? [apiServer] : []),
      ...rules(
        deployment,
        links.filter(({ from }) => from === pod),
        "to",
      ),
      ...outsidePorts(pod).map((port) => ({ ports: [{ protocol: "TCP", port }] })),
    ];
    return [
      pod,
      {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name: pod.name, namespace: pod.namespace, labels: labelsOf(deployment, pod.name, pod.component) },
        spec: {
          podSelector: { matchLabels: selectorOf(deployment, pod.name) },
          policyTypes: ["Ingress", "Egress"],
          ...nonEmpty("ingress", ingress),
          egress,
        },
      },
    ];
  });
}

/** Refuses what no other policy of a namespace allows, of pods that plinth does not know, too. */
export const denyAll = (deployment: Deployment, namespace: string): KubernetesObject => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "deny-all", namespace, labels: labelsOf(deployment, "deny-all", "network-policy") },
  spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
});
