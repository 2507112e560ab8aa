import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { failure, type Result, success } from "../src/diagnostics/diagnostic.ts";
import { startedByPlinth } from "./catalog.ts";
import { buildMessage } from "./messages.ts";
import type { Recipe } from "./recipe.ts";

/** What `make binary` leaves: the same program for this machine (it bakes), and for /opt/plinth in images. */
export const plinthHere = "build/bin/plinth";
export const plinthForImages = "build/plinth";

/** The folder that `docker build` is given. */
export const contextFolder = ({ release, node }: Recipe): string => `build/images/${release}/${node}`;

/** A folder that `docker build` is given, and the image's contract where plinth starts it. */
export type BuildContext = { readonly folder: string; readonly contract?: string };

/** Modes as in the repository, whatever the umask of whoever checked it out: COPY keeps modes. */
function normalise(path: string): void {
  const status = lstatSync(path);
  if (status.isSymbolicLink()) return;
  const executable = status.isDirectory() || (status.mode & 0o100) !== 0;
  chmodSync(path, executable ? 0o755 : 0o644);
  if (status.isDirectory()) for (const name of readdirSync(path)) normalise(join(path, name));
}

const here = (words: readonly string[]): string =>
  execFileSync(plinthHere, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();

/** Bakes the node's pillar into the context, with the links that a read-only root file system needs. */
function bakeInto(rootfs: string, { node, release }: Recipe, model: string): Result<string> {
  const baked = join(rootfs, "etc/plinth/image.json");
  mkdirSync(join(rootfs, "etc/plinth"), { recursive: true });
  try {
    const from = ["--node", node, "--model", model, "--release", release];
    here(["bake", ...from, "--templates", "config-templates", "--output", baked, "--link-root", rootfs]);
    // The seed's manifests call it so.
    symlinkSync("/opt/plinth/bin/plinth", join(rootfs, "entrypoint.sh"));
    return success(here(["check", "--image", baked, "--contract", "--format", "json"]));
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    return failure([buildMessage("bake-failed", { node, reason: stderr?.trim() || message })]);
  }
}

/** Makes the image's context anew: the image's folder, and for images that plinth starts, plinth and what it baked. */
export function makeContext(recipe: Recipe, model: string): Result<BuildContext> {
  const folder = contextFolder(recipe);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(`images/${recipe.name}`, folder, { recursive: true });
  const rootfs = join(folder, "rootfs");
  if (startedByPlinth(recipe.name) === undefined) {
    if (existsSync(rootfs)) normalise(rootfs);
    return success({ folder });
  }
  cpSync(plinthForImages, join(folder, "plinth"), { recursive: true, preserveTimestamps: true });
  const contract = bakeInto(rootfs, recipe, model);
  if (!contract.ok) return contract;
  normalise(rootfs);
  normalise(join(folder, "plinth"));
  return success({ folder, contract: contract.value });
}
