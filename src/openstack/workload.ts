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

/** A directory that must exist on a volume before a service starts. `plinth start` creates it, and corrects its owner and mode if it may. */
export type DirectoryRow = {
  /** Below the volume's path; `.` is the volume itself. Each level has a row, the upper ones first. */
  readonly path: string;
  /** Permissions: 0o755. */
  readonly mode: number;
  /** By default the service's account, which must then be able to write to it. */
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
  /** Without it, the service only reads the directory. */
  readonly writes?: true;
  /** This service makes the files in it that others wait for. Exactly one of the services that share a volume has this. */
  readonly fills?: true;
  /**
   * Services only read it while they run, and its files are few and small. If an engine has such secrets, it is the secret of this
   * name, and a job that only fills it is not needed.
   */
  readonly secret?: string;
  /** What every service that writes to it needs there. */
  readonly holds?: readonly DirectoryRow[];
};

/** A directory that a service needs beside what its image holds. `scratch` is in memory, like /run and /tmp of every container, and empty at each start. */
export type KeptRow = VolumeRow | (ReleaseRange & { readonly path: string; readonly of: "scratch" });

/** What a service needs of the machine that it runs on. Without it, it has only the rights of a process without root. */
export type HostRow = {
  /** It starts as root, with the engine's usual capabilities and a file system that it may write to. */
  readonly root?: true;
  /** Names without CAP_, on top of that. */
  readonly capabilities?: readonly string[];
  /**
   * Paths. `optional`: the service works without it, only slower. `privileged`: why an engine that cannot pass single devices
   * (Kubernetes) gives this one only to a privileged container.
   */
  readonly devices?: readonly { readonly path: string; readonly optional?: true; readonly privileged?: string }[];
  /** The machine's network namespace instead of its own, if this is true. The machine then sets its `sysctls`. */
  readonly network?: Condition;
  readonly processes?: true;
  /** It has no network at all. */
  readonly isolated?: true;
  /** It moves processes between the machine's cgroups, which it has at /sys/fs/cgroup to write to. */
  readonly cgroups?: true;
  /** The engine's socket at /run/docker.sock, which is equivalent to root on the machine. Not if the engine itself does this work. */
  readonly engine?: true;
  /** It mounts file systems, as making a network namespace does: no AppArmor profile, since those of engines refuse mount(2). */
  readonly mounts?: true;
  /**
   * Settings of the kernel in its network namespace, as sysctl(8) names them. If the engine has not set them, `plinth start` does,
   * if it may.
   */
  readonly sysctls?: Readonly<Record<string, number>>;
  /** Why the rights above do not suffice on an engine without finer ones (Kubernetes): the container is privileged there. */
  readonly privileged?: string;
};

/** A port, or a range of ports, between hypervisors. `where`: only where the pillar has this setting. */
export type PeerRow = { readonly port: number; readonly protocol: "TCP" | "UDP"; readonly where?: string };
/**
 * Capabilities that Docker and containerd give to root by default. Other engines give fewer, so a writer for them
 * names these.
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
  /** The name of its containers; by default `component-service`. */
  readonly name?: string;
  readonly runs: Runs;
  /** Only if this is true of the pillar. */
  readonly where?: Condition;
  /**
   * Only in a deployment that needs it: if a service has replicas and its clients do not choose among them, or if the control
   * plane is on the machine's own network, where no engine resolves names.
   */
  readonly when?: "replicas" | "host-network";
  readonly keeps?: readonly KeptRow[];
  /** For a job: nothing waits for it. Somebody runs it from time to time. */
  readonly byHand?: true;
  /** For such a job: its schedule in cron(8)'s format, in UTC. Compose has no schedules: there it is run by hand. */
  readonly schedule?: string;
  /**
   * Services that it finds in keystone's catalog, or that the machine asks, by their rows of addresses.ts: it has no parameter
   * with their address. The image's contract has those that it gets as a parameter.
   */
  readonly catalog?: readonly PortName[];
  /** Ports at which its containers on different hypervisors reach each other. */
  readonly peers?: readonly PeerRow[];
  /** Settings with the port of a server that is never part of a deployment: `{settings.path}`, and where they count. */
  readonly outside?: readonly { readonly port: string; readonly where?: Condition }[];
  /**
   * What it uses while the cloud is in use but not busy, as measured: memory in MiB, and thousandths of a processor. It is the
   * request on an engine that schedules containers by requests.
   */
  readonly uses?: { readonly memory: number; readonly cpu: number };
  /** For a job: what it makes that others wait for, beside the schemas that its row names. */
  readonly makes?: "administrator" | "users" | "cell_mappings";
  readonly host?: HostRow;
  /**
   * The containers of a hypervisor that say so share one network namespace. If an engine has no namespace without a container,
   * the one that `holds` it must not end before the others.
   */
  readonly namespace?: "holds" | "joins";
  /** It shares the process namespace of that container, too. */
  readonly processes?: "joins";
  /**
   * It is in the network of containers even where the control plane is on the machine's own: it has an address there by which
   * hypervisors know it.
   */
  readonly inside?: true;
  /** Another account than the image's, because it needs none of the image's account's rights. */
  readonly account?: Account;
  /** The signal that asks it to end, and the seconds until it is killed (15). By default the image's signal, mostly SIGTERM. */
  readonly stop?: { readonly signal?: string; readonly seconds?: number };
  /**
   * How its containers are replaced: `overlap`, the new one serves before the old one ends; `gap`, the
   * old one has ended before the new one starts. By default `overlap` if there may be replicas, otherwise `gap`.
   */
  readonly rollout?: "overlap" | "gap";
  /**
   * The priority when processors are scarce: `first`, if all others wait for it or servers' packets go through it; `next`, if a server
   * that runs, or starts again, waits for it; `last`, if no server waits for it.
   */
  readonly priority?: "first" | "next" | "last";
};
