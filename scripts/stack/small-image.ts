import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { machineMirrors } from "../../images/mirror.ts";
import type { Deployment } from "./deployment.ts";

/**
 * Builds an image beside the model's, of a Dockerfile that takes BASE and the mirrors.
 *
 * @param base an image of the deployment, such as debian-base.
 * @returns what the engine said, where it failed.
 */
export async function buildSmallImage(
  deployment: Deployment,
  image: { readonly name: string; readonly base: string; readonly context: string },
): Promise<string | undefined> {
  const { debian = "", security = "" } = machineMirrors();
  const given = {
    BASE: `${deployment.imagePrefix}/${image.base}:${deployment.release}`,
    DEBIAN_MIRROR: debian,
    DEBIAN_SECURITY_MIRROR: security,
  };
  const words = Object.entries(given).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
  try {
    await promisify(execFile)(deployment.engine, ["build", "--tag", image.name, ...words, image.context], {
      maxBuffer: 1 << 26,
    });
    return undefined;
  } catch (error) {
    return (error as { readonly stderr?: string }).stderr || (error as Error).message;
  }
}
