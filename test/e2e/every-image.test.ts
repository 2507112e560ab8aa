import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { imageName, imagesOf } from "../../src/openstack/images.ts";
import { inRange } from "../../src/openstack/releases.ts";
import { docker, dockerOutput, requireEngine } from "../support/docker.ts";
import { buildImages } from "../support/keystone.ts";

/** `make e2e VERSION=zed` takes another. */
const release = process.env["VERSION"] ?? "2025.1";
const deploy = process.env["DEPLOY_NAME"] || "plinth";
const rows = imagesOf(release).filter((row) => inRange(row, release) && row.services !== undefined);

/**
 * One line each: what an image has that it should not. The first line of a key alone is in every program that reads keys, and the first
 * right before the last in descriptions of Google's interfaces, which cinder has until 2026.1.
 */
const unwanted = `
for tool in gcc cc g++ clang; do command -v "$tool"; done
grep -rlsPz -e "-----BEGIN [A-Z ]*PRIVATE KEY-----\\s++(?!-----END)[A-Za-z0-9+/:, -]{16}" /etc /var /root /opt
find /var/lib/apt/lists /var/cache/apt /var/log -type f
find / -xdev -perm -0002 -type f
echo end`;

describe(`every image of ${release}`, () => {
  before(async () => {
    await requireEngine();
    buildImages(release, rows.map(imageName));
  });

  for (const row of rows) {
    const name = imageName(row);
    const image = `${deploy}/${name}:${release}`;

    test(`${name} lists its services where none is named, becomes bash, and holds no compiler, key or cache`, async () => {
      const listed = await docker(["run", "--rm", "--network", "none", image]);
      assert.equal(listed.status, 64, listed.stderr);
      for (const [service, { kind, ...range }] of Object.entries(row.services)) {
        if (inRange(range, release)) assert.match(listed.stdout, new RegExp(`^${service} +${kind} `, "m"));
      }
      assert.match(listed.stderr, /no service of .* is named/);
      const shell = await dockerOutput(["run", "--rm", "--network", "none", image, "bash", "-c", unwanted]);
      assert.equal(shell.trim(), "end");
    });

    test(`${name} says what it is: entrypoint, health, release, contract`, async () => {
      const { Config: config } = JSON.parse(await dockerOutput(["image", "inspect", "--format", "{{json .}}", image]));
      assert.deepEqual(config.Entrypoint, ["/opt/plinth/bin/plinth", "start"]);
      assert.deepEqual(config.Healthcheck.Test, ["CMD", "/opt/plinth/bin/plinth", "healthcheck", "--ready"]);
      const labels = config.Labels;
      assert.equal(labels["org.opencontainers.image.version"], release);
      assert.match(labels["org.opencontainers.image.revision"], /^[0-9a-f]{40}/);
      assert.ok(Array.isArray(JSON.parse(labels["io.plinth.contract"])));
      for (const word of config.Env as readonly string[]) assert.doesNotMatch(word, /PASSWORD|SECRET|TOKEN/);
    });
  }
});
