import type { Deployment, Published, Workload } from "../deployment/deployment.ts";
import { withoutImplied } from "./implied.ts";
import { inOrder } from "./order.ts";

/** A deployment as it is drawn: images with their services and jobs, and who waits for whom. */
export type Graph = {
  readonly title: string;
  /** In the order in which they can start. */
  readonly images: readonly GraphImage[];
  /** One for each pair, in the order of the services that wait. */
  readonly waits: readonly GraphWait[];
};

export type GraphImage = { readonly name: string; readonly services: readonly GraphService[] };

export type GraphService = {
  readonly name: string;
  readonly doc: string;
  readonly kind: "service" | "job";
  /** What sets it apart, in words: `×3 behind haproxy-server`, `on compute-1`, `by hand`; empty where nothing does. */
  readonly note: string;
  readonly ports: readonly GraphPort[];
};

/** A port that a service listens at, and by which addresses of the machine it is reached from outside. */
export type GraphPort = { readonly port: number; readonly published: readonly string[] };

/** `what` is what is asked: `mysql`, `schema`. `optional`: the service starts without it, too. */
export type GraphWait = {
  readonly from: string;
  readonly to: string;
  readonly what: readonly string[];
  readonly optional: boolean;
};

export type Chosen = {
  /** Only services of these images, what they wait for, and what waits for them; left out, all. */
  readonly images?: readonly string[];
  /** Leaves out a wait that follows from others: who waits for keystone's catalog waits for keystone. */
  readonly brief?: boolean;
};

const published = ({ address, port }: Published): string =>
  `${address.includes(":") ? `[${address}]` : address}:${port}`;

function portsOf({ ports, containers }: Workload): readonly GraphPort[] {
  const all = containers.flatMap((container) => container.published);
  const listened = new Set([...Object.values(ports), ...all.map(({ target }) => target)]);
  return [...listened]
    .sort((one, other) => one - other)
    .map((port) => ({ port, published: all.filter(({ target }) => target === port).map(published) }));
}

function noteOf({ name, byHand, runs, containers }: Workload, addresses: Deployment["addresses"]): string {
  if (byHand) return "by hand";
  if (runs === "hypervisor") {
    const hosts = containers.flatMap(({ hostname }) => hostname ?? []);
    return hosts.length > 2 ? `on ${hosts.length} hypervisors` : `on ${hosts.join(", ")}`;
  }
  const proxy = addresses.find(({ workload, by }) => workload === name && by !== undefined)?.by;
  const count = containers.length === 1 ? [] : [`×${containers.length}`];
  return [...count, ...(proxy === undefined ? [] : [`behind ${proxy}`])].join(" ");
}

function waitsOf({ waits }: Deployment): readonly GraphWait[] {
  const pairs = new Map<string, GraphWait>();
  for (const { from, to, what, optional = false } of waits) {
    const key = JSON.stringify([from, to]);
    const known = pairs.get(key);
    const all = [...(known?.what ?? []), what];
    // What one question can do without and another cannot must be there.
    pairs.set(key, { from, to, what: all, optional: optional && (known?.optional ?? true) });
  }
  return [...pairs.values()];
}

/** @returns what is drawn of a deployment. */
export function graphOf(deployment: Deployment, { images, brief = false }: Chosen = {}): Graph {
  const { name, release, workloads, addresses } = deployment;
  const imageOf = new Map(workloads.map((workload) => [workload.name, workload.image]));
  const isChosen = (workload: string): boolean => images === undefined || images.includes(imageOf.get(workload) ?? "");
  const all = waitsOf(deployment);
  const services = workloads.map((workload) => ({
    image: workload.image,
    name: workload.name,
    doc: workload.doc,
    kind: workload.kind,
    note: noteOf(workload, addresses),
    ports: portsOf(workload),
  }));
  const waits = all.filter(({ from, to }) => isChosen(from) || isChosen(to));
  const near = new Set(waits.flatMap(({ from, to }) => [from, to]));
  const isDrawn = (service: GraphService): boolean => isChosen(service.name) || near.has(service.name);
  return {
    title: `${name}, OpenStack ${release}`,
    // A part stands in the order of the whole.
    images: inOrder(services, all)
      .map((image) => ({ ...image, services: image.services.filter(isDrawn) }))
      .filter((image) => image.services.length > 0),
    waits: brief ? withoutImplied(waits) : waits,
  };
}
