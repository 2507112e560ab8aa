import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { placeText } from "../diagnostics/frame.ts";
import { inRange } from "../openstack/releases.ts";
import { secrets as secretRows } from "../openstack/secrets.ts";
import { usualCapabilities, type VolumeRow } from "../openstack/workload.ts";
import { valueAt } from "../schema/json.ts";
import { holds } from "../settings/condition.ts";
import { interpolate } from "../settings/interpolate.ts";
import { clashes, differences } from "./clashes.ts";
import { clusterFaults } from "./cluster.ts";
import type { Container, Deployment, Mount, Published, Volume, Workload } from "./deployment.ts";
import { trafficFlowsOf, waitsOf } from "./edges.ts";
import { composeEngine, type Engine } from "./engine.ts";
import { healthOf } from "./health.ts";
import { deploymentMessage } from "./messages.ts";
import { missingOf } from "./missing.ts";
import { namespacesOf } from "./namespaces.ts";
import { parametersOf, secretsOf } from "./parameters.ts";
import { groupOf, type Layout, layOut, nth, portBefore, portsOf, publicPorts, serviceNameOf } from "./plan.ts";
import {
  checkUnbaked,
  type DeploymentSettings,
  type ImageSource,
  isConfigured,
  readDeploymentSettings,
  readWorkloadRequests,
  type UnbakedSource,
  type WorkloadRequest,
} from "./requests.ts";

/** Half an hour: longer than any restart of a database takes, shorter than a night. */
const waitTimeout = 1800;

/** A service or a job in Python with one process, in use but not busy: MiB, and thousandths of a processor. */
const usualUses = { memory: 160, cpu: 50 };

/** Seconds until a container that was asked to end is killed, where its row says nothing. */
const usualGrace = 15;

const volumesOf = ({ workload, release }: WorkloadRequest): readonly VolumeRow[] =>
  (workload.keeps ?? []).flatMap((directory) =>
    "volume" in directory && inRange(directory, release) ? [directory] : [],
  );

/** @returns the name of the volume that a container has for a row. */
const instanceOf = ({ volume, of }: VolumeRow, index: number): string =>
  of === "shared" ? volume : nth(volume, index);

const mountsOf = (asked: WorkloadRequest, index: number): readonly Mount[] =>
  volumesOf(asked).map((row) => ({
    volume: instanceOf(row, index),
    path: row.path,
    writes: row.writes === true,
    // Of several containers with one volume the first fills it.
    fills: row.fills === true && (row.of !== "shared" || index === 0),
  }));

/** What of a container the machine publishes. What HAProxy stands before is published there. */
function publishedOf(asked: WorkloadRequest, layout: Layout, index: number): readonly Published[] {
  const { proxy, services } = layout;
  const own = publicPorts(asked)
    .filter(({ name }) => portBefore(asked, name, proxy) === undefined)
    .map(({ address, port, target }) => ({ address, port: port + index, target }));
  if (asked !== proxy) return own;
  const passed = services.flatMap((one) =>
    publicPorts(one).flatMap(({ name, address, port }): readonly Published[] => {
      const target = portBefore(one, name, proxy);
      return target === undefined ? [] : [{ address, port, target }];
    }),
  );
  return [...own, ...passed];
}

function containersOf(asked: WorkloadRequest, layout: Layout, diagnostics: Diagnostic[]): readonly Container[] {
  const { name, row, workload, placement, replicas, places, source } = asked;
  const common = (index: number) => ({
    name: nth(name, index),
    mounts: mountsOf(asked, index),
    published: publishedOf(asked, layout, index),
  });
  if (workload.runs !== "hypervisor") {
    const parameters = parametersOf(asked, layout, undefined, diagnostics);
    const address = layout.fixed.get(name);
    return Array.from({ length: replicas }, (_, index) => ({
      ...common(index),
      hostname: row.kind === "job" ? null : nth(name, index),
      namespace: null,
      ...parameters,
      ...(address === undefined ? {} : { address }),
    }));
  }
  return placement.flatMap((host, index): readonly Container[] => {
    const namespace = layout.namespaces.find((one) => one.name === host);
    if (!namespace) {
      const unknown = deploymentMessage("hypervisor-unknown", { workload: name, hypervisor: host }, places.placement);
      diagnostics.push({ ...unknown, node: source.recipe.node, path: "_workload:placement" });
      return [];
    }
    const parameters = parametersOf(asked, layout, { namespace, index }, diagnostics);
    return [{ ...common(index), hostname: host, namespace: workload.namespace ? host : null, ...parameters }];
  });
}

/** Whether a service has the machine's network by its row. */
const isOnMachine = ({ workload: { host }, source }: WorkloadRequest): boolean =>
  host?.network !== undefined && holds(host.network, source.image.pillar);

/** Engines differ in what they give root, so that all capabilities are named where it matters. */
function hostOf(asked: WorkloadRequest, { engine }: Layout): Workload["host"] {
  const { network: _network, ...row } = asked.workload.host ?? {};
  const host = isOnMachine(asked) ? { ...row, sysctls: {} } : row;
  if (!engine.pods || !host.root) return host;
  return { ...host, capabilities: [...new Set([...usualCapabilities, ...(host.capabilities ?? [])])] };
}

function workloadOf(asked: WorkloadRequest, layout: Layout, diagnostics: Diagnostic[]): Workload {
  const { row, workload, source, service, name, replicas } = asked;
  const { pillar } = source.image;
  const isScaling = workload.runs === "replicas";
  const onHost = layout.whole.controlNetwork === "host" && workload.runs !== "hypervisor" && !workload.inside;
  if (onHost && replicas > 1 && Object.keys(row.ports ?? {}).length > 0) {
    const wrong = deploymentMessage("replicas-on-host", { workload: name, count: replicas }, asked.places.replicas);
    diagnostics.push({ ...wrong, node: source.recipe.node, path: "_workload:replicas" });
  }
  return {
    name,
    doc: row.doc,
    kind: row.kind,
    byHand: workload.byHand === true || workload.schedule !== undefined,
    ...(workload.schedule === undefined ? {} : { schedule: workload.schedule }),
    peers: (workload.peers ?? []).filter(({ where }) => where === undefined || valueAt(pillar, where)),
    group: groupOf(asked, layout.engine),
    serviceNames: Object.fromEntries(
      Object.keys(portsOf(asked)).map((port) => [port, serviceNameOf(asked, port, layout.services, layout.engine)]),
    ),
    pillar: source.digest,
    image: source.recipe.name,
    service,
    runs: workload.runs,
    account: workload.account ?? source.row.account,
    host: hostOf(asked, layout),
    joinsProcesses: workload.processes === "joins",
    network: onHost || isOnMachine(asked) ? "host" : "containers",
    outside: (workload.outside ?? [])
      .filter(({ where }) => holds(where, pillar))
      .map(({ port }) => Number(interpolate(port, pillar))),
    stop: { seconds: usualGrace, ...workload.stop },
    rollout: workload.rollout ?? (isScaling ? "overlap" : "gap"),
    ...(workload.priority ? { priority: workload.priority } : {}),
    ...(asked.resources ? { resources: asked.resources } : {}),
    health: row.kind === "service" ? healthOf(asked) : null,
    uses: workload.uses ?? usualUses,
    scratch: (workload.keeps ?? []).flatMap(({ of, path }) => (of === "scratch" ? [path] : [])),
    secrets: secretsOf(asked, diagnostics),
    ports: portsOf(asked),
    containers: containersOf(asked, layout, diagnostics),
  };
}

function volumesIn(services: readonly WorkloadRequest[], workloads: readonly Workload[]): readonly Volume[] {
  const volumes = new Map<string, Volume>();
  for (const asked of services) {
    const { containers } = workloads.find(({ name }) => name === asked.name) as Workload;
    for (const row of volumesOf(asked)) {
      containers.forEach((_, index) => {
        const name = instanceOf(row, index);
        const known = volumes.get(name);
        const stored = asked.storage.get(row.volume);
        volumes.set(name, {
          name,
          of: row.of,
          // Storage of the model's is in place of the secret that would stand for it.
          ...(row.secret === undefined || (stored && isConfigured(stored)) ? {} : { secret: row.secret }),
          shared: false,
          ...known,
          ...(stored && isConfigured(stored) ? stored : {}),
        });
      });
    }
  }
  return [...volumes.values()];
}

/** @returns each mistake once: in a class that many nodes have, and what all containers of a workload lack, of the first. */
function distinct(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const key = ({ code, what, fix, place }: Diagnostic): string =>
    place === undefined ? `${code} ${what}` : `${code} ${placeText(place).at} ${fix}`;
  const once = new Map<string, Diagnostic>();
  for (const one of diagnostics) if (!once.has(key(one))) once.set(key(one), one);
  return [...once.values()];
}

/** @returns what is wrong with what the model asks of these images, as far as that shows in each alone. */
export function faultsOf(sources: readonly (ImageSource | UnbakedSource)[]): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const source of sources) {
    readDeploymentSettings(source, diagnostics);
    if ("image" in source) readWorkloadRequests(source, diagnostics);
    else checkUnbaked(source, diagnostics);
  }
  return distinct(diagnostics);
}

/**
 * Computes what a deployment is.
 *
 * @param sources the images of the model that plinth starts, each baked, in the order of the rows of src/openstack.
 */
export function describe(sources: readonly ImageSource[], engine: Engine = composeEngine): Result<Deployment> {
  const [first] = sources;
  if (!first) throw new Error("a deployment of no image");
  const missing = sources.flatMap(missingOf);
  const diagnostics: Diagnostic[] = [
    ...differences(sources),
    ...missing.filter(({ severity }) => severity === "error"),
  ];
  const wholes = sources.map((source) => readDeploymentSettings(source, diagnostics));
  const [whole] = wholes as [DeploymentSettings];
  // Only the nodes that know what connects hypervisors say in which networks these are.
  const machineNetworks = [...new Set(wholes.flatMap(({ cluster }) => cluster.machineNetworks))];
  const layout = layOut(
    sources.flatMap((source) => readWorkloadRequests(source, diagnostics)),
    whole,
    engine,
  );
  const workloads = layout.services.map((one) => workloadOf(one, layout, diagnostics));
  const volumes = volumesIn(layout.services, workloads);
  diagnostics.push(...(engine.pods ? clusterFaults(layout, workloads, volumes) : clashes(layout, workloads)));
  if (diagnostics.length > 0) return failure(distinct(diagnostics));
  const used = new Set(workloads.flatMap(({ secrets }) => secrets.map(({ secret }) => secret)));
  const { recipe } = first;
  const deployment: Deployment = {
    name: recipe.deployName,
    release: recipe.release,
    region: whole.region,
    imagePrefix: recipe.image.slice(0, -`/${recipe.name}:${recipe.release}`.length),
    networks: {
      inside: { name: "inside", prefix: whole.network },
      outside: { name: "outside", prefix: whole.outside },
    },
    waitTimeout,
    virtualized: workloads.some(({ containers }) =>
      containers.some(({ parameters }) => parameters["NOVA_VIRTUALIZATION"] === "kvm"),
    ),
    cluster: { ...whole.cluster, machineNetworks, namespaces: namespacesOf(recipe.deployName) },
    controlNetwork: whole.controlNetwork,
    namespaces: layout.namespaces,
    workloads,
    volumes,
    secrets: secretRows
      .filter(({ name }) => used.has(name))
      .map(({ name, made: { length, alphabet } }) => ({ name, length, alphabet })),
    addresses: layout.addresses,
    talks: layout.services.flatMap((one) => trafficFlowsOf(one, layout)),
    waits: layout.services.flatMap((one) => waitsOf(one, layout)),
  };
  return success(deployment, missing);
}
