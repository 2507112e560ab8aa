import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { composeHere, type Deployment, guestImage } from "../deployment.ts";
import { engine, type Running } from "./from-outside.ts";

/**
 * A full disk for one service: for a while its volume is a file system in memory with little room. The machine's own disk would be
 * everybody's.
 */

/** MiB that are free before it is filled. */
const room = 64;
/** The file that fills it. */
const filler = "filled-by-make-chaos";

export type SmallDisk = {
  readonly fill: () => Promise<void>;
  readonly free: () => Promise<void>;
  /** Puts what is in it now back into the service's volume. The service's container is replaced. */
  readonly remove: () => Promise<void>;
};

/** @returns the engine's name of the volume that a container has at a path. Rejects where it has none. */
async function volumeAt(deployment: Deployment, { id, service }: Running, path: string): Promise<string> {
  const text = await engine(deployment, ["inspect", "--format", "{{json .Mounts}}", id]);
  const mounts = JSON.parse(text) as readonly { readonly Destination: string; readonly Name?: string }[];
  const found = mounts.find(({ Destination }) => Destination === path)?.Name;
  if (found === undefined) throw new Error(`${service} has no volume at ${path}`);
  return found;
}

/**
 * Gives a service a volume of its own with what is in it now, and little room. Its container is replaced.
 *
 * @param up starts the service with one more file of Compose, or without.
 */
export async function smallDisk(
  deployment: Deployment,
  container: Running,
  path: string,
  up = (file?: string) => startWith(deployment, container.service, file),
): Promise<SmallDisk> {
  const { name, directory } = deployment;
  const usual = await volumeAt(deployment, container, path);
  const small = `${name}-small-disk-${container.service}`;
  const docker = (...words: readonly string[]): Promise<string> => engine(deployment, words);
  const label = ["--label", `com.docker.compose.project=${name}`];
  const runAsRoot = (...words: readonly string[]): readonly string[] => [
    ...[
      "run",
      ...label,
      "--user",
      "0",
      "--network",
      "none",
      "--volume",
      `${usual}:/usual`,
      "--volume",
      `${small}:/small`,
    ],
    ...words,
  ];
  const shell = ["--entrypoint", "sh", guestImage(deployment), "-c"];
  const inHolder = (script: string): Promise<string> => docker("exec", small, "sh", "-ec", script);
  const measured = await docker(
    "run",
    "--rm",
    "--user",
    "0",
    "--volume",
    `${usual}:/usual:ro`,
    ...shell,
    "du -sm /usual",
  );
  const size = Number.parseInt(measured, 10) + room;
  const options = ["type=tmpfs", "device=tmpfs", `o=size=${size}m`].flatMap((option) => ["--opt", option]);
  await docker("volume", "create", ...label, ...options, small);
  // A file system in memory is gone when no container has it any more.
  await docker(...runAsRoot("--detach", "--name", small, ...shell, "exec sleep infinity"));
  await docker("rm", "--force", container.id);
  await inHolder("cp -a /usual/. /small/");
  const file = join(directory, "small-disk.json");
  const own = { type: "volume", source: "small-disk", target: path };
  const project = {
    services: { [container.service]: { volumes: [own] } },
    volumes: { "small-disk": { external: true, name: small } },
  };
  writeFileSync(file, JSON.stringify(project));
  await up(file);
  return {
    async fill() {
      const said = await inHolder(`dd if=/dev/zero of=/small/${filler} bs=64k 2>&1 || true`);
      if (!/No space left/.test(said)) throw new Error(`${small} is not full: ${said}`);
    },
    free: async () => void (await inHolder(`rm /small/${filler}`)),
    async remove() {
      const using = await docker("ps", "--all", "--format", "{{.ID}} {{.Names}}", "--filter", `volume=${small}`);
      const others = using.split("\n").map((line) => line.split(" "));
      const ids = others.flatMap(([id = "", called]) => (id === "" || called === small ? [] : [id]));
      if (ids.length > 0) await docker("rm", "--force", ...ids);
      await inHolder(`rm -f /small/${filler}; find /usual -mindepth 1 -delete; cp -a /small/. /usual/`);
      await docker("rm", "--force", small);
      await docker("volume", "rm", small);
      await up();
    },
  };
}

async function startWith(deployment: Deployment, service: string, file?: string): Promise<void> {
  const more = file === undefined ? [] : ["--file", file];
  const words = [...more, "up", "--detach", "--no-build", "--pull", "never", "--no-deps", service];
  const status = await composeHere(deployment, words);
  if (status !== 0) throw new Error(`Compose did not start ${service}: ${status}`);
}
