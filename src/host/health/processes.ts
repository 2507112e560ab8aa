import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { processIds } from "../process/processes.ts";

/** A process and the sockets it holds. */
export type Process = {
  readonly pid: number;
  readonly uid: number;
  /** It is the one who asks, or started that one. */
  readonly own: boolean;
  /** It is in this container, and not in another one of those that share a PID namespace, as those of a pod may. */
  readonly inside: boolean;
  /** Inodes of its sockets; undefined when the kernel does not let us see. */
  readonly sockets: ReadonlySet<string> | undefined;
};

/** A process that ends while we look, or that we may not look at. */
const gone = new Set(["ENOENT", "ESRCH"]);

type Status = { readonly parent: number; readonly uid: number; readonly gid: number };

function statusOf(pid: number | "self"): Status | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, "latin1");
    const field = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+)`, "m").exec(text)?.[1]);
    return { parent: field("PPid"), uid: field("Uid"), gid: field("Gid") };
  } catch (error) {
    if (gone.has((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

/** We, and who started us. Process 1 is never left out: it is the service itself, and takes over orphans like us. */
function ourselves(): ReadonlySet<number> {
  const pids = new Set<number>();
  for (let pid = process.pid; pid > 1 && !pids.has(pid); pid = statusOf(pid)?.parent ?? 0) pids.add(pid);
  return pids;
}

/**
 * Sends a signal to a process. Root without CAP_KILL may not to another user's, but it may become that user (kill(2)).
 * Throws where it may neither.
 */
export function signalAsOwner(pid: number, signal: NodeJS.Signals): void {
  const status = statusOf(pid);
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM" || process.geteuid?.() !== 0 || !status) throw error;
    as(status, () => process.kill(pid, signal));
  }
}

/** Runs `look` as another user, where root may become one. */
function as<T>({ uid, gid }: Status, look: () => T): T {
  const { seteuid, setegid } = process;
  if (!seteuid || !setegid) return look();
  const group = process.getegid?.() ?? 0;
  setegid(gid);
  try {
    seteuid(uid);
    return look();
  } finally {
    seteuid(0);
    setegid(group);
  }
}

function readSockets(pid: number): ReadonlySet<string> {
  const inodes = new Set<string>();
  for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
    try {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`)) ?? [];
      if (inode !== undefined) inodes.add(inode);
    } catch (error) {
      if (!gone.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }
  return inodes;
}

/**
 * Root in a container, without CAP_SYS_PTRACE as Docker starts it, may not look into the processes of another user.
 * But it may become that user, who may (ptrace(2), "access mode checking"); only group and user change, no parent is left.
 */
function socketsOf(pid: number, status: Status): ReadonlySet<string> | undefined {
  const looks = [() => readSockets(pid), () => as(status, () => readSockets(pid))];
  for (const look of process.geteuid?.() === 0 ? looks : looks.slice(0, 1)) {
    try {
      return look();
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      if (gone.has(code)) return new Set();
      if (code !== "EACCES" && code !== "EPERM") throw error;
    }
  }
  return undefined;
}

/** The cgroups of a process, one line for each hierarchy (proc_pid_cgroup(5)). */
function cgroupsOf(pid: number | "self"): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, "latin1").trim().split("\n");
  } catch {
    return [];
  }
}

/** @returns every process of the PID namespace. This container's are in its cgroups or below: whoever asks was started there, too. */
export function allProcesses(): Process[] {
  const own = ourselves();
  const container = cgroupsOf("self");
  const isInside = (pid: number): boolean => {
    const cgroups = cgroupsOf(pid);
    // In a cgroup namespace of its own a container is `/`, and others are `/../NAME` (cgroup_namespaces(7)).
    return container.every((path, index) => {
      const other = `${cgroups[index]}/`;
      return other.startsWith(`${path.replace(/\/$/, "")}/`) && !other.includes(":/../");
    });
  };
  return processIds().flatMap((pid) => {
    const status = statusOf(pid);
    return status
      ? [{ pid, uid: status.uid, own: own.has(pid), inside: isInside(pid), sockets: socketsOf(pid, status) }]
      : [];
  });
}
