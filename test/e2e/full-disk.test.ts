import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { smallDisk } from "../../scripts/stack/chaos/disk.ts";
import { runningIn } from "../../scripts/stack/chaos/from-outside.ts";
import { type Deployment, guestImage } from "../../scripts/stack/deployment.ts";
import { cleanUp } from "../support/clean-up.ts";
import { docker, requireEngine } from "../support/docker.ts";
import { workDirectory } from "../support/plinth.ts";

/** The disk that make chaos fills, of a container of which only that counts. */
const directory = workDirectory();
const name = `plinth-e2e-disk-${randomBytes(3).toString("hex")}`;
const deployment = { name, directory, engine: "docker", imagePrefix: name, release: "none" } as Deployment;
const owner = "42434:42434";
const file = join(directory, "compose.yaml");
const service = {
  image: "debian:trixie",
  user: owner,
  command: ["sleep", "infinity"],
  init: true,
  network_mode: "none",
  volumes: ["data:/data"],
};
writeFileSync(file, JSON.stringify({ services: { database: service }, volumes: { data: {} } }));

function compose(...words: readonly string[]): void {
  const { status, stderr } = spawnSync("docker", ["compose", "--project-name", name, "--file", file, ...words], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
}
const up = async (more?: string): Promise<void> =>
  compose(...(more === undefined ? [] : ["--file", more]), "up", "--detach");
const container = async () => {
  const [one] = await runningIn(deployment, new Set(["database"]));
  return one ?? assert.fail("there is no container");
};
const inside = async (script: string, user = owner) =>
  docker(["exec", "--user", user, (await container()).id, "sh", "-c", script]);

before(async () => {
  await requireEngine();
  spawnSync("docker", ["tag", "debian:trixie", guestImage(deployment)]);
});
cleanUp(() => {
  for (const [list, remove] of [
    [
      ["ps", "--all"],
      ["rm", "--force"],
    ],
    [
      ["volume", "ls"],
      ["volume", "rm", "--force"],
    ],
  ] as const) {
    const words = [...list, "--quiet", "--filter", `label=com.docker.compose.project=${name}`];
    const ids = spawnSync("docker", words, { encoding: "utf8" }).stdout.split("\n").filter(Boolean);
    if (ids.length > 0) spawnSync("docker", [...remove, ...ids]);
  }
  spawnSync("docker", ["image", "rm", guestImage(deployment)]);
});

test("a service whose disk was full works again when there is room, with its data in place", async () => {
  await up();
  await inside(`chown ${owner} /data && echo before > /data/kept && chown ${owner} /data/kept`, "0");
  const disk = await smallDisk(deployment, await container(), "/data", up);
  assert.equal((await inside("cat /data/kept && stat --format %u:%g /data")).stdout, `before\n${owner}\n`);
  await disk.fill();
  const full = await inside("head --bytes 1 /dev/zero > /data/more");
  assert.notEqual(full.status, 0);
  assert.match(full.stderr, /No space left on device/);
  await disk.free();
  assert.equal((await inside("echo after > /data/more")).status, 0);
  await disk.remove();
  const { stdout } = await inside("cat /data/kept /data/more && ls /data && stat --file-system --format %T /data");
  assert.match(stdout, /^before\nafter\nkept\nmore\n(?!tmpfs)/);
  assert.equal((await docker(["volume", "ls", "--quiet", "--filter", `name=${name}-small`])).stdout, "");
});
