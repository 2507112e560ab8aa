import type { BakedDetails, BakedImage } from "../baked/baked.ts";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import type { Recipe } from "../image/recipe.ts";
import type { Value } from "../model/value.ts";
import type { ImageRow, ServiceRow } from "../openstack/component.ts";
import { ports as portRows } from "../openstack/ports.ts";
import { inRange } from "../openstack/releases.ts";
import type { WorkloadRow } from "../openstack/workload.ts";
import { placeOf } from "../pillar/place.ts";
import { holds } from "../settings/condition.ts";
import { type Block, blockOf, type Shape } from "./block.ts";
import type { Cluster, Resources, Volume } from "./deployment.ts";
import { deploymentMessage } from "./messages.ts";

/** An image of the model that plinth starts: its node, and what baking made of it. */
export type ImageSource = {
  readonly recipe: Recipe;
  readonly row: ImageRow;
  readonly parameters: Value;
  readonly image: BakedImage;
  readonly details: BakedDetails;
  /** SHA-256 of `image`, in hexadecimal. */
  readonly digest: string;
};

/** A service of an image that is part of the deployment, as its row and the model's `_workload` say. */
export type WorkloadRequest = {
  readonly source: ImageSource;
  readonly service: string;
  readonly row: ServiceRow;
  readonly workload: WorkloadRow;
  readonly name: string;
  readonly release: string;
  /** Containers on the control plane; 1 for what runs on hypervisors, which are in `placement`. */
  readonly replicas: number;
  readonly placement: readonly string[];
  /** Its image's services scale apart: the model says how many of each. */
  readonly apart: boolean;
  readonly resources?: Resources;
  /** Where the machine publishes its first port: an address, and another port than its own. */
  readonly published?: { readonly address: string; readonly port?: number; readonly place?: Place };
  readonly storage: ReadonlyMap<string, StorageRequest>;
  /** Where the model says how many there are, and where. */
  readonly places: { readonly replicas: Place | undefined; readonly placement: Place | undefined };
};

/** What the model says of a volume. */
export type StorageRequest = Pick<Volume, "directory" | "size" | "class" | "nfs" | "claim" | "shared"> & {
  readonly place?: Place;
};

/** Whether the model says anything of a volume. */
export const isConfigured = ({ shared, ...said }: StorageRequest): boolean => shared || Object.keys(said).length > 0;

const octet = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const portNumber = "(6553[0-5]|655[0-2]\\d|65[0-4]\\d\\d|6[0-4]\\d{3}|[1-5]\\d{4}|[1-9]\\d{0,3})";
const address: Shape = [
  new RegExp(`^${octet}(\\.${octet}){3}(:${portNumber})?$`),
  "an IPv4 address of the machine, or ADDRESS:PORT with a port from 1 to 65535, such as 127.0.0.1:8774",
];
const directory: Shape = [/^\/[\w./-]*$/, "the path of a directory of the machine"];
/** RFC 1123's label. */
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const claimName: Shape = [label, "a name of lower-case letters, digits and hyphens"];
const className: Shape = [
  /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/,
  "the name of a storage class: lower-case letters, digits, hyphens and dots",
];
const nfs: Shape = [/^[\w.:[\]-]+:\/[\w./-]*$/, "an export of NFS, such as nfs.example.com:/images"];
const size: Shape = [/^[1-9]\d*[KMGT]$/, "a size such as 10G"];
// Docker refuses less than 6 MiB, and takes 0 processors for as many as there are.
const memory: Shape = [/^([6-9]|[1-9]\d+)M$|^[1-9]\d*[GT]$/, "a size of 6M or more, such as 512M"];
const cpus: Shape = [/^(?=.*[1-9])\d{1,4}(\.\d{1,3})?$/, "a number of processors above 0, such as 0.5"];
const hypervisor: Shape = [label, "names of hypervisors, such as compute-1"];

const whyOnce: Readonly<Record<WorkloadRow["runs"], string>> = {
  replicas: "",
  one: "Two of it would do the same work twice, or miss each other: give it one.",
  stateful: "Its data is its own, and nothing would keep two copies equal: give it one.",
  hypervisor: "It is on every hypervisor: name those in _workload:placement.",
};

/** @returns how many containers a service is to have. `replicas` is a number for all that scale, or one by service. */
function replicasOf(block: Block, services: ReadonlyMap<string, WorkloadRow>, node: string, diagnostics: Diagnostic[]) {
  const scaling = [...services].filter(([, { runs }]) => runs === "replicas").map(([service]) => service);
  const refuse = (service: string, count: number, row: WorkloadRow, at = block.place("replicas")): void => {
    const message = { node, service, count, why: whyOnce[row.runs] };
    const wrong = deploymentMessage("replicas-of-one", message, at && placeOf(at));
    diagnostics.push({ ...wrong, node, path: `_workload:replicas:${service}` });
  };
  if (!block.isMapping("replicas")) {
    const count = block.count("replicas") ?? 1;
    const [first] = [...services];
    if (count > 1 && scaling.length === 0 && first) refuse(first[0], count, first[1]);
    return (service: string): number => (scaling.includes(service) ? count : 1);
  }
  const own = block.block("replicas").allow([...services.keys()]);
  for (const [service, row] of services) {
    const count = own.count(service) ?? 1;
    if (count > 1 && row.runs !== "replicas") refuse(service, count, row, own.place(service));
  }
  return (service: string): number => (scaling.includes(service) ? (own.count(service) ?? 1) : 1);
}

function publishedOf(block: Block, service: string): WorkloadRequest["published"] {
  const text = block.text(service, address);
  if (text === undefined) return undefined;
  const [host = "", port] = text.split(":");
  const at = block.place(service);
  return { address: host, ...(port === undefined ? {} : { port: Number(port) }), ...(at && { place: placeOf(at) }) };
}

function resourcesOf(block: Block, service: string): Resources | undefined {
  const own = block.block(service).allow(["cpus", "memory"]);
  const processors = own.text("cpus", cpus);
  const room = own.text("memory", memory);
  if (processors === undefined && room === undefined) return undefined;
  return {
    ...(processors === undefined ? {} : { cpus: Number(processors) }),
    ...(room === undefined ? {} : { memory: room }),
  };
}

function storageOf(block: Block, volumes: readonly string[]): WorkloadRequest["storage"] {
  const storage = new Map<string, StorageRequest>();
  block.allow(volumes);
  for (const volume of volumes) {
    const own = block.block(volume).allow(["directory", "size", "class", "nfs", "claim", "shared"]);
    const [where, room, kind, exported, claim] = [
      own.text("directory", directory),
      own.text("size", size),
      own.text("class", className),
      own.text("nfs", nfs),
      own.text("claim", claimName),
    ];
    const at = own.place("directory") ?? block.place(volume);
    storage.set(volume, {
      ...(at && { place: placeOf(at) }),
      ...(where === undefined ? {} : { directory: where }),
      ...(room === undefined ? {} : { size: room }),
      ...(kind === undefined ? {} : { class: kind }),
      ...(exported === undefined ? {} : { nfs: exported }),
      ...(claim === undefined ? {} : { claim }),
      shared: exported !== undefined || own.flag("shared") === true,
    });
  }
  return storage;
}

/**
 * @param diagnostics is given what is wrong; what cannot be used is then taken as if the model did not say it.
 * @returns the services of an image that are part of a deployment, with what the model asks of each.
 */
export function readWorkloadRequests(source: ImageSource, diagnostics: Diagnostic[]): readonly WorkloadRequest[] {
  const { image: baked } = source;
  const isOn = baked.pillar["enabled"] !== false;
  const there = [...servicesOf(source)].filter(
    ([name, row]) => isOn && name in baked.services && holds(row.where, baked.pillar),
  );
  return readServices(source, new Map(there), diagnostics).map((asked) => ({ ...asked, source }));
}

/** An image of the model, be it that its pillar is wrong. */
export type UnbakedSource = Pick<ImageSource, "recipe" | "row" | "parameters">;

/** Tells what is wrong with what the model asks of an image whose pillar is wrong, so that not all of its services can be known. */
export function checkUnbaked(source: UnbakedSource, diagnostics: Diagnostic[]): void {
  readServices(source, servicesOf(source), diagnostics);
}

/** @returns the services that an image's release has in a deployment. */
function servicesOf({ recipe, row: image }: UnbakedSource): ReadonlyMap<string, WorkloadRow> {
  const rows = Object.entries(image.services).flatMap(([name, row]) =>
    row.workload && inRange(row, recipe.release) ? [[name, row.workload] as const] : [],
  );
  return new Map(rows);
}

function readServices(
  { recipe, row: image, parameters }: UnbakedSource,
  services: ReadonlyMap<string, WorkloadRow>,
  diagnostics: Diagnostic[],
): readonly Omit<WorkloadRequest, "source">[] {
  const block = blockOf(recipe.node, parameters, "_workload", diagnostics);
  block.allow(["replicas", "resources", "placement", "storage", "published"]);
  const replicas = replicasOf(block, services, recipe.node, diagnostics);
  const places = { replicas: block.placeOf("replicas"), placement: block.placeOf("placement") };
  // What cannot be used is nowhere: what would follow from another guess is no mistake of the model.
  const placement = block.texts("placement", hypervisor) ?? (places.placement ? [] : ["compute-1"]);
  const serving = [...services.keys()].filter(
    (service) => Object.keys(image.services[service]?.ports ?? {}).length > 0,
  );
  const published = block.block("published").allow(serving);
  const resources = block.block("resources").allow([...services.keys()]);
  const volumes = [...services.values()].flatMap(({ keeps = [] }) =>
    keeps.flatMap((one) => ("volume" in one ? [one.volume] : [])),
  );
  const storage = storageOf(block.block("storage"), [...new Set(volumes)]);
  return [...services].map(([service, workload]): Omit<WorkloadRequest, "source"> => {
    const publishes = publishedOf(published, service);
    const limits = resourcesOf(resources, service);
    return {
      service,
      places,
      row: image.services[service] as ServiceRow,
      workload,
      name: workload.name ?? `${image.component}-${service}`,
      release: recipe.release,
      replicas: replicas(service),
      placement,
      apart: block.isMapping("replicas"),
      storage,
      ...(publishes ? { published: publishes } : {}),
      ...(limits ? { resources: limits } : {}),
    };
  });
}

/** What the nodes say of the deployment as a whole. */
export type DeploymentSettings = {
  readonly region: string;
  readonly network: string;
  readonly outside: string;
  readonly controlNetwork: "containers" | "host";
  readonly cluster: Cluster;
  /** Where the model says which networks. */
  readonly places: {
    readonly network: Place | undefined;
    readonly outside: Place | undefined;
    readonly controlNetwork: Place | undefined;
  };
};

// Not this machine itself (0, 127), no link (169.254, where guests find their metadata), no group of machines (224 and above).
const prefix: Shape = [
  new RegExp(`^(?!0\\.|127\\.|169\\.254\\.|22[4-9]|2[3-5]\\d)${octet}(\\.${octet}){2}$`),
  "the first three numbers of a network's addresses, such as 172.31.240",
];

const publishing: Shape = [/^(LoadBalancer|NodePort|ClusterIP)$/, "LoadBalancer, NodePort or ClusterIP"];
const nodeLabel: Shape = [/^([\w.-]*\w)?$/, "the value of a node's label, in quotes"];

const addressRange: Shape = [
  new RegExp(`^${octet}(\\.${octet}){3}/([12]?\\d|3[0-2])$|^[0-9a-f:]*:[0-9a-f:]*/(\\d\\d?|1[01]\\d|12[0-8])$`),
  "networks such as 10.0.0.0/24",
];

/** What the model says of a cluster. */
function clusterOf(block: Block): Cluster {
  block.allow(["publish", "storage_class", "hypervisor_nodes", "machine_networks"]);
  const nodes = block.block("hypervisor_nodes");
  const storageClass = block.text("storage_class", className);
  return {
    publish: (block.text("publish", publishing) ?? "LoadBalancer") as Cluster["publish"],
    ...(storageClass === undefined ? {} : { storageClass }),
    machineNetworks: block.texts("machine_networks", addressRange) ?? [],
    hypervisorNodes: Object.fromEntries(nodes.entries().map(([key]) => [key, nodes.text(key, nodeLabel) ?? ""])),
  };
}

const port: Shape = [new RegExp(`^${portNumber}$`), "a port from 1 to 65535"];

/** Reads what a node says of the deployment as a whole: `_deployment`, and the ports of all services, which are in its pillar, too. */
export function readDeploymentSettings(
  { recipe, parameters }: Pick<ImageSource, "recipe" | "parameters">,
  diagnostics: Diagnostic[],
): DeploymentSettings {
  const ports = blockOf(recipe.node, parameters, "_port", diagnostics).allow([
    ...Object.keys(portRows),
    "identity_internal",
  ]);
  for (const [name] of ports.entries()) ports.text(name, port);
  const block = blockOf(recipe.node, parameters, "_deployment", diagnostics);
  block.allow(["region", "network", "outside_network", "control_network"]);
  const control = block.text("control_network", [/^(containers|host)$/, "containers or host"]);
  const whole: DeploymentSettings = {
    region: block.text("region", [/./, "a text"]) ?? "RegionOne",
    network: block.text("network", prefix) ?? "172.31.240",
    outside: block.text("outside_network", prefix) ?? "172.31.239",
    controlNetwork: control === "host" ? "host" : "containers",
    cluster: clusterOf(blockOf(recipe.node, parameters, "_kubernetes", diagnostics)),
    places: {
      network: block.placeOf("network"),
      outside: block.placeOf("outside_network"),
      controlNetwork: block.placeOf("control_network"),
    },
  };
  if (whole.network === whole.outside) {
    const at = block.place("outside_network");
    const same = deploymentMessage("networks-same", { prefix: whole.network }, at && placeOf(at));
    diagnostics.push({ ...same, node: recipe.node, path: "_deployment:outside_network" });
  }
  return whole;
}
