import type { Deployment as Described } from "../../src/deployment/deployment.ts";
import { addresses } from "../../src/openstack/addresses.ts";
import type { Endpoints } from "../stack/endpoints.ts";
import { type KubernetesObject, list } from "./kubectl.ts";
import type { ServiceObject } from "./objects.ts";

type NodeAddresses = KubernetesObject & {
  readonly status?: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
};

/** @returns an address of a node that is ready: one that is reached from outside first. */
export function nodeAddress(nodes: readonly NodeAddresses[]): string | undefined {
  const ready = nodes.filter(({ status }) =>
    status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"),
  );
  const all = ready.flatMap(({ status }) => status?.addresses ?? []);
  return ["ExternalIP", "InternalIP"].flatMap((wanted) => all.filter(({ type }) => type === wanted))[0]?.address;
}

const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);

/**
 * Where a port of a Service's pods is reached from outside of the cluster: the address that its load balancer was given, one that the
 * Service names itself, or a port of every node. Undefined where only pods reach it.
 */
export function outsideUrl(service: ServiceObject, target: number, node: string | undefined): string | undefined {
  const { spec, status } = service;
  const own = spec.ports?.find(({ targetPort }) => targetPort === target);
  if (!own) return undefined;
  const [given] = status?.loadBalancer?.ingress ?? [];
  const host = given?.ip ?? given?.hostname ?? spec.externalIPs?.[0];
  if (host !== undefined) return `http://${bracketed(host)}:${own.port}`;
  return own.nodePort !== undefined && node !== undefined ? `http://${bracketed(node)}:${own.nodePort}` : undefined;
}

/** @returns where this machine reaches the services of a deployment in the cluster. */
export async function findEndpoints({ addresses: known, workloads }: Described, namespace: string): Promise<Endpoints> {
  const [services, nodes] = await Promise.all([
    list<ServiceObject>("services", ["--namespace", namespace]),
    list<NodeAddresses>("nodes"),
  ]);
  const node = nodeAddress(nodes);
  // The first of the names that the dashboard answers to is the one that users know.
  const [dashboard] = workloads.flatMap(({ containers }) =>
    containers.flatMap(({ parameters }) => parameters["SERVICE_DASHBOARD_ALLOWED_HOSTS"] ?? []),
  );
  const host = dashboard?.split(",")[0];
  const found = Object.fromEntries(
    addresses.flatMap((row) => {
      const address = known.find(({ parameter }) => parameter === row.parameter);
      if (!address) return [];
      // `keystone-server.plinth`: the Service's name, and its namespace.
      const name = address.host.split(".")[0];
      const service = services.find(({ metadata }) => metadata.name === name);
      const url = service && outsideUrl(service, address.port, node);
      return url === undefined ? [] : [[row.portName, url]];
    }),
  );
  return { ...found, ...(host === undefined ? {} : { host }) };
}
