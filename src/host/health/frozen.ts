import { readdirSync, readFileSync } from "node:fs";
import { wordsOf } from "../process/processes.ts";

type Row = {
  readonly pid: number;
  readonly name: string;
  readonly state: string;
  readonly parent: number;
  /** When it was started, in ticks since the machine was: with its id it names one process. */
  readonly started: string;
};

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
};

const entries = (path: string): readonly string[] => {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
};

/** @returns what the kernel says of a process; undefined where there is none. */
export function rowOf(pid: number): Row | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // proc_pid_stat(5): pid (name) state ppid ...; a name may hold anything, blanks and brackets, too. Its 22nd field is the start.
  const end = stat.lastIndexOf(")");
  const [state = "", parent, ...more] = stat.slice(end + 2).split(" ");
  const name = stat.slice(stat.indexOf("(") + 1, end);
  return { pid, name, state, parent: Number(parent), started: more[17] ?? "" };
}

/** @returns the children of a process: each of its threads may have some (proc_tid_children(5)). */
function childrenOf(pid: number): readonly number[] {
  const tasks = `/proc/${pid}/task`;
  return entries(tasks).flatMap((task) =>
    (read(`${tasks}/${task}/children`) ?? "").split(" ").filter(Boolean).map(Number),
  );
}

/**
 * @param first its first process.
 * @returns the processes of a service, from the first one downwards. Not all of the PID namespace: several containers, or the
 *   whole machine, may share one, and what somebody has started by `docker exec` beside the service is not the service.
 */
export function serviceProcesses(first: number): readonly Row[] {
  const rows: Row[] = [];
  for (const pids = [first]; pids.length > 0; ) {
    const pid = pids.pop() as number;
    const row = pid === process.pid ? undefined : rowOf(pid);
    if (!row) continue;
    rows.push(row);
    pids.push(...childrenOf(pid));
  }
  return rows;
}

/** @returns those that are stopped (SIGSTOP): they hold their connections and answer nobody. */
export const stopped = (rows: readonly Row[]): readonly Row[] => rows.filter(({ state }) => state === "T");

/**
 * @returns those that a debugger holds or looks at. One outside of this PID namespace is not told of as tracer, but a process that
 *   it has halted is in a state of its own (proc_pid_status(5), proc_pid_stat(5)).
 */
export const traced = (rows: readonly Row[]): readonly Row[] =>
  rows.filter(({ pid, state }) => state === "t" || /^TracerPid:\t[1-9]/m.test(read(`/proc/${pid}/status`) ?? ""));

/** @returns whether a process is plinth, which has not become the service yet: it waits for what the service needs. */
export function stillPlinth(pid: number): boolean {
  const [program = "", verb] = wordsOf(pid);
  const name = program.slice(program.lastIndexOf("/") + 1);
  return name === "entrypoint.sh" || (name === "plinth" && verb === "start");
}

/** @returns the process that plinth is, or was before it became the service: process 1, or the child of an init. */
export const firstProcess = (): number => [1, ...childrenOf(1)].find(stillPlinth) ?? 1;
