import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import type { Deployment } from "./deployment.ts";
import { buildSmallImage } from "./small-image.ts";

/** Makes a guest of a few MiB: `kernel` and `initramfs` in a folder. Throws with what the engine said. */
export function makeGuest(deployment: Deployment, folder: string): void {
  const name = `${deployment.imagePrefix}/test-guest:${deployment.release}`;
  const failed = buildSmallImage(deployment, { name, base: "debian-base", context: "scripts/stack/guest" });
  if (failed !== undefined) throw new Error(failed);
  mkdirSync(folder, { recursive: true });
  const engine = (...words: string[]): string => execFileSync(deployment.engine, words, { encoding: "utf8" }).trim();
  const container = engine("create", name, "none");
  engine("cp", `${container}:/out/.`, folder);
  engine("rm", container);
}
