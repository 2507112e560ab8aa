import { spawnSync } from "node:child_process";
import { statfsSync } from "node:fs";
import type { Deployment } from "./deployment.ts";

/** Bytes that all images of a release take on disk, with what the builds leave behind. */
const room = 8e9;

export const imageFor = ({ imagePrefix, release }: Deployment, name: string): string =>
  `${imagePrefix}/${name}:${release}`;

const say = (text: string): boolean => process.stderr.write(`${text}\n`);

/** Warns where the disk that the engine keeps images on is nearly full. An engine elsewhere is not asked. */
function warnOfFullDisk({ engine }: Deployment): void {
  const { stdout } = spawnSync(engine, ["info", "--format", "{{.DockerRootDir}}"], { encoding: "utf8" });
  try {
    const { bavail, bsize } = statfsSync(stdout.trim());
    const free = bavail * bsize;
    if (free < room) {
      say(
        `warning: ${(free / 1e9).toFixed(1)} GB are free in ${stdout.trim()}; all images of a release take ${room / 1e9} GB`,
      );
    }
  } catch {}
}

/**
 * Builds the images of a deployment that this machine does not have.
 *
 * @param names such as keystone-server. @returns the exit status of the build; 0 where nothing is missing.
 */
export function buildMissing(deployment: Deployment, names: readonly string[]): number {
  const { engine, registry } = deployment;
  const model = deployment.environment["MODEL"];
  const wanted = [...new Set(names)];
  // All in one call. Of those that are not there it complains, and ends with 1.
  const { stdout } = spawnSync(
    engine,
    ["image", "inspect", "--format", "{{json .RepoTags}}", ...wanted.map((name) => imageFor(deployment, name))],
    { encoding: "utf8" },
  );
  const here = stdout.split("\n").flatMap((line) => (line === "" ? [] : (JSON.parse(line) as readonly string[])));
  const missing = wanted.filter((name) => !here.includes(imageFor(deployment, name)));
  if (missing.length === 0) return 0;
  say(`building what is not here yet: ${missing.join(" ")}`);
  if (missing.length > 1) warnOfFullDisk(deployment);
  const words = [
    ...["--release", deployment.release, "--deploy-name", deployment.deployName],
    ...(registry === undefined ? [] : ["--registry", registry]),
    ...["--engine", engine],
    ...(model ? ["--model", model] : []),
    ...missing.flatMap((name) => ["--image", name]),
  ];
  // What it tells goes to standard error: standard output is the client's.
  const build = spawnSync(process.execPath, ["images/build.ts", ...words], { stdio: ["ignore", 2, 2] });
  return build.status ?? 1;
}
