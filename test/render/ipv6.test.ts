import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { planHandOver } from "../../src/handover/plan.ts";
import { questionOf } from "../../src/host/health/question.ts";
import type { Baked } from "../../src/image/bake.ts";
import { imageName, imagesOf } from "../../src/openstack/images.ts";
import { supportedNames } from "../../src/openstack/releases.ts";
import { renderFiles } from "../../src/render/render.ts";
import { probesFor } from "../../src/wait/needs.ts";
import { addressText, type Probe } from "../../src/wait/probe.ts";
import { bakedForIpv6, ipv6Settings } from "../support/ipv6.ts";
import { workDirectory } from "../support/plinth.ts";
import { judge, missingPython } from "../support/python.ts";
import { allFiles, mustBe } from "../support/rendering.ts";

const modules = [
  "sqlalchemy",
  "oslo_config",
  "oslo_messaging",
  "oslo_utils",
  "memcache",
  "pymemcache",
  "django",
  "ovs",
  "pymysql",
];
const directory = workDirectory();

const urlsOf = (probe: Probe): readonly string[] =>
  probe.kind === "any" ? probe.members.flatMap(urlsOf) : "url" in probe ? [probe.url] : [];

const skip = missingPython(...modules);

for (const release of supportedNames) {
  test(`${release}: every reader of every image's files, commands and questions finds an IPv6 address`, {
    skip,
  }, () => {
    const asked = imagesOf(release)
      .map(imageName)
      .flatMap((name) => bakedForIpv6(name, release).map((baked) => readBy(name, baked)));
    const { complaints, found } = judge<{ complaints: readonly string[]; found: number }>(
      new URL("judges/read_addresses.py", import.meta.url),
      {
        files: asked.flatMap(({ files }) => files),
        words: asked.flatMap(({ words }) => words),
      },
    );
    assert.deepEqual(complaints, []);
    assert.ok(found > 100, `${found} values with an address`);
    for (const { text } of asked.flatMap(({ files }) => files).filter(({ path }) => path.endsWith("haproxy.cfg"))) {
      checkProxy(text);
    }
  });
}

/** All that an image's services are given: their files, and the words of commands, environment and questions. */
function readBy(name: string, baked: Baked) {
  const { image } = baked;
  const settings = ipv6Settings(baked);
  const files = mustBe(renderFiles(image, settings, allFiles(image))).map(({ path, text }) => ({ path, text }));
  assert.ok(files.length > 0 || name === "memcached-server", `${name} has files`);
  const words = Object.entries(image.services).flatMap(([service, row]) => {
    const { command, environment } = planHandOver(row, settings, [], "/", [], false);
    const question = row.health && questionOf(row.health, row.needs, settings);
    const checks = question ? [...question.alive, ...question.ready] : [];
    const urls = [
      ...probesFor(row.needs, settings).flatMap(urlsOf),
      ...checks.flatMap((check) => ("target" in check ? urlsOf(check.target) : [])),
      ...checks.flatMap((check) => (check.ask === "http" ? [`http://${addressText(check.place)}${check.path}`] : [])),
    ];
    return [
      ...command.map((word) => [`${name} ${service}'s command`, word]),
      ...environment.map((entry) => [
        `${name} ${service} ${entry.split("=", 1)[0]}`,
        entry.slice(entry.indexOf("=") + 1),
      ]),
      ...urls.map((url) => [`${name} ${service} asks`, url]),
    ];
  });
  return { files, words };
}

function checkProxy(text: string): void {
  const file = join(directory, "haproxy.cfg");
  writeFileSync(file, text);
  assert.match(text, /^\s*bind \[::\]:\d+$/m);
  const { status, stderr, error } = spawnSync("/usr/sbin/haproxy", ["-c", "-f", file], { encoding: "utf8" });
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOENT" && process.env["CI"] === undefined) return;
  assert.equal(status, 0, stderr);
}
