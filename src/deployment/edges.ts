import { addresses as addressRows } from "../openstack/addresses.ts";
import type { NeedRow } from "../openstack/component.ts";
import { openvswitchSocket } from "../openstack/hypervisor.ts";
import { namesIn } from "../pillar/placeholder.ts";
import { valueAt } from "../schema/json.ts";
import { isLoopback } from "../schema/text.ts";
import { interpolate } from "../settings/interpolate.ts";
import type { TrafficFlow, Wait } from "./deployment.ts";
import { contractOf } from "./parameters.ts";
import type { Layout } from "./plan.ts";
import type { WorkloadRequest } from "./requests.ts";

/** @returns what a service knows the address of, or finds in keystone's catalog, and HAProxy what is behind it. */
export function trafficFlowsOf(asked: WorkloadRequest, { addresses, proxy }: Layout): readonly TrafficFlow[] {
  const contract = contractOf(asked).map(({ name }) => name);
  if (asked === proxy) {
    const behind = addresses.filter(({ by }) => by !== undefined);
    return behind.map(({ workload, port }) => ({ from: asked.name, to: workload, port }));
  }
  const inCatalog = addressRows.flatMap(({ parameter, portName }) =>
    asked.workload.catalog?.includes(portName) ? [parameter] : [],
  );
  const known = addresses.filter(
    ({ parameter, workload }) =>
      (contract.includes(parameter) || inCatalog.includes(parameter)) && workload !== asked.name,
  );
  return known.map(({ workload, by, port }) => ({ from: asked.name, to: by ?? workload, port }));
}

/** Who answers at the host of a settings block. */
function answering(asked: WorkloadRequest, from: string, layout: Layout): string | undefined {
  const { placeholders, parameters, pillar } = asked.source.image;
  const host = placeholders.find(({ path }) => path === `${from}.host` || path === `${from}.0.host`);
  const [name] = host ? namesIn(host.parts) : [];
  const row = layout.addresses.find(({ parameter }) => parameter === name);
  if (row) return row.workload;
  // Its own machine's: what listens there, in the same network namespace, is Open vSwitch's database. Any other is outside.
  const written = name === undefined ? valueAt(pillar, `${from}.host`) : parameters[name];
  return isLoopback(String(written)) ? filling(asked, openvswitchSocket, layout) : undefined;
}

/** The job that makes the schema of the database that a settings block names. */
function schemaJob({ source }: WorkloadRequest, from: string, { services }: Layout): string | undefined {
  const database = valueAt(source.image.pillar, `${from}.name`);
  return services.find(({ row, source: other }) =>
    row.schemas?.some((schema) => valueAt(other.image.pillar, `${schema.from}.name`) === database),
  )?.name;
}

/** Who fills the volume that a file is on. */
function filling(asked: WorkloadRequest, path: string, { services }: Layout): string | undefined {
  const directories = (asked.workload.keeps ?? []).flatMap((directory) => ("volume" in directory ? [directory] : []));
  const own = directories.find((directory) => path.startsWith(`${directory.path}/`));
  return services.find((one) =>
    one.workload.keeps?.some(
      (directory) => "volume" in directory && directory.volume === own?.volume && directory.fills,
    ),
  )?.name;
}

const making = (what: string, { services }: Layout): string | undefined =>
  services.find(({ workload }) => workload.makes === what)?.name;

/** @returns whom a need is about, and what is asked of each. */
function awaited(
  asked: WorkloadRequest,
  need: NeedRow,
  layout: Layout,
): readonly (readonly [string | undefined, string])[] {
  if (need.probe === "file")
    return [[filling(asked, interpolate(need.path, asked.source.image.pillar), layout), "file"]];
  // Of its own volume.
  if (need.probe === "space") return [];
  if (need.probe === "libvirt") return [[filling(asked, "/run/libvirt/libvirt-sock", layout), "libvirt"]];
  const server = [answering(asked, need.from, layout), need.probe] as const;
  if (need.probe === "mysql" && need.schema) {
    const row = need.row ? ([making(need.row.table, layout), need.row.table] as const) : undefined;
    return [server, [schemaJob(asked, need.from, layout), "schema"], ...(row ? [row] : [])];
  }
  if (need.probe === "keystone") {
    const what = need.made ?? "users";
    return [server, [making(what, layout), what]];
  }
  return [server];
}

/** @returns what a service waits for before it starts, each once. */
export function waitsOf(asked: WorkloadRequest, layout: Layout): readonly Wait[] {
  const needs = asked.source.image.services[asked.service]?.needs ?? [];
  const waits = needs.flatMap((need) =>
    awaited(asked, need, layout).flatMap(([to, what]): readonly Wait[] =>
      to === undefined || to === asked.name
        ? []
        : [{ from: asked.name, to, what, ...(need.optional ? { optional: true } : {}) }],
    ),
  );
  const once = new Map(waits.map((wait) => [`${wait.to} ${wait.what}`, wait]));
  return [...once.values()];
}
