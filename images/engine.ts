import { execFile, execFileSync, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { promisify } from "node:util";
import type { Diagnostic } from "../src/diagnostics/diagnostic.ts";
import { buildMessage } from "./messages.ts";

/** What builds images. Their command lines are the same but for what `building` says. */
export const engines = ["docker", "podman"] as const;
export type Engine = (typeof engines)[number];

/** podman's own image format (OCI) has no HEALTHCHECK, and drops it with a warning: podman-build(1), --format. */
const building: Readonly<Record<Engine, readonly string[]>> = {
  docker: ["build"],
  podman: ["build", "--format", "docker"],
};

const run = promisify(execFile);

/** @returns the reason that no image can be built with this machine's engine, if there is one. */
export function engineProblem(engine: Engine): Diagnostic | undefined {
  try {
    // Without --format: podman has no .Server on a machine of its own.
    execFileSync(engine, ["version"], { stdio: ["ignore", "pipe", "pipe"] });
    return undefined;
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: Buffer };
    if (code === "ENOENT") return buildMessage("engine-missing", { engine });
    return buildMessage("builder-silent", { engine, reason: stderr?.toString().trim() || String(error) });
  }
}

/** What the engine knows of an image. */
export type Known = {
  /** Its digest: another one for other contents, labels or defaults. */
  readonly id: string;
  readonly bytes: number;
  readonly created: string;
  readonly labels: Readonly<Record<string, string>>;
};

type Inspected = {
  readonly Id: string;
  readonly Size: number;
  readonly Created: string;
  readonly Config?: { readonly Labels?: Readonly<Record<string, string>> | null };
};

/** @returns what `inspect` printed, or undefined where that is no image. */
export function readInspected(text: string): Known | undefined {
  const [image] = JSON.parse(text.trim() || "[]") as readonly Inspected[];
  if (!image) return undefined;
  return { id: image.Id, bytes: image.Size, created: image.Created, labels: image.Config?.Labels ?? {} };
}

/** @returns what the engine knows of an image; undefined where it has none of that name. */
export async function inspectImage(engine: Engine, image: string): Promise<Known | undefined> {
  // An image that is not there is an empty list, and status 1.
  const { stdout } = await run(engine, ["image", "inspect", image]).catch((error: { stdout?: string }) => error);
  return readInspected(stdout ?? "");
}

/** @returns what a shell script prints in a container of an image that has nothing but the image. */
export async function askInside(engine: Engine, image: string, script: string): Promise<string> {
  const words = ["run", "--rm", "--network", "none", "--entrypoint", "sh", image, "-c", script];
  return (await run(engine, words, { maxBuffer: 1e8 })).stdout;
}

/** A word as a shell wants it. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** The whole command line, for a log. */
export const commandLine = (engine: Engine, words: readonly string[]): string =>
  [engine, ...words].map(quoted).join(" ");

/**
 * Runs the engine, the command line and its output added to `log`.
 *
 * @returns its exit status; null when a signal ended it.
 */
export async function runLogged(engine: Engine, words: readonly string[], log: string): Promise<number | null> {
  const output = openSync(log, "a");
  writeSync(output, `$ ${commandLine(engine, words)}\n`);
  const child = spawn(engine, words, {
    stdio: ["ignore", output, output],
    env: { ...process.env, BUILDKIT_PROGRESS: "plain" },
  });
  closeSync(output);
  return new Promise((ended, failed) => child.once("error", failed).once("close", ended));
}

/** @returns the last lines of a log. */
export const tailOf = (log: string, lines: number): string =>
  readFileSync(log, "utf8").trimEnd().split("\n").slice(-lines).join("\n");

export const pushWords = (image: string): readonly string[] => ["push", image];
export const buildCommand = (engine: Engine): readonly string[] => building[engine];
