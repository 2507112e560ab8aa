import { execFile } from "node:child_process";
import {
  chmodSync,
  cpSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { readBaked } from "../src/baked/read.ts";
import { failure, type Result, success } from "../src/diagnostics/diagnostic.ts";
import { exposedPorts } from "../src/image/exposed.ts";
import type { Recipe } from "../src/image/recipe.ts";
import { startedByPlinth } from "../src/image/recipe.ts";
import { isLeftOut } from "./fingerprint.ts";
import { buildLock, lockPath, locksDirectory } from "./locks.ts";
import { buildMessage } from "./messages.ts";
import { type Half, halves, plinthForImages, plinthHere } from "./plinth.ts";

/** Where a lock is, and what it is called where it is built. */
const lockFiles = (release: string, component: string): readonly (readonly [from: string, to: string])[] => [
  [lockPath(release, component), "environment.txt"],
  [lockPath(release, buildLock), "build.txt"],
  [`${locksDirectory}/uv.txt`, "uv.txt"],
];

/** The directory that the engine is given. */
export const contextDirectory = ({ release, node }: Recipe): string => `build/images/${release}/${node}`;

/** A directory that the engine is given, and of an image that plinth starts its contract and the ports that it serves. */
export type BuildContext = {
  readonly directory: string;
  readonly contract: string | undefined;
  readonly ports: readonly number[];
};

/** Modes as in the repository, whatever the umask of whoever checked it out: COPY keeps modes, and times. */
function normalise(path: string, epoch: number | undefined): void {
  const status = lstatSync(path);
  if (status.isDirectory()) for (const name of readdirSync(path)) normalise(join(path, name), epoch);
  if (!status.isSymbolicLink()) chmodSync(path, status.isDirectory() || status.mode & 0o100 ? 0o755 : 0o644);
  if (epoch !== undefined) lutimesSync(path, epoch, epoch);
}

/** Whether a job of the image makes schemas: its Dockerfile has a stage that does it once. */
const makesSchemas = ({ name }: Recipe): boolean =>
  Object.values(startedByPlinth(name)?.services ?? {}).some(({ schemas }) => schemas !== undefined);

/** The lock of a component, what builds those of its packages that have no wheel, and what the component needs beside Python. */
function addLock(component: string, release: string, directory: string): void {
  mkdirSync(join(directory, "locks"));
  for (const [from, to] of lockFiles(release, component)) cpSync(from, join(directory, "locks", to));
  const own = join(directory, "components", component);
  mkdirSync(own, { recursive: true });
  renameSync(own, join(directory, "component"));
  rmSync(join(directory, "components"), { recursive: true });
}

const run = promisify(execFile);
const here = async (words: readonly string[]): Promise<string> => (await run(plinthHere, words)).stdout.trim();

/** Bakes the node's pillar into the context, with the links that a read-only root file system needs. */
async function bakeInto(
  rootfs: string,
  { node, release }: Recipe,
  model: string,
): Promise<Result<Omit<BuildContext, "directory">>> {
  const baked = join(rootfs, "etc/plinth/image.json");
  mkdirSync(join(rootfs, "etc/plinth"), { recursive: true });
  try {
    const from = ["--node", node, "--model", model, "--release", release];
    await here(["bake", ...from, "--templates", "config-templates", "--output", baked, "--link-root", rootfs]);
    // Manifests of the seed (docs/glossary.md) have this name.
    symlinkSync("/opt/plinth/bin/plinth", join(rootfs, "entrypoint.sh"));
    const contract = await here(["check", "--image", baked, "--contract", "--format", "json"]);
    const read = readBaked(readFileSync(baked, "utf8"), baked);
    return read.ok ? success({ contract, ports: exposedPorts(read.value.image) }) : read;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    return failure([buildMessage("bake-failed", { node, reason: stderr?.trim() || message })]);
  }
}

/**
 * Recreates the image's context: the image's directory, and what plinth baked for those that it starts.
 *
 * @param epoch time of its files, in seconds since 1970; where there is none, they have today's.
 */
export async function makeContext(
  recipe: Recipe,
  model: string,
  epoch: number | undefined,
): Promise<Result<BuildContext>> {
  const directory = contextDirectory(recipe);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  cpSync(`images/${recipe.directory}`, directory, { recursive: true });
  if (makesSchemas(recipe)) cpSync("images/schema", join(directory, "schema"), { recursive: true });
  if (recipe.lock !== null) addLock(recipe.lock, recipe.release, directory);
  const rootfs = join(directory, "rootfs");
  const baked = startedByPlinth(recipe.name)
    ? await bakeInto(rootfs, recipe, model)
    : success({ contract: undefined, ports: [] });
  if (!baked.ok) return baked;
  normalise(directory, epoch);
  return success({ directory, ...baked.value });
}

/** Has plinth itself in the context while `build` runs: the program alone is 8 MB, twenty times over where all images are built. */
export async function withPlinth<T>(
  parts: readonly Half[],
  directory: string,
  epoch: number | undefined,
  build: () => Promise<T>,
): Promise<T> {
  if (parts.length === 0) return build();
  const place = join(directory, "plinth");
  const isCarried = (path: string): boolean => !isLeftOut(relative(plinthForImages, path));
  mkdirSync(place);
  for (const name of parts.flatMap((part) => halves[part])) {
    cpSync(join(plinthForImages, name), join(place, name), {
      recursive: true,
      preserveTimestamps: true,
      filter: isCarried,
    });
  }
  normalise(place, epoch);
  try {
    return await build();
  } finally {
    rmSync(place, { recursive: true });
  }
}
