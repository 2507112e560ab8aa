import type { AddressRow } from "../openstack/addresses.ts";
import { addresses as addressRows } from "../openstack/addresses.ts";
import { valueAt } from "../schema/json.ts";
import { interpolate } from "../settings/interpolate.ts";
import type { Asked, ImageSource, Whole } from "./asked.ts";
import type { Address, Namespace } from "./deployment.ts";

/** Names and addresses of a deployment: all that a parameter can be filled with, before any is. */
export type Layout = {
  readonly whole: Whole;
  readonly services: readonly Asked[];
  /** HAProxy, where something that clients reach by one address has replicas. */
  readonly proxy: Asked | undefined;
  readonly namespaces: readonly Namespace[];
  readonly addresses: readonly Address[];
  /** The fixed addresses of workloads whose clients look no names up. */
  readonly fixed: ReadonlyMap<string, string>;
};

/** @returns the name of the nth of something, from 0: the first has the plain name, so that a second renames nothing. */
export const nth = (name: string, index: number): string => (index === 0 ? name : `${name}-${index + 1}`);

/** The machine itself, in each network. */
const machine = 1;
/** Fixed addresses by what has them; what is given out begins at 128 (src/compose). */
const firstLiteral = 11;
const firstHypervisor = 21;
const firstOutside = 2;

/** @returns the numbers that a service listens at, by the names of its ports. */
export function portsOf({ row, source }: Pick<Asked, "row" | "source">): Readonly<Record<string, number>> {
  const { pillar, parameters } = source.image;
  return Object.fromEntries(
    Object.entries(row.ports ?? {}).map(([name, text]) => {
      // A port may be a dynamic parameter, whose own value is the pillar's.
      const value = interpolate(text, pillar).replace(/^\$\{?(\w+)\}?$/, (_, parameter) => parameters[parameter] ?? "");
      return [name, Number(value)];
    }),
  );
}

/** @returns the port at which HAProxy has a service, and passes its requests on. */
export function proxiedPort(proxy: ImageSource, listen: string): number {
  const value = valueAt(proxy.image.pillar, `listen.${listen}.port`);
  const text = String(value).replace(/^\$\{?(\w+)\}?$/, (_, name) => proxy.image.parameters[name] ?? "");
  return Number(text);
}

const answers = (row: AddressRow, { source, service }: Asked): boolean =>
  source.recipe.name === row.image && service === row.service;

/** HAProxy stands before what has a row for it, but not before what is on each hypervisor: there it matters which. */
export const isProxied = ({ workload }: Asked): boolean => workload.runs !== "hypervisor";

export function layOut(all: readonly Asked[], whole: Whole): Layout {
  const onHost = whole.controlNetwork === "host";
  const scaled = addressRows.some(
    (row) => row.proxy && all.some((one) => answers(row, one) && isProxied(one) && one.replicas > 1),
  );
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
    const one = services.find((service) => answers(row, service));
    if (!one) return [];
    const port = portsOf(one)[row.port] ?? 0;
    const base = { parameter: row.parameter, workload: one.name };
    if (row.literal) fixed.set(one.name, `${whole.network}.${firstLiteral + fixed.size}`);
    const literal = fixed.get(one.name);
    if (literal !== undefined) return [{ ...base, host: literal, port }];
    if (one.workload.runs === "hypervisor") return [];
    if (onHost && !one.workload.inside) return [{ ...base, host: `${whole.network}.${machine}`, port }];
    if (!proxy || !row.proxy) return [{ ...base, host: one.name, port }];
    return [{ ...base, host: proxy.name, port: proxiedPort(proxy.source, row.proxy.listen), by: proxy.name }];
  });
  return { whole, services, proxy, namespaces, addresses, fixed };
}
