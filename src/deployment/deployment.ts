import type { Account } from "../openstack/component.ts";
import type { HostRow, Runs, WorkloadRow } from "../openstack/workload.ts";

/**
 * What a deployment is: computed from the model, the rows of src/openstack and the images' contracts, and written down by those
 * who know an engine (src/compose). All names are unique within their list, and every name that is mentioned is in its list.
 */
export type Deployment = {
  /** The model's `deploy_name`. */
  readonly name: string;
  readonly release: string;
  readonly region: string;
  /** `[registry/]deploy_name`: what images are called before `/keystone-server:RELEASE`. */
  readonly imagePrefix: string;
  /** Seconds that a container waits for a database, a broker or keystone that is away before it gives up. */
  readonly waitTimeout: number;
  /** Hypervisors run their servers by the machine's processors (KVM). */
  readonly virtualized: boolean;
  /** What only an engine that runs pods on several machines asks. */
  readonly cluster: Cluster & { readonly namespaces: { readonly control: string; readonly hypervisors: string } };
  /** The one of containers first, then that outside of the cloud. */
  readonly networks: { readonly inside: Network; readonly outside: Network };
  /** Where the control plane's servers listen: in the network of containers, or on the machine's own. */
  readonly controlNetwork: "containers" | "host";
  readonly namespaces: readonly Namespace[];
  /** Services in the order of their images' rows, then jobs of the same image. */
  readonly workloads: readonly Workload[];
  readonly volumes: readonly Volume[];
  readonly secrets: readonly Secret[];
  readonly addresses: readonly Address[];
  readonly talks: readonly TrafficFlow[];
  readonly waits: readonly Wait[];
};

/** What the model says of a cluster of machines. */
export type Cluster = {
  /** How services that users reach are published: by a load balancer, at a port of every node, or not at all. */
  readonly publish: "LoadBalancer" | "NodePort" | "ClusterIP";
  /** The storage class of volumes that say nothing else; left out, the cluster's own default. */
  readonly storageClass?: string;
  /** The networks of the machines, as ADDRESS/BITS: where hypervisors have the machine's own network, they come from there. */
  readonly machineNetworks: readonly string[];
  /** Labels of the nodes that hypervisors may be on. */
  readonly hypervisorNodes: Readonly<Record<string, string>>;
};

/** A /24 network: `172.31.240` is its first three numbers. */
export type Network = { readonly name: "inside" | "outside"; readonly prefix: string };

/** A network namespace that several containers are in. */
export type Namespace = {
  /** The hypervisor's name, which is the host name of all its containers: `compute-1`. */
  readonly name: string;
  /** The container that the others join, where an engine has no namespace without a container. */
  readonly holder: string;
  /** Addresses in both networks. */
  readonly inside: string;
  readonly outside: string;
};

/** A service or job of the deployment, with all its containers. */
export type Workload = {
  readonly name: string;
  readonly doc: string;
  readonly kind: "service" | "job";
  /** A job that nobody waits for: it is run by hand, from time to time. */
  readonly byHand: boolean;
  /** When such a job is run, as cron(8) has it, in UTC. */
  readonly schedule?: string;
  /** Ports at which its containers on different hypervisors reach each other. */
  readonly peers: readonly { readonly port: number; readonly protocol: "TCP" | "UDP" }[];
  /**
   * Workloads with the same group are one pod where an engine has those. Of a hypervisor's containers it is `hypervisor`: each
   * hypervisor is a pod.
   */
  readonly group: string;
  /** The name that clients reach each of its ports by. */
  readonly serviceNames: Readonly<Record<string, string>>;
  /** SHA-256 of what its image was baked with: another pillar has another one. */
  readonly pillar: string;
  /** The image's name: `nova-controller`. */
  readonly image: string;
  /** What plinth is asked to start in it: `api`. */
  readonly service: string;
  readonly runs: Runs;
  readonly account: Account;
  /** What it needs of the machine but its network. Where the engine has pods, all capabilities of root are named; else those beside the engine's usual ones. */
  readonly host: Omit<HostRow, "network">;
  /** Its containers are in the process namespace of their network namespace's holder, too. */
  readonly joinsProcesses: boolean;
  /** `host` where `controlNetwork` is, and the workload is part of the control plane; and where its row says so. */
  readonly network: "containers" | "host";
  /** Ports of servers outside of the deployment that it connects to. */
  readonly outside: readonly number[];
  readonly stop: { readonly signal?: string; readonly seconds: number };
  readonly rollout: "overlap" | "gap";
  readonly priority?: WorkloadRow["priority"];
  readonly resources?: Resources;
  /** What to ask it; null where nothing is a reason to restart it. */
  readonly health: Health | null;
  /** What it takes, as measured: MiB, and thousandths of a processor. */
  readonly uses: NonNullable<WorkloadRow["uses"]>;
  /** Paths in memory, beside /run and /tmp. */
  readonly scratch: readonly string[];
  readonly secrets: readonly SecretUse[];
  /** What its server listens at, by the names of the row's ports. */
  readonly ports: Readonly<Record<string, number>>;
  readonly containers: readonly Container[];
};

/** How a service is asked whether it serves. Whether it is alive, only `plinth healthcheck` can tell from what it depends on. */
export type Health = { readonly serves: Question };

/**
 * `page`: GET answers with a status from 200 to 399 once the service has started, whatever it depends on. `port`: the port takes a
 * connection, of which a server that `logs` it should not have many. `plinth`: nobody but `plinth healthcheck` can ask it.
 */
export type Question =
  | { readonly ask: "page"; readonly port: number; readonly path: string }
  | { readonly ask: "port"; readonly port: number; readonly logs: boolean }
  | { readonly ask: "plinth" };

export type Resources = { readonly cpus?: number; readonly memory?: string };

export type Container = {
  /** The workload's name; from the second on with `-2`, `-3`, ... behind it. */
  readonly name: string;
  /** Never that of another service's container: services write it into databases and names of queues. Null for jobs. */
  readonly hostname: string | null;
  /** Null: a network namespace of its own (or the machine's). */
  readonly namespace: string | null;
  /** Its address in the network inside, where clients look no names up. */
  readonly address?: string;
  /** Dynamic parameters of its image's contract, secrets aside. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Parameters whose value is the address of the container's pod, which only the engine knows. */
  readonly addressed: readonly string[];
  readonly mounts: readonly Mount[];
  readonly published: readonly Published[];
};

export type Mount = {
  readonly volume: string;
  readonly path: string;
  readonly writes: boolean;
  readonly fills: boolean;
};

/** A port of the machine that leads to one of the container, or of its namespace. */
export type Published = { readonly address: string; readonly port: number; readonly target: number };

export type Volume = {
  readonly name: string;
  readonly of: "own" | "shared" | "host";
  /** A directory of the machine instead of the engine's own volumes. */
  readonly directory?: string;
  /** How much it should hold, such as 10G, for engines that have to know. */
  readonly size?: string;
  /** What of the cluster's storage it is made of: a storage class, an export of NFS (SERVER:/PATH), or a claim that is there. */
  readonly class?: string;
  readonly nfs?: string;
  readonly claim?: string;
  /** Pods on several machines may have it at once. */
  readonly shared: boolean;
  /** The secret that stands for it, where the engine has such. */
  readonly secret?: string;
};

/** A secret, and which parameter it fills. */
export type SecretUse = { readonly secret: string; readonly parameter: string };

export type Secret = {
  readonly name: string;
  readonly length: number;
  readonly alphabet: "hexadecimal";
};

/** What an address parameter is filled with, and who answers there. */
export type Address = {
  readonly parameter: string;
  /** A name or an IP address. */
  readonly host: string;
  readonly port: number;
  /** The workload that answers; behind HAProxy, that which HAProxy passes requests on to. */
  readonly workload: string;
  /** HAProxy's workload, where that stands before it. */
  readonly by?: string;
};

/** A workload knows another one's address. */
export type TrafficFlow = { readonly from: string; readonly to: string; readonly port: number };

/** A workload does not start (or, `optional`, starts with less) before another one answers, or a job has ended. */
export type Wait = { readonly from: string; readonly to: string; readonly what: string; readonly optional?: true };
