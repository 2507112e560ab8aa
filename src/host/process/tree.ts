import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { processIds } from "./processes.ts";

type Process = { readonly pid: number; readonly parent: number; readonly group: number; readonly session: number };

/** What proc_pid_stat(5) says of a process; undefined for one that is gone, or only waits to be reaped. */
function processOf(pid: number): Process | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name stands in parentheses, and may hold some.
    const [state, parent, group, session] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return undefined;
    return { pid, parent: Number(parent), group: Number(group), session: Number(session) };
  } catch {
    return undefined;
  }
}

/** Whether a process has inherited this file (`socket:[4711]`). */
function hasOpen(pid: number, file: string): boolean {
  const directory = `/proc/${pid}/fd`;
  try {
    return readdirSync(directory).some((name) => {
      try {
        return readlinkSync(`${directory}/${name}`) === file;
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}

/** @returns the socket behind a descriptor of ours (`socket:[4711]`), which no other file is called. */
export function socketBehind(descriptor: number | undefined): string | undefined {
  if (descriptor === undefined) return undefined;
  try {
    const file = readlinkSync(`/proc/self/fd/${descriptor}`);
    return file.startsWith("socket:") ? file : undefined;
  } catch {
    return undefined;
  }
}

/**
 * All living processes of a program that was started as the leader of a session of its own: its group, its session, its
 * children's children, and who left all of these but still has the socket that it was given.
 */
export function treeOf(root: number, socket?: string): readonly number[] {
  const all = processIds().flatMap((pid) => (pid === process.pid ? [] : (processOf(pid) ?? [])));
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
  const descends = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at))
      if (at === root) return true;
    return false;
  };
  return all
    .filter(
      ({ pid, group, session }) =>
        group === root || session === root || descends(pid) || (socket !== undefined && hasOpen(pid, socket)),
    )
    .map(({ pid }) => pid);
}

/** Sends a signal to processes; those that have gone meanwhile do not matter. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals | number): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // Gone, or no longer ours.
    }
  }
}
