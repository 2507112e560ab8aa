import type { Container, Deployment, Mount, Namespace, Published, Workload } from "../deployment/deployment.ts";
import type { Yaml } from "../yaml/write.ts";
import type { Variables } from "./variables.ts";

/** What Docker gives a container of which nothing is said is 1024 (docker run --cpu-shares). */
const shares = { first: 8192, next: 4096, last: 512 } as const;

/** What one container's service is written from. */
export type Written = {
  readonly deployment: Deployment;
  readonly variables: Variables;
  readonly workload: Workload;
  readonly container: Container;
};

/** An entry that is left out where there is nothing in it. */
const some = (key: string, value: Yaml | undefined): Readonly<Record<string, Yaml>> =>
  value === undefined || (Array.isArray(value) && value.length === 0) ? {} : { [key]: value };

/**
 * A new volume is root's, and root gives away what is not its own when it starts. Who is not root gets a volume with the owner of
 * what the image has there, from Docker; of several containers that do so at once one fails ("file exists").
 */
const mountText = ({ volume, path, writes, fills }: Mount, { host }: Workload): string => {
  const options = [...(writes ? [] : ["ro"]), ...(fills && !host.root ? [] : ["nocopy"])];
  return `${volume}:${path}${options.length > 0 ? `:${options.join(",")}` : ""}`;
};

const publishedText = ({ address, port, target }: Published): string => `${address}:${port}:${target}`;

/** What a service leaves there is of one start: sockets, mounted network namespaces, what plinth rendered. */
const memory = ["/run", "/tmp"] as const;

/** A process without any right of root, on a file system that it cannot write to. */
const confined = ({ account, scratch }: Workload): Readonly<Record<string, Yaml>> => ({
  user: `${account.uid}:${account.gid}`,
  read_only: true,
  tmpfs: [...memory, ...scratch],
  cap_drop: ["ALL"],
  security_opt: ["no-new-privileges"],
});

/** The rights of a container that starts as root, beside those that the engine gives. */
const privileged = ({ host, scratch }: Workload): Readonly<Record<string, Yaml>> => ({
  tmpfs: [...memory, ...scratch],
  ...(host.mounts ? { security_opt: ["apparmor=unconfined"] } : {}),
});

/** The holder's process namespace, or the machine's. */
function processesOf({ deployment, workload, container }: Written): string | undefined {
  const namespace = deployment.namespaces.find(({ name }) => name === container.namespace);
  if (workload.joinsProcesses && namespace) return `service:${namespace.holder}`;
  return workload.host.processes ? "host" : undefined;
}

function rights(written: Written): Readonly<Record<string, Yaml>> {
  const { workload, variables } = written;
  const { host } = workload;
  const devices = (host.devices ?? []).map(({ path, optional }) => variables.device(path, optional === true));
  return {
    ...(host.root ? privileged(workload) : confined(workload)),
    ...some("cap_add", host.capabilities),
    ...some("devices", devices),
    ...some("pid", processesOf(written)),
    ...(host.cgroups ? { cgroup: "host" } : {}),
    ...some("sysctls", host.sysctls),
  };
}

/** @returns the URL of the etcd that holds addresses; without one, nothing. */
export function etcdUrl({ addresses }: Deployment, variables: Variables): string | undefined {
  const etcd = addresses.find(({ workload }) => workload === "etcd-server");
  return etcd && `http://${variables.value(etcd.host)}:${etcd.port}`;
}

/** @returns where etcd is, for containers that ask it for addresses: those of a control plane on the machine's own network. */
function etcdOf({ deployment, workload, container, variables }: Written): Readonly<Record<string, Yaml>> | undefined {
  const endpoint = etcdUrl(deployment, variables);
  const { controlNetwork, addresses } = deployment;
  if (endpoint === undefined || controlNetwork !== "host" || workload.name === "etcd-server") return undefined;
  if (!addresses.some(({ parameter }) => parameter in container.parameters)) return undefined;
  return { PLINTH_ETCD_ENDPOINTS: endpoint, PLINTH_ETCD_TIMEOUT: String(deployment.waitTimeout) };
}

function environmentOf(written: Written): Readonly<Record<string, Yaml>> {
  const { deployment, workload, container, variables } = written;
  const etcd = etcdOf(written);
  const asked = new Set(etcd ? deployment.addresses.map(({ parameter }) => parameter) : []);
  const parameters = Object.entries(container.parameters).filter(([name]) => !asked.has(name));
  const waits = deployment.waits.some(({ from }) => from === workload.name);
  return {
    ...Object.fromEntries(parameters.map(([name, value]) => [name, variables.parameter(name, value)])),
    ...Object.fromEntries(
      workload.secrets.map(({ secret, parameter }) => [`${parameter}_FILE`, `/run/secrets/${secret}`]),
    ),
    ...etcd,
    ...(waits ? { PLINTH_WAIT_TIMEOUT: String(deployment.waitTimeout) } : {}),
  };
}

/** The ports of all containers in a namespace are those of the one that holds it. */
const publishedIn = ({ workloads }: Deployment, namespace: Namespace): readonly Published[] =>
  workloads.flatMap(({ containers }) =>
    containers.flatMap((one) => (one.namespace === namespace.name ? one.published : [])),
  );

function networkOf({ deployment, workload, container, variables }: Written): Readonly<Record<string, Yaml>> {
  const namespace = deployment.namespaces.find(({ name }) => name === container.namespace);
  if (namespace && namespace.holder !== container.name) return { network_mode: `service:${namespace.holder}` };
  if (namespace) {
    return {
      hostname: namespace.name,
      // eth0 and eth1: engines number them in the order of the networks' names.
      networks: {
        default: { ipv4_address: variables.value(namespace.inside) },
        outside: { ipv4_address: variables.value(namespace.outside) },
      },
      ...some("ports", publishedIn(deployment, namespace).map(publishedText)),
    };
  }
  const ports = container.published.map(publishedText);
  const isAlone = container.address !== undefined || ports.length > 0 || workload.kind === "job";
  return {
    ...(container.hostname === null ? {} : { hostname: container.hostname }),
    ...(isAlone ? {} : { container_name: `\${COMPOSE_PROJECT_NAME}-${container.name}-1` }),
    ...(workload.host.isolated ? { network_mode: "none" } : {}),
    ...(workload.network === "host" ? { network_mode: "host" } : {}),
    ...(container.address === undefined
      ? {}
      : { networks: { default: { ipv4_address: variables.value(container.address) } } }),
    ...some("ports", ports),
  };
}

/**
 * Whether the service can serve now, as the images ask. Compose restarts what ends, not what is unhealthy: so the check ends a
 * service that hangs, within a minute. There are thirty containers, so not every ten seconds.
 */
const check = {
  test: ["CMD", "/opt/plinth/bin/plinth", "healthcheck", "--ready", "--end-hung"],
  interval: "30s",
  timeout: "30s",
  start_period: "300s",
} as const;

/** How it is started again, how it ends, and whether it is asked how it is. */
function lifeOf({ kind, byHand, stop, health, joinsProcesses }: Workload): Readonly<Record<string, Yaml>> {
  if (kind === "job") {
    return {
      ...(byHand ? { profiles: ["by-hand"] } : {}),
      restart: byHand ? "no" : "on-failure",
      healthcheck: { disable: true },
    };
  }
  return {
    restart: "unless-stopped",
    ...some("stop_signal", stop.signal),
    stop_grace_period: `${stop.seconds}s`,
    // The check ends a service that hangs. It may, since an init is process 1, which the kernel protects from signals of its own
    // namespace (pid_namespaces(7)); in another container's namespace the service is not process 1 anyway.
    ...(health && !joinsProcesses ? { init: true } : {}),
    healthcheck: health ? check : { disable: true },
  };
}

const machineDirectories = ({ workload: { host }, variables }: Written): readonly string[] => [
  ...(host.cgroups ? ["/sys/fs/cgroup:/sys/fs/cgroup"] : []),
  ...(host.engine ? [`${variables.engineSocket}:/run/docker.sock`] : []),
];

/** @returns the service of Compose that is one container of the deployment. */
export function serviceOf(written: Written): Readonly<Record<string, Yaml>> {
  const { workload, container, variables } = written;
  const { priority, resources } = workload;
  const environment = environmentOf(written);
  return {
    image: variables.image(workload.image),
    command: [workload.service],
    ...lifeOf(workload),
    ...networkOf(written),
    ...rights(written),
    ...some("cpu_shares", priority && shares[priority]),
    ...some("cpus", resources?.cpus),
    ...some("mem_limit", resources?.memory?.toLowerCase()),
    ...some("volumes", [
      ...container.mounts.map((mount) => mountText(mount, workload)),
      ...machineDirectories(written),
    ]),
    ...some("secrets", [...new Set(workload.secrets.map(({ secret }) => secret))]),
    ...(Object.keys(environment).length > 0 ? { environment } : {}),
  };
}
