import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after } from "node:test";

/** The binary that users run; `make test` builds it first. `make coverage` has a program in its place that runs the sources. */
export const binary = resolve(process.env["PLINTH_UNDER_TEST"] ?? "build/bin/plinth");

/** Why a test that looks at the binary itself is skipped where the sources run in its place. */
export const withoutBinary = process.env["PLINTH_UNDER_TEST"] !== undefined && "make coverage runs the sources";

export type Ended = {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The log's lines. */
  readonly log: readonly {
    readonly level: string;
    readonly msg: string;
    readonly code?: string;
    readonly fix?: string;
    readonly [fact: string]: unknown;
  }[];
};

export type Surroundings = {
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
  readonly input?: string;
};

const usual = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", PLINTH_LOG_FORMAT: "json" };

export const logOf = (stderr: string): Ended["log"] =>
  stderr.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));

/** Runs the binary to its end. The environment is what is given and nothing of the tests' own. */
export function plinth(words: readonly string[], { env = {}, ...as }: Surroundings = {}): Ended {
  const { status, stdout, stderr, error } = spawnSync(binary, words, {
    env: { ...usual, ...env },
    encoding: "utf8",
    timeout: 60_000,
    maxBuffer: 1e8,
    ...as,
  });
  if (error) throw error;
  return { status, stdout, stderr, log: logOf(stderr) };
}

/** Starts the binary and leaves it running. `ended` settles when it has ended. */
export function plinthRunning(
  words: readonly string[],
  { env = {}, ...as }: Surroundings = {},
): { readonly child: ChildProcess; readonly ended: Promise<Ended>; readonly stderr: () => string } {
  const child = spawn(binary, words, { env: { ...usual, ...env }, stdio: ["ignore", "pipe", "pipe"], ...as });
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (text) => (stdout += text));
  child.stderr?.on("data", (text) => (stderr += text));
  const { promise, resolve: settle } = Promise.withResolvers<Ended>();
  child.on("close", (status) => settle({ status, stdout, stderr, log: logOf(stderr) }));
  return { child, ended: promise, stderr: () => stderr };
}

/** A directory for one test file, removed when its tests are done. */
export function workDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "plinth-test-"));
  after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Bakes a node, of the project's own model when no other is named. @returns the baked file. */
export function bakeInto(
  directory: string,
  node: string,
  release: string,
  { name = "image.json", model = "model" }: { readonly name?: string; readonly model?: string } = {},
): string {
  const output = join(directory, name);
  const { status, stderr } = plinth([
    "bake",
    "--node",
    node,
    "--model",
    model,
    "--release",
    release,
    "--templates",
    "config-templates",
    "--output",
    output,
  ]);
  if (status !== 0) throw new Error(`bake ended with ${status}: ${stderr}`);
  return output;
}

/** The environment of images/sample.env. */
export const sampleEnvironment: Readonly<Record<string, string>> = Object.fromEntries(
  readFileSync("images/sample.env", "utf8")
    .split("\n")
    .filter((line) => /^\w+=/.test(line))
    .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
);
