import type { AddressRow } from "../openstack/addresses.ts";
import { addresses as addressRows, rowsOf } from "../openstack/addresses.ts";
import { valueAt } from "../schema/json.ts";
import { interpolate } from "../settings/interpolate.ts";
import type { Address, Namespace } from "./deployment.ts";
import type { Engine } from "./engine.ts";
import { type DeploymentSettings, type ImageSource, isConfigured, type WorkloadRequest } from "./requests.ts";

/** Names and addresses of a deployment: all that a parameter can be filled with, before any is. */
export type Layout = {
  readonly whole: DeploymentSettings;
  readonly services: readonly WorkloadRequest[];
  /** HAProxy, where something that clients reach by one address has replicas. */
  readonly proxy: WorkloadRequest | undefined;
  readonly namespaces: readonly Namespace[];
  readonly addresses: readonly Address[];
  /** The fixed addresses of workloads whose clients look no names up. */
  readonly fixed: ReadonlyMap<string, string>;
  readonly engine: Engine;
};

/** @returns the name of the nth of something, from 0: the first has the plain name, so that a second renames nothing. */
export const nth = (name: string, index: number): string => (index === 0 ? name : `${name}-${index + 1}`);

/** The machine itself, in each network. */
const machine = 1;
/** Fixed addresses by what has them; what is given out begins at 128 (src/compose). */
const firstLiteral = 11;
const firstHypervisor = 21;
const firstOutside = 2;

/** @returns a number of the pillar that may be a dynamic parameter, whose own value is the pillar's. */
const numberOf = (text: string, { parameters }: ImageSource["image"]): number =>
  Number(text.replace(/^\$\{?(\w+)\}?$/, (_, parameter) => parameters[parameter] ?? ""));

/** @returns the number that a row's text with `{settings.path}` stands for. */
export const rowNumber = (text: string, image: ImageSource["image"]): number =>
  numberOf(interpolate(text, image.pillar), image);

/** @returns the numbers that a service listens at, by the names of the ports that it has in its release. */
export function portsOf({
  service,
  source,
}: Pick<WorkloadRequest, "service" | "source">): Readonly<Record<string, number>> {
  const { image } = source;
  const ports = Object.entries(image.services[service]?.ports ?? {});
  return Object.fromEntries(ports.map(([name, text]) => [name, rowNumber(text, image)]));
}

/** A port of a service that users reach, where the model publishes the service. */
type PublicPort = { readonly name: string; readonly address: string; readonly port: number; readonly target: number };

/** @returns the ports that a service is published at: all but those that are for other services only. The first may get another number. */
export function publicPorts(asked: WorkloadRequest): readonly PublicPort[] {
  const { published, row } = asked;
  if (!published) return [];
  return Object.entries(portsOf(asked))
    .filter(([name]) => !row.ports?.[name]?.inside)
    .map(([name, target], index) => {
      const port = index === 0 ? (published.port ?? target) : target;
      return { name, address: published.address, port, target };
    });
}

/** @returns the port at which HAProxy has a service, and passes its requests on; undefined where it does not. */
function proxiedPort({ image }: ImageSource, listen: string): number | undefined {
  const value = valueAt(image.pillar, `listen.${listen}.port`);
  return value === undefined ? undefined : numberOf(String(value), image);
}

const answering = ({ source, service, release }: WorkloadRequest) => ({ image: source.recipe.name, service, release });

/** @returns the rows that a service answers for. */
export const addressesOf = (asked: WorkloadRequest): readonly AddressRow[] => rowsOf(answering(asked));

/** @returns the rows that a service answers for and that HAProxy can stand before: not of what is on each hypervisor, where it matters which. */
const proxyRows = (asked: WorkloadRequest): readonly AddressRow[] =>
  asked.workload.runs === "hypervisor" ? [] : addressesOf(asked).filter(({ proxy }) => proxy !== undefined);

/** @returns the port at which HAProxy has the port of a service; undefined where clients go to the service itself. */
export function portBefore(
  asked: WorkloadRequest,
  name: string,
  proxy: WorkloadRequest | undefined,
): number | undefined {
  const row = proxyRows(asked).find(({ port }) => port === name);
  return proxy && row?.proxy && proxiedPort(proxy.source, row.proxy.listen);
}

/**
 * @returns the pod that a service is part of: all of an image that may have replicas are one, as long as the model does not say how
 * many of each; what there may be one of only is alone.
 */
export function groupOf({ source, workload, name, apart, row }: WorkloadRequest, { pods }: Engine): string {
  if (!pods || row.kind === "job") return name;
  if (workload.runs === "hypervisor") return "hypervisor";
  return workload.runs === "replicas" && !apart ? source.recipe.name : name;
}

/**
 * @returns the name that clients reach a port of a service by. What a pod publishes has the pod's name; what else it listens at has a
 * name of its own then, so that a load balancer does not have it, too: `nova-metadata`, be it a service or a port of `nova-api`.
 */
export function serviceNameOf(
  asked: WorkloadRequest,
  port: string,
  all: readonly WorkloadRequest[],
  engine: Engine,
): string {
  if (!engine.pods) return asked.name;
  const group = groupOf(asked, engine);
  if (asked.published && asked.row.ports?.[port]?.inside) return `${asked.source.row.component}-${port}`;
  const isPublishing = all.some((one) => one.published && groupOf(one, engine) === group);
  return isPublishing && !asked.published ? asked.name : group;
}

/** Whether an engine with such abilities has use for a service. */
function isWanted({ row, storage, workload: { when, host, keeps = [] } }: WorkloadRequest, engine: Engine): boolean {
  if (engine.pods && (when !== undefined || host?.engine)) return false;
  if (!engine.secretVolumes || row.kind !== "job") return true;
  // It fills what is a secret, which somebody else makes, unless the model has storage for it.
  const filled = keeps.flatMap((directory) =>
    "volume" in directory && directory.fills && directory.secret ? [directory.volume] : [],
  );
  return filled.length === 0 || filled.some((volume) => isConfigured(storage.get(volume) ?? { shared: false }));
}

export function layOut(asked: readonly WorkloadRequest[], whole: DeploymentSettings, engine: Engine): Layout {
  const all = asked.filter((one) => isWanted(one, engine));
  const onHost = whole.controlNetwork === "host";
  const scaled = all.some((one) => one.replicas > 1 && proxyRows(one).length > 0);
  const services = all.filter(
    ({ workload: { when } }) => when === undefined || (when === "replicas" ? scaled : onHost),
  );
  const proxy = services.find(({ workload: { when } }) => when === "replicas");
  const holders = services.filter(({ workload }) => workload.namespace === "holds");
  const namespaces = holders.flatMap(({ name, placement }) =>
    placement.map((host, index) => ({
      name: host,
      holder: nth(name, index),
      inside: `${whole.network}.${firstHypervisor + index}`,
      outside: `${whole.outside}.${firstOutside + index}`,
    })),
  );
  const fixed = new Map<string, string>();
  const addresses = addressRows.flatMap((row): readonly Address[] => {
    const one = services.find((service) => addressesOf(service).includes(row));
    if (!one) return [];
    const port = portsOf(one)[row.port] ?? 0;
    const base = { parameter: row.parameter, workload: one.name };
    if (engine.pods) {
      if (one.workload.runs === "hypervisor") return [];
      const host = `${serviceNameOf(one, row.port, services, engine)}.${one.source.recipe.deployName}`;
      return [{ ...base, host, port }];
    }
    if (row.literal) fixed.set(one.name, `${whole.network}.${firstLiteral + fixed.size}`);
    const literal = fixed.get(one.name);
    if (literal !== undefined) return [{ ...base, host: literal, port }];
    if (one.workload.runs === "hypervisor") return [];
    if (onHost && !one.workload.inside) return [{ ...base, host: `${whole.network}.${machine}`, port }];
    const before = portBefore(one, row.port, proxy);
    if (!proxy || before === undefined) return [{ ...base, host: one.name, port }];
    return [{ ...base, host: proxy.name, port: before, by: proxy.name }];
  });
  return { whole, services, proxy, namespaces, addresses, fixed, engine };
}
