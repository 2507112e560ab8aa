import type { Account, Condition } from "./component.ts";
import type { PortName } from "./ports.ts";
import type { ReleaseRange } from "./releases.ts";

/**
 * How many containers a service has, and where.
 *
 * - `replicas`: on the control plane, as many as the model says; any of them can serve any client.
 * - `one`: on the control plane, never two at a time.
 * - `stateful`: as `one`, and its data is its own: it comes back with the same name and the same volumes.
 * - `hypervisor`: one on every hypervisor.
 */
export type Runs = "replicas" | "one" | "stateful" | "hypervisor";

/** A directory that is to be there on a volume before a service starts: `plinth start` makes it, and makes it right as far as it may. */
export type DirectoryRow = {
  /** Below the volume's path; `.` is the volume itself. Each level has a row, the upper ones first. */
  readonly path: string;
  /** Permissions: 0o755. */
  readonly mode: number;
  /** Left out: the service's account, which then has to be able to write to it. */
  readonly owner?: Account;
};

/** A directory whose data outlives the container. */
export type VolumeRow = ReleaseRange & {
  readonly path: string;
  /**
   * Whose data it is: `own`, the container's; `shared`, that of all containers of the deployment which name the volume;
   * `host`, that of all containers of a hypervisor which name it.
   */
  readonly of: "own" | "shared" | "host";
  /** Rows with the same name mean the same data. */
  readonly volume: string;
  /** Left out, the service only reads it. */
  readonly writes?: true;
  /** Files in it that others wait for are this service's. Of the services that share a volume one has this. */
  readonly fills?: true;
  /**
   * Services only read it while they run, and its files are few and small: where an engine has such secrets, it is the secret of
   * this name. A job that does nothing but fill it then has nothing to do.
   */
  readonly secret?: string;
  /** What every service that writes to it wants there. */
  readonly holds?: readonly DirectoryRow[];
};

/** A directory that a service needs beside what its image holds. `scratch` is in memory, as /run and /tmp of every container are: what is there is of one start. */
export type KeptRow = VolumeRow | (ReleaseRange & { readonly path: string; readonly of: "scratch" });

/** What a service needs of the machine that it runs on. Left out, it gets no right beyond those of a process without root. */
export type HostRow = {
  /** It starts as root, with the engine's usual capabilities and a file system that it may write to. */
  readonly root?: true;
  /** Names without CAP_, on top of that. */
  readonly capabilities?: readonly string[];
  /**
   * Paths. `optional`: the service works without it, only slower. `privileged`: why no engine without a finer way to give devices
   * (Kubernetes) gives this one to a container that is not privileged.
   */
  readonly devices?: readonly { readonly path: string; readonly optional?: true; readonly privileged?: string }[];
  /** The machine's network namespace instead of its own, where this holds. Its `sysctls` are the machine's business then. */
  readonly network?: Condition;
  readonly processes?: true;
  /** It has no network at all. */
  readonly isolated?: true;
  /** It moves processes between the machine's cgroups, which it has at /sys/fs/cgroup to write to. */
  readonly cgroups?: true;
  /** The engine's socket at /run/docker.sock: as good as root on the machine. Not where an engine itself does what it is for. */
  readonly engine?: true;
  /** It mounts file systems, as making a network namespace does: no AppArmor profile, since those of engines refuse mount(2). */
  readonly mounts?: true;
  /**
   * Settings of the kernel in its network namespace, as sysctl(8) names them. Where the engine has not set them `plinth start` does,
   * if it may.
   */
  readonly sysctls?: Readonly<Record<string, number>>;
  /** Why the rights above are not enough where an engine has no finer ones (Kubernetes): there the container is privileged. */
  readonly privileged?: string;
};

/** A port, or a range of ports, between hypervisors. `where`: only where the pillar has this setting. */
export type PeerRow = { readonly port: number; readonly protocol: "TCP" | "UDP"; readonly where?: string };
/**
 * Capabilities that Docker and containerd give to root where nothing else is said. Other engines give fewer, so that whoever
 * writes for them names these.
 */
export const usualCapabilities: readonly string[] = [
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "NET_RAW",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
];

/** How a service is run: its place in a deployment. */
export type WorkloadRow = {
  /** What its containers are called; left out, `component-service`. */
  readonly name?: string;
  readonly runs: Runs;
  /** Only where this holds of the pillar. */
  readonly where?: Condition;
  /**
   * Only in a deployment that needs it: one where something has replicas that clients do not choose among themselves, or one
   * whose control plane is on the machine's own network, where no engine resolves names.
   */
  readonly when?: "replicas" | "host-network";
  readonly keeps?: readonly KeptRow[];
  /** Of a job: nothing waits for it. Somebody runs it from time to time. */
  readonly byHand?: true;
  /** Of such a job: when, as cron(8) has it, in UTC. Compose knows no clock: there it is run by hand. */
  readonly schedule?: string;
  /**
   * Services that it finds in keystone's catalog, or that the machine beside it asks, by the rows of addresses.ts that they answer for:
   * it has no parameter with their address. Those that it is given as a parameter are known from the image's contract.
   */
  readonly catalog?: readonly PortName[];
  /** Ports at which its containers on different hypervisors reach each other. */
  readonly peers?: readonly PeerRow[];
  /** Settings with the port of a server that is never part of a deployment: `{settings.path}`, and where they count. */
  readonly outside?: readonly { readonly port: string; readonly where?: Condition }[];
  /**
   * What it takes while the cloud is in use but not busy, as measured: memory in MiB, and thousandths of a processor. An engine
   * that places containers by what they ask for asks for that.
   */
  readonly uses?: { readonly memory: number; readonly cpu: number };
  /** Of a job: what others wait for that it makes, beside the schemas that its row names. */
  readonly makes?: "administrator" | "users" | "cell_mappings";
  readonly host?: HostRow;
  /**
   * The containers of a hypervisor that say so share one network namespace. The one that `holds` it must never end before the
   * others where an engine has no namespace without a container.
   */
  readonly namespace?: "holds" | "joins";
  /** It is in the process namespace of that one, too. */
  readonly processes?: "joins";
  /**
   * It is in the network of containers even where the control plane is on the machine's own: it has an address there by which
   * hypervisors know it.
   */
  readonly inside?: true;
  /** Another account than the image's: it needs none of that one's rights. */
  readonly account?: Account;
  /** How it is asked to end, and the seconds until it is killed (15). Left out, by the image's signal, which is SIGTERM mostly. */
  readonly stop?: { readonly signal?: string; readonly seconds?: number };
  /**
   * What the replacement of its containers has to respect: `overlap`, the new one serves before the old one ends; `gap`, the
   * old one has ended before the new one starts. Left out: `overlap` where there may be replicas, `gap` otherwise.
   */
  readonly rollout?: "overlap" | "gap";
  /** Where processors are few: `first`, all others wait for it, or it takes longest; `last`, no server waits for it. */
  readonly priority?: "first" | "last";
};
