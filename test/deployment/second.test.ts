import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { load, YAML11_SCHEMA } from "js-yaml";
import { addresses } from "../../src/openstack/addresses.ts";
import { inRange } from "../../src/openstack/releases.ts";
import { workDirectory } from "../support/plinth.ts";
import { deploymentIn, makeSecondModel, secondCompose, secondText } from "../support/second.ts";

type Service = {
  readonly image: string;
  readonly hostname?: string;
  readonly network_mode?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
};

const model = join(workDirectory(), "second");
makeSecondModel(model);
const deployment = deploymentIn(model);
const text = secondText(deployment);
const { services } = load(text, { schema: YAML11_SCHEMA }) as { readonly services: Readonly<Record<string, Service>> };
const workload = (name: string) => deployment.workloads.find((one) => one.name === name) ?? assert.fail(name);

test("the second deployment's compose project is what `make golden` writes", () => {
  assert.equal(text, readFileSync(secondCompose, "utf8"));
});

test("Docker Compose reads it, and finds the same services", (t) => {
  const words = [
    "compose",
    "--project-name",
    "second",
    "--file",
    secondCompose,
    "--profile",
    "*",
    "config",
    "--services",
  ];
  const { status, stdout, stderr, error } = spawnSync("docker", words, { encoding: "utf8" });
  if (error) return t.skip("no docker here");
  assert.equal(status, 0, stderr);
  assert.deepEqual(stdout.trim().split("\n").sort(), Object.keys(services).sort());
});

test("it has the name, release and region of its model, and none of the first one's networks", () => {
  assert.deepEqual([deployment.name, deployment.release, deployment.region], ["second", "2025.1", "Brno"]);
  for (const { image } of Object.values(services)) assert.match(image, /^\$\{IMAGE_PREFIX:-second\}\//);
  assert.doesNotMatch(text, /172\.31\.(240|239)|(?<!\/opt\/)plinth\//);
});

test("three of each API stand behind HAProxy, which alone is published", () => {
  for (const row of addresses) {
    const { parameter, proxy, image, service } = row;
    if (!proxy || !inRange(row, deployment.release)) continue;
    const one = deployment.workloads.find((own) => own.image === image && own.service === service);
    if (!one || one.runs === "hypervisor") continue;
    assert.equal(one.containers.length, 3, parameter);
    const names = one.containers.map(({ name }) => name);
    assert.equal(services["haproxy-server"]?.environment?.[proxy.parameter], names.join(","));
    for (const name of names) assert.equal(services[name]?.ports, undefined, name);
    for (const { environment = {} } of Object.values(services)) {
      if (parameter in environment) assert.equal(environment[parameter], "haproxy-server", parameter);
    }
  }
});

test("a service that may run only once has one container, and each of the others its own host name", () => {
  assert.equal(workload("nova-conductor").containers.length, 2);
  assert.equal(workload("nova-scheduler").containers.length, 1);
  const hosts = Object.values(services).flatMap(({ hostname }) => hostname ?? []);
  assert.equal(new Set(hosts).size, hosts.length);
});

test("every use of glance's port has the model's value", () => {
  assert.deepEqual(workload("glance-server").ports, { api: 19292 });
  assert.ok(services["haproxy-server"]?.ports?.includes("127.0.0.1:19292:19292"));
  assert.doesNotMatch(text, /(?<!1)9292/);
});

test("each hypervisor has its own containers, network namespace, addresses, name and volumes", () => {
  for (const [index, host] of ["rack-1", "rack-2"].entries()) {
    const own = deployment.workloads
      .filter(({ runs }) => runs === "hypervisor")
      .map(({ containers }) => containers[index]);
    assert.ok(own.length >= 7);
    for (const container of own) assert.equal(container?.namespace, host, container?.name);
    const chassis = own.flatMap((container) => container?.parameters["OVN_CHASSIS_NAME"] ?? []);
    assert.deepEqual(chassis, [host]);
  }
  const uuids = workload("libvirt-compute").containers.map(({ parameters }) => parameters["LIBVIRT_HOST_UUID"]);
  // Names give them: those of a deployment that runs must stay what they are.
  assert.deepEqual(uuids, ["57ad187a-48ad-8294-a531-b9f3cdc0bc8b", "57ad187a-49ad-8294-a531-b9f3cdc0bdc6"]);
  const [one, other] = deployment.namespaces;
  assert.notEqual(one?.inside, other?.inside);
  assert.notEqual(one?.outside, other?.outside);
  const hypervisors = deployment.workloads.filter(({ runs }) => runs === "hypervisor");
  const mounted = [0, 1].map((index) =>
    hypervisors.flatMap(({ containers }) => containers[index]?.mounts.map(({ volume }) => volume) ?? []),
  );
  // Only cinder's files: one machine stands for both hypervisors.
  const both = mounted[0]?.filter((volume) => mounted[1]?.includes(volume));
  assert.deepEqual([...new Set(both)], ["volumes"]);
});

test("a hypervisor's UUID in the model is not replaced", () => {
  const directory = join(workDirectory(), "own-uuid");
  makeSecondModel(directory);
  const file = join(directory, "classes/libvirt/compute.yml");
  const own = "4dea22b3-1d52-48f3-9a5c-ab4e6d8e0f01";
  writeFileSync(file, readFileSync(file, "utf8").replace('LIBVIRT_HOST_UUID: ""', `LIBVIRT_HOST_UUID: ${own}`));
  const libvirt = deploymentIn(directory).workloads.find(({ name }) => name === "libvirt-compute");
  assert.equal(libvirt?.containers[0]?.parameters["LIBVIRT_HOST_UUID"], own);
});
