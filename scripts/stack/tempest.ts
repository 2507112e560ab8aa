/**
 * Runs Tempest's smoke set against the running dev stack, and says which tests passed, failed and were skipped, and why:
 * `node scripts/stack/tempest.ts` (make tempest). The figures go to build/bench/tempest.json.
 *
 * Exit status: 0; 1 when a test failed that can pass; 69 when there is no stack that works; 75 when Tempest could not be run.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { faults } from "./cloud.ts";
import { absence } from "./containers.ts";
import { clientEnvironment, type Deployment, deploymentOf, identityUrl, networkOf, secret } from "./deployment.ts";
import { readEndpoints } from "./endpoints.ts";
import { makeGuest } from "./guest.ts";
import { buildMissing, imageFor } from "./images.ts";
import { buildSmallImage } from "./small-image.ts";
import { countsOf, isUnexpected, type Outcome, readLine, tell } from "./tempest/results.ts";

const say = (text: string): boolean => process.stderr.write(`${text}\n`);

/** Runs a program in a container of the stack's network, as this user, with a directory of this machine at /here. */
const container = (deployment: Deployment, image: string, directory: string, words: readonly string[]): string[] => [
  ...["run", "--rm", "--interactive", "--network", networkOf(deployment), "--env", "OS_PASSWORD"],
  ...["--user", `${process.geteuid?.()}:${process.getegid?.()}`, "--env", "HOME=/tmp"],
  ...Object.entries(clientEnvironment(deployment)).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
  ...["--volume", `${resolve(directory)}:/here`, "--entrypoint", words[0] ?? "", image, ...words.slice(1)],
];

/** What the real client answers. Throws with what it said where it failed. */
function client(deployment: Deployment, directory: string, words: readonly string[]): string {
  const image = imageFor(deployment, "openstack-client");
  const all = container(deployment, image, directory, ["openstack", ...words]);
  const env = { ...process.env, OS_PASSWORD: secret(deployment, "admin") };
  const { status, stdout, stderr } = spawnSync(deployment.engine, all, { encoding: "utf8", env });
  if (status !== 0) throw new Error(`openstack ${words.join(" ")}: ${stderr}`);
  return stdout.trim();
}

/** The id of something by its name; made by `create`, where it is not there yet. */
function ensure(
  deployment: Deployment,
  directory: string,
  kind: readonly string[],
  name: string,
  create: string,
): string {
  const named = JSON.parse(client(deployment, directory, [...kind, "list", "--format", "json"])) as Record<
    string,
    string
  >[];
  const found = named.find((row) => row["Name"] === name)?.["ID"];
  if (found !== undefined) return found;
  const words = [...kind, "create", ...create.split(" "), "--format", "value", "--column", "id", name];
  return client(deployment, directory, words).split("\n").at(-1) ?? "";
}

/** Makes what Tempest wants to find in a cloud. @returns its configuration. */
async function prepare(deployment: Deployment, directory: string): Promise<string> {
  await makeGuest(deployment, directory);
  writeFileSync(join(directory, "disk"), Buffer.alloc(1 << 20));
  const of = (kind: string, name: string, create: string): string =>
    ensure(deployment, directory, kind.split(" "), name, create);
  const kernel = of("image", "tempest-kernel", "--public --container-format aki --disk-format aki --file /here/kernel");
  const ramdisk = of(
    "image",
    "tempest-ramdisk",
    "--public --container-format ari --disk-format ari --file /here/initramfs",
  );
  const bootable = `--property kernel_id=${kernel} --property ramdisk_id=${ramdisk}`;
  const disk = `--public --container-format bare --disk-format raw --file /here/disk ${bootable}`;
  const images = [of("image", "tempest-one", disk), of("image", "tempest-two", disk)];
  const flavors = [
    of("flavor", "tempest-one", "--ram 160 --disk 1"),
    of("flavor", "tempest-two", "--ram 192 --disk 1"),
  ];
  const outside = of(
    "network",
    "outside",
    "--external --provider-network-type flat --provider-physical-network physnet1",
  );
  of(
    "subnet",
    "outside",
    `--network ${outside} --subnet-range ${deployment.outside}.0/24 --gateway ${deployment.outside}.1 --no-dhcp`,
  );
  const extensions = JSON.parse(client(deployment, directory, "extension list --network --format json".split(" "))) as {
    readonly Alias: string;
  }[];
  return `[DEFAULT]
log_dir = /tmp
log_file = tempest.log

[auth]
use_dynamic_credentials = true
admin_username = admin
admin_password = ${secret(deployment, "admin")}
admin_project_name = admin
admin_domain_name = Default

[identity]
auth_version = v3
uri_v3 = ${identityUrl(deployment)}
v3_endpoint_type = internalURL
region = ${deployment.region}

[service_available]
nova = true
neutron = true
glance = true
cinder = true
swift = false
horizon = false

[compute]
endpoint_type = internalURL
image_ref = ${images[0]}
image_ref_alt = ${images[1]}
flavor_ref = ${flavors[0]}
flavor_ref_alt = ${flavors[1]}
min_compute_nodes = 1
# QEMU without KVM, beside all other services on few processors.
build_timeout = 300

[compute-feature-enabled]
live_migration = false
attach_encrypted_volume = false
# Consoles' logs come from serial ports; pause and the like are QEMU's own.
vnc_console = true

[image]
endpoint_type = internalURL

[network]
endpoint_type = internalURL
public_network_id = ${outside}
floating_network_name = outside
project_networks_reachable = false

[network-feature-enabled]
api_extensions = ${extensions.map(({ Alias: alias }) => alias).join(",")}

[volume]
endpoint_type = internalURL
catalog_type = volumev3
storage_protocol = file
vendor_name = Open Source
build_timeout = 300

[volume-feature-enabled]
backup = false

[validation]
# The guest has no user with sudo, which these tests log in as: make demo logs in to its servers.
run_validation = false
`;
}

/** Runs the set, with a line for each test. @returns the outcomes and Tempest's exit status. */
function run(deployment: Deployment, image: string, directory: string) {
  const script =
    "set -e; tempest init /tmp/tempest >/dev/null; cp /here/tempest.conf /tmp/tempest/etc/; cd /tmp/tempest; ";
  const words = ["sh", "-c", `${script} exec tempest run --smoke --concurrency 2`];
  const outcomes: Outcome[] = [];
  const child = spawn(deployment.engine, container(deployment, image, directory, words), {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, OS_PASSWORD: secret(deployment, "admin") },
  });
  createInterface({ input: child.stdout }).on("line", (line) => readLine(outcomes, line, say));
  return new Promise<{ readonly outcomes: readonly Outcome[]; readonly status: number | null }>((settle, reject) => {
    child.once("error", reject);
    child.once("close", (status) => settle({ outcomes, status }));
  });
}

async function main(): Promise<number> {
  const deployment = deploymentOf(process.env);
  const away = absence(deployment, "keystone-server");
  if (away !== undefined) {
    say(`make tempest: ${away}`);
    return 69;
  }
  const wrong = await faults(secret(deployment, "admin"), readEndpoints(deployment.directory));
  if (wrong.size > 0) {
    say(`no cloud to test: ${[...wrong].map(([part, why]) => `${part}: ${why}`).join("; ")}\nmake up starts one`);
    return 69;
  }
  if (buildMissing(deployment, ["debian-base", "openstack-client"]) !== 0) return 75;
  const name = imageFor(deployment, "tempest");
  const failed = await buildSmallImage(deployment, {
    name,
    base: "openstack-client",
    context: "scripts/stack/tempest",
  });
  if (failed !== undefined) {
    say(`Tempest's image was not built:\n${failed}`);
    return 75;
  }
  const directory = join(deployment.directory, "tempest");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(join(directory, "tempest.conf"), await prepare(deployment, directory), { mode: 0o600 });
  const began = performance.now();
  const { outcomes, status } = await run(deployment, name, directory);
  const seconds = Math.round((performance.now() - began) / 1000);
  const counts = countsOf(outcomes);
  process.stdout.write(tell(outcomes, seconds));
  mkdirSync("build/bench", { recursive: true });
  const report = { release: deployment.release, seconds, ...counts, outcomes };
  writeFileSync("build/bench/tempest.json", `${JSON.stringify(report, undefined, 2)}\n`);
  if (outcomes.length === 0) say(`Tempest ran nothing (status ${status})`);
  return outcomes.length === 0 ? 75 : outcomes.some(isUnexpected) ? 1 : 0;
}

process.exitCode = await main();
