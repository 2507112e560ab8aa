import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { promisify } from "node:util";
import { type Deployment, guestImage } from "./deployment.ts";
import { buildSmallImage } from "./small-image.ts";

const run = promisify(execFile);

/** Makes a guest of a few MiB: `kernel` and `initramfs` in a directory. Rejects with what the engine said. */
export async function makeGuest(deployment: Deployment, directory: string): Promise<void> {
  const name = guestImage(deployment);
  const failed = await buildSmallImage(deployment, { name, base: "debian-base", context: "scripts/stack/guest" });
  if (failed !== undefined) throw new Error(failed);
  mkdirSync(directory, { recursive: true });
  const engine = async (...words: string[]): Promise<string> => (await run(deployment.engine, words)).stdout.trim();
  const container = await engine("create", name, "none");
  await engine("cp", `${container}:/out/.`, directory);
  await engine("rm", container);
}
