import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Deployment, guestImage } from "../deployment.ts";

/** What is done to a stack's containers as something on the machine would do it, not by Compose. */

const run = promisify(execFile);

/** Runs the engine's command, while clients and pings go on. @returns its standard output. Rejects with what it said. */
export async function engine({ engine: program }: Deployment, words: readonly string[]): Promise<string> {
  const { stdout } = await run(program, words, { encoding: "utf8", maxBuffer: 1 << 28 });
  return stdout.trim();
}

/** @returns both streams of a container's log. */
export async function logOf({ engine: program }: Deployment, id: string): Promise<string> {
  const { stdout, stderr } = await run(program, ["logs", id], { encoding: "utf8", maxBuffer: 1 << 28 });
  return stdout + stderr;
}

export type Running = {
  readonly id: string;
  readonly service: string;
  readonly state: string;
  /** When it was started last. */
  readonly startedAt: string;
  /** Of its first process, on the machine; 0 where it does not run. */
  readonly pid: number;
  readonly health: string;
};

type State = {
  readonly Status?: string;
  readonly StartedAt?: string;
  readonly Pid?: number;
  readonly Health?: { readonly Status: string };
};

/** @returns the containers of a stack's services as they are now; jobs are left out. */
export async function runningIn(deployment: Deployment, services: ReadonlySet<string>): Promise<readonly Running[]> {
  const label = "com.docker.compose.project";
  const ids = await engine(deployment, ["ps", "--all", "--quiet", "--filter", `label=${label}=${deployment.name}`]);
  if (ids === "") return [];
  // Not {{.State.Health}}: of a container without a check there is no such key, and then nothing is told of any.
  const format = '{{json .Id}}\t{{index .Config.Labels "com.docker.compose.service"}}\t{{json .State}}';
  // A container may be gone by now: then the others are told of all the same.
  const text = await engine(deployment, ["inspect", "--format", format, ...ids.split("\n")]).catch(
    (error: { readonly stdout?: string }) => error.stdout ?? "",
  );
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split("\t"))
    .map(([id = '""', service = "", state = "{}"]) => {
      const { Status = "", StartedAt = "", Pid = 0, Health } = JSON.parse(state) as State;
      const own = { state: Status, startedAt: StartedAt, pid: Pid, health: Health?.Status ?? "" };
      return { id: JSON.parse(id) as string, service, ...own };
    })
    .filter(({ service }) => services.has(service));
}

/** Runs a shell's words as root among the processes of the machine. */
export const asRoot = (deployment: Deployment, script: string, more: readonly string[] = []): Promise<string> =>
  engine(deployment, [
    ...["run", "--rm", "--privileged", "--pid", "host", "--user", "0", ...more],
    ...["--entrypoint", "sh", guestImage(deployment), "-c", script],
  ]);

/**
 * Sends a signal to the first process of each container, as the machine would (out of memory, a crash): the engine has no part in
 * it, so its restart policy acts.
 */
export const signalContainers = (deployment: Deployment, all: readonly Running[], signal: string): Promise<string> =>
  asRoot(deployment, `kill -${signal} ${all.map(({ pid }) => pid).join(" ")}`);

/** Sends a signal to the service itself: where a process is an init, that is its child. */
export const signalService = (deployment: Deployment, { pid }: Running, signal: string): Promise<string> =>
  asRoot(
    deployment,
    `p=${pid}; while grep -qE '^(docker-init|tini)' /proc/$p/comm; do p=$(cut -d' ' -f1 /proc/$p/task/$p/children); done; kill -${signal} $p`,
  );
