import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { inServer, sshWords } from "../../../scripts/stack/demo/ssh.ts";
import { greetingAt } from "../../support/console.ts";
import { dockerOutput, requireEngine, until } from "../../support/docker.ts";
import { buildImages } from "../../support/keystone.ts";
import { deploymentIn, makeSecondModel } from "../../support/second.ts";
import { devStack } from "../../support/stack.ts";

/** Below build/, where the images' contexts are, too: `make up` builds images of a model by its directory. */
const model = "build/second/model";
makeSecondModel(model);
const { release, namespaces, workloads } = deploymentIn(model);
const stack = devStack(release, { MODEL: model });

type Server = {
  readonly id: string;
  readonly status: string;
  readonly fault?: unknown;
  readonly "OS-EXT-SRV-ATTR:host": string;
};

describe("the second deployment: two hypervisors, three of each API behind HAProxy", () => {
  before(async () => {
    await requireEngine();
    // `make up` builds those that are not there; here they have to be of the present code.
    buildImages(release, [...new Set(workloads.map(({ image }) => image)), "openstack-client"], model);
  });

  test("starts and works", () => stack.script("up"));

  test("has all of its replicas, and HAProxy asks every one of them", async () => {
    const replicated = workloads.filter(({ containers }) => containers.length === 3).map(({ name }) => name);
    assert.ok(replicated.includes("keystone-server") && replicated.includes("nova-api"));
    const log = stack.compose(
      "logs",
      "--no-color",
      ...(workloads.find(({ name }) => name === "keystone-server")?.containers.map(({ name }) => name) ?? []),
    );
    for (const name of ["keystone-server-1", "keystone-server-2-1", "keystone-server-3-1"])
      assert.match(log, new RegExp(`${name} .*POST /v3/auth/tokens`), `${name} gave no token`);
  });

  test("has a region of its own, and glance has a port of its own", async () => {
    const endpoints = await stack.openstackJson<readonly Readonly<Record<string, string>>[]>("endpoint", "list");
    assert.deepEqual([...new Set(endpoints.map((one) => one["Region"]))], ["Brno"]);
    const image = endpoints.filter((one) => one["Service Type"] === "image").map((one) => one["URL"]);
    for (const url of image) assert.match(String(url), /:19292$/);
  });

  test("has servers that reach each other and the machine", () => stack.script("demo"));

  const servers = namespaces.map(({ name: host }, index) => ({
    host,
    name: `on-${host}`,
    address: `10.42.0.${21 + index}`,
    floating: `${stack.deployment.outside}.${21 + index}`,
  }));
  const [one, other] = servers as [(typeof servers)[0], (typeof servers)[0]];

  test("starts a server on each hypervisor", async () => {
    mkdirSync("build/e2e", { recursive: true });
    for (const { name } of servers) {
      writeFileSync(`build/e2e/${name}`, `ping ${name === one.name ? other.address : one.address}\n`);
    }
    await stack.openstackAll(
      ...servers.flatMap(({ host, name, address, floating }) => [
        `port create --network demo --fixed-ip ip-address=${address} --security-group demo ${name}`,
        `server create --availability-zone nova:${host} --port ${name} --flavor demo-small --image demo --user-data /e2e/${name} ${name}`,
        `floating ip create --floating-ip-address ${floating} --port ${name} outside`,
      ]),
    );
    for (const { host, name } of servers) {
      const server = await until(
        `server ${name} to be ACTIVE`,
        async () => {
          const now = await stack.openstackJson<Server>("server", "show", name);
          assert.notEqual(now.status, "ERROR", JSON.stringify(now.fault));
          return now.status === "ACTIVE" ? now : undefined;
        },
        180_000,
      );
      assert.equal(server["OS-EXT-SRV-ATTR:host"], host);
      const holder = namespaces.find((space) => space.name === host)?.holder ?? "";
      const hostname = await dockerOutput([
        ...["inspect", "--format", "{{.Config.Hostname}}", `${stack.name}-${holder}-1`],
      ]);
      assert.equal(hostname, host);
    }
  });

  test("servers on two hypervisors have their addresses and metadata, and ping each other", async () => {
    for (const { name, address } of servers) {
      const peer = name === one.name ? other.address : one.address;
      const { id } = await stack.openstackJson<Server>("server", "show", name);
      const text = await until(
        `${name} to be answered by ${peer}`,
        async () => {
          const said = await stack.openstack("console", "log", "show", name);
          return said.includes(`guest: ping ${peer} answered`) ? said : undefined;
        },
        180_000,
      );
      assert.match(text, new RegExp(`guest: hostname ${name}.second.example`), address);
      assert.match(text, new RegExp(`guest: uuid ${id}`));
    }
  });

  test("each server is reachable by a floating address, whichever hypervisor has the router's gateway", async () => {
    for (const { name, floating } of servers) {
      const page = await until(`the page of ${name}`, () =>
        fetch(`http://${floating}/`, { signal: AbortSignal.timeout(5000) }).then(
          (answer) => answer.text(),
          () => undefined,
        ),
      );
      assert.equal(page, `this is ${name}.second.example\n`);
    }
  });

  test("each hypervisor's consoles have a port of their own", async () => {
    const ports = [];
    for (const { name } of servers) {
      const { url } = await stack.openstackJson<{ url: string }>("console", "url", "show", "--novnc", name);
      assert.match(await greetingAt(url), /^RFB 003\.00\d\n$/, url);
      ports.push(new URL(url).port);
    }
    assert.deepEqual(ports, ["6080", "6081"]);
  });

  test("the two hypervisors on one machine have different UUIDs, which live migration needs", () => {
    const uuids = ["libvirt-compute", "libvirt-compute-2"].map(
      (name) => /<uuid>(.*)<\/uuid>/.exec(stack.compose("exec", "-T", name, "virsh", "capabilities"))?.[1],
    );
    assert.ok(uuids[0]);
    assert.notEqual(uuids[0], uuids[1]);
  });

  test("servers reach each other again after ovs-vswitchd of a hypervisor crashed", async (t) => {
    const ssh = sshWords(stack.deployment, join(stack.directory, "demo"), false);
    const pages = (): Promise<true | undefined> =>
      inServer(
        ssh,
        "demo-1",
        servers.map(({ address }) => `timeout 3 wget -q -O - http://${address}/`).join(" && "),
      ).then(
        (text) => servers.every(({ name }) => text.includes(name)) || undefined,
        () => undefined,
      );
    await until("the pages of both servers in demo-1", pages);
    stack.compose("exec", "-T", "ovs-vswitchd-2", "pkill", "-KILL", "ovs-vswitchd");
    const began = performance.now();
    await until("the pages of both servers in demo-1, again", pages);
    t.diagnostic(`both servers were reached ${((performance.now() - began) / 1000).toFixed(1)} s after the crash`);
  });
});
