import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { dockerOutput, requireEngine } from "../../support/docker.ts";
import { deploymentIn, makeSecondModel } from "../../support/second.ts";
import { devStack } from "../../support/stack.ts";

/** Below build/, where the images' contexts are, too: `make up` builds images of a model by its folder. */
const model = "build/second/model";
makeSecondModel(model);
const { release, namespaces, workloads } = deploymentIn(model);
const stack = devStack(release, { MODEL: model });

type Server = { readonly status: string; readonly "OS-EXT-SRV-ATTR:host": string };

describe("the second deployment: two hypervisors, three of each API behind HAProxy", () => {
  before(async () => {
    await requireEngine();
  });

  test("starts, and works", () => stack.script("up"));

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

  test("is of its own region, and glance is at its own port", async () => {
    const endpoints = await stack.openstackJson<readonly Readonly<Record<string, string>>[]>("endpoint", "list");
    assert.deepEqual([...new Set(endpoints.map((one) => one["Region"]))], ["Brno"]);
    const image = endpoints.filter((one) => one["Service Type"] === "image").map((one) => one["URL"]);
    for (const url of image) assert.match(String(url), /:19292$/);
  });

  test("has servers that reach each other and the machine", () => stack.script("demo"));

  for (const { name: host } of namespaces) {
    test(`starts a server on ${host}`, async () => {
      const place = ["--availability-zone", `nova:${host}`, "--network", "demo", "--flavor", "demo-small"];
      await stack.openstack("server", "create", "--wait", ...place, "--image", "demo", `on-${host}`);
      const server = await stack.openstackJson<Server>("server", "show", `on-${host}`);
      assert.deepEqual([server.status, server["OS-EXT-SRV-ATTR:host"]], ["ACTIVE", host]);
      const holder = namespaces.find(({ name }) => name === host)?.holder ?? "";
      assert.match(
        await dockerOutput(["inspect", "--format", "{{.Config.Hostname}}", `${stack.name}-${holder}-1`]),
        new RegExp(host),
      );
    });
  }
});
