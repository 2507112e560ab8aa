/**
 * Writes config-templates/options/<service>-<release>.json for every release that Debian packages: all options that the
 * services and their libraries register, as `oslo-config-generator` of those very packages tells them. They judge the
 * templates (test/render/options.test.ts): an option that its release does not have is a failure.
 *
 * Needs Docker with an image `debian:<suite>` for each suite. Packages come through the apt sources inside that image.
 *
 * Usage: node scripts/option-lists.ts [RELEASE | SERVICE ...]
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { releases } from "../src/openstack/releases.ts";
import { listFiles } from "./option-files.ts";

/**
 * The services, in groups that are read in one container: what else is installed there counts, since libraries bring options,
 * too.
 */
const groups = [["nova", "keystone"], ["glance"], ["placement"], ["neutron"], ["cinder"], ["heat"]];

const directory = new URL("../config-templates/options/", import.meta.url);

const packagesOf = (services: readonly string[]): string =>
  [...services.map((service) => `python3-${service}`), "python3-keystonemiddleware"].join(" ");

/** Prints nothing but the reader's JSON on standard output; everything else goes to standard error. */
const inContainer = (services: readonly string[]): string =>
  [
    "set -e",
    "exec 3>&1 1>&2",
    "export DEBIAN_FRONTEND=noninteractive",
    // A suite's Release file outlives its validity where a mirror stands still.
    "apt='apt-get -qq -o Acquire::Check-Valid-Until=false'",
    "printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d",
    "$apt update",
    `$apt install -y --no-install-recommends ${packagesOf(services)} > /tmp/apt.log 2>&1 || { cat /tmp/apt.log; exit 1; }`,
    `python3 -W ignore /lists/option-lists.py ${services.join(" ")} 1>&3`,
  ].join("\n");

function read(suite: string, services: readonly string[]): string {
  const words = ["run", "--rm", "--volume", `${resolve(import.meta.dirname)}:/lists:ro`, `debian:${suite}`];
  const run = spawnSync("docker", [...words, "sh", "-c", inContainer(services)], {
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
  if (run.error) throw run.error;
  if (run.status !== 0) throw new Error(`reading the options in debian:${suite} failed:\n${run.stderr.slice(-4000)}`);
  return run.stdout;
}

const asked = process.argv.slice(2);
const wanted = (name: string, names: readonly string[]): boolean => {
  const some = asked.filter((word) => names.includes(word));
  return some.length === 0 || some.includes(name);
};
const names = releases.map(({ name }) => name);
for (const { name: release, sources } of releases) {
  const suite = sources?.debian?.suite;
  if (suite === undefined || !wanted(release, names)) continue;
  for (const group of groups.filter((services) => services.some((service) => wanted(service, groups.flat())))) {
    for (const [name, text] of listFiles(release, read(suite, group))) {
      writeFileSync(new URL(name, directory), text);
      process.stdout.write(`${name}: ${text.split("\n").length - 3} options\n`);
    }
  }
}
