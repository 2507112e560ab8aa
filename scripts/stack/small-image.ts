import { spawnSync } from "node:child_process";
import { machineMirrors } from "../../images/mirror.ts";
import type { Deployment } from "./deployment.ts";

/**
 * Builds an image beside the model's, of a Dockerfile that takes BASE and the mirrors.
 *
 * @param base an image of the deployment, such as debian-base.
 * @returns what the engine said, where it failed.
 */
export function buildSmallImage(
  deployment: Deployment,
  image: { readonly name: string; readonly base: string; readonly context: string },
): string | undefined {
  const { debian = "", security = "" } = machineMirrors(["bookworm", "trixie", "forky"]);
  const given = {
    BASE: `${deployment.imagePrefix}/${image.base}:${deployment.release}`,
    DEBIAN_MIRROR: debian,
    DEBIAN_SECURITY_MIRROR: security,
  };
  const words = Object.entries(given).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
  const built = spawnSync(deployment.engine, ["build", "--tag", image.name, ...words, image.context], {
    encoding: "utf8",
  });
  return built.status === 0 ? undefined : built.stderr;
}
