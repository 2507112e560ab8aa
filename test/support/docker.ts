import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { cleanUp } from "./clean-up.ts";

export type Ran = {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Wall clock. */
  readonly ms: number;
};

type Environment = Readonly<Record<string, string>>;

/** Runs the docker command to its end. What is in `env` reaches docker as variables, for `--env NAME` and the like. */
export function docker(words: readonly string[], env: Environment = {}, timeoutMs = 120_000): Promise<Ran> {
  const began = performance.now();
  const options = { env: { ...process.env, ...env }, encoding: "utf8", maxBuffer: 1e8, timeout: timeoutMs } as const;
  return new Promise((settle, reject) => {
    execFile("docker", words, options, (error, stdout, stderr) => {
      const ms = performance.now() - began;
      if (error === null) return settle({ status: 0, stdout, stderr, ms });
      if (typeof error.code === "number") return settle({ status: error.code, stdout, stderr, ms });
      reject(
        new Error(
          `docker ${words.join(" ")}: ${error.killed ? `no end after ${timeoutMs} ms` : error.message}\n${stderr}`,
        ),
      );
    });
  });
}

/** Like `docker`, but whatever is not status 0 is an error. @returns standard output without its last newline. */
export async function dockerOutput(words: readonly string[], env: Environment = {}): Promise<string> {
  const { status, stdout, stderr } = await docker(words, env);
  if (status !== 0) throw new Error(`docker ${words.join(" ")} ended with ${status}: ${stderr}`);
  return stdout.trimEnd();
}

/** Fails where no Docker engine answers: a test that needs one must not pass without. */
export async function requireEngine(): Promise<void> {
  const { status, stderr } = await docker(["version"]).catch((error: Error) => ({ status: 1, stderr: error.message }));
  if (status !== 0) throw new Error(`these tests need a Docker engine, and none answers: ${stderr.trim()}`);
}

/**
 * Asks until the answer is not undefined.
 *
 * @param pauseMs between two questions. One that starts a program of some size, such as rabbitmqctl or docker compose, takes a
 * processor from the services that are waited for if it is asked without a longer pause.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  withinMs = 60_000,
  pauseMs = 100,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`);
    await sleep(pauseMs);
  }
}

export type Wanted = {
  readonly image: string;
  /** Options of docker run, such as `--read-only`. */
  readonly flags?: readonly string[];
  /** Given as `--env NAME`, so that no value stands in an argument vector. */
  readonly env?: Environment;
  /** What follows the image. */
  readonly words?: readonly string[];
};

/** A directory of names for one test file: all it makes is removed when the file is done, or when it is interrupted. */
export type Scope = {
  readonly name: (what: string) => string;
  /** Marks what is removed in the end. */
  readonly label: string;
  /** A network of its own, whose containers find each other by `--network-alias`. */
  readonly network: () => Promise<string>;
  readonly volume: (what: string) => Promise<string>;
  /** To its end. */
  readonly run: (wanted: Wanted, timeoutMs?: number) => Promise<Ran>;
  /** In the background. @returns the container's name. */
  readonly start: (what: string, wanted: Wanted) => Promise<string>;
};

export function dockerScope(purpose: string): Scope {
  const prefix = `plinth-e2e-${purpose}-${randomBytes(3).toString("hex")}`;
  const label = `io.plinth.e2e=${prefix}`;
  const name = (what: string): string => `${prefix}-${what}`;

  const remove = (): void => {
    const own = (words: readonly string[]): readonly string[] =>
      execFileSync("docker", [...words, "--quiet", "--filter", `label=${label}`], { encoding: "utf8" })
        .split(/\s+/)
        .filter(Boolean);
    const each = (list: readonly string[], words: readonly string[]): void => {
      const ids = own(list);
      if (ids.length > 0) execFileSync("docker", [...words, ...ids], { stdio: "ignore" });
    };
    each(["ps", "--all"], ["rm", "--force", "--volumes"]);
    each(["volume", "ls"], ["volume", "rm", "--force"]);
    // Docker may take a moment longer to take a container out of its network than to remove it.
    for (let left = 5; left > 0; left -= 1) {
      try {
        each(["network", "ls"], ["network", "rm"]);
        break;
      } catch (error) {
        if (left === 1) throw error;
        execFileSync("sleep", ["1"]);
      }
    }
    each(["image", "ls"], ["image", "rm", "--force"]);
  };
  cleanUp(remove);

  const run = (wanted: Wanted, own: readonly string[]): readonly string[] => [
    "run",
    ...own,
    "--label",
    label,
    ...Object.keys(wanted.env ?? {}).flatMap((variable) => ["--env", variable]),
    ...(wanted.flags ?? []),
    wanted.image,
    ...(wanted.words ?? []),
  ];
  return {
    name,
    label,
    network: () => dockerOutput(["network", "create", "--label", label, name("network")]).then(() => name("network")),
    volume: (what) => dockerOutput(["volume", "create", "--label", label, name(what)]),
    run: (wanted, timeoutMs) => docker(run(wanted, ["--rm"]), wanted.env, timeoutMs),
    start: (what, wanted) =>
      dockerOutput(run(wanted, ["--detach", "--name", name(what)]), wanted.env).then(() => name(what)),
  };
}

/** How a container ended. */
export type End = { readonly status: number; readonly finishedAt: Date };

/** Waits for a container's end. */
export async function ended(container: string, withinMs = 60_000): Promise<End> {
  return until(
    `${container} to end`,
    async () => {
      const state = JSON.parse(await dockerOutput(["inspect", "--format", "{{json .State}}", container]));
      return state.Running ? undefined : { status: state.ExitCode, finishedAt: new Date(state.FinishedAt) };
    },
    withinMs,
  );
}

/** Both streams of a container so far, and the JSON lines among them. */
export async function logsOf(container: string): Promise<{ readonly text: string; readonly log: readonly LogLine[] }> {
  const { stdout, stderr } = await docker(["logs", container]);
  return { text: stdout + stderr, log: logLines(stderr) };
}

export type LogLine = {
  readonly level: string;
  readonly msg: string;
  readonly code?: string;
  readonly [fact: string]: unknown;
};

/** plinth's own lines among those of the service that it became. */
export const logLines = (text: string): readonly LogLine[] =>
  text.split("\n").flatMap((line) => (line.startsWith('{"level"') ? [JSON.parse(line) as LogLine] : []));
