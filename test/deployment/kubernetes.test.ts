/** What the description of a deployment is for an engine that has pods. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { describeModel, templatesIn } from "../../src/cli/describing.ts";
import type { Deployment, Workload } from "../../src/deployment/deployment.ts";
import { kubernetesEngine } from "../../src/deployment/engine.ts";
import { openDirectory } from "../../src/host/inventory/inventory.ts";
import { openModel } from "../../src/model/model.ts";
import { mustBe } from "../support/must-be.ts";

function deploymentOf(set: Readonly<Record<string, string>> = {}): Deployment {
  const overrides = new Map(Object.entries(set));
  const model = mustBe(openModel(mustBe(openDirectory("model")), { overrides }));
  return mustBe(describeModel(model, templatesIn("config-templates"), kubernetesEngine));
}

const named = ({ workloads }: Deployment, name: string): Workload =>
  workloads.find((one) => one.name === name) ?? assert.fail(`there is no ${name}`);
const groupsOf = ({ workloads }: Deployment, image: string): Readonly<Record<string, string>> =>
  Object.fromEntries(workloads.flatMap((one) => (one.image === image ? [[one.name, one.group]] : [])));

const usual = deploymentOf();

describe("on Kubernetes", () => {
  test("the services of an image that may have replicas are one pod, and each job is one", () => {
    const groups = groupsOf(usual, "nova-controller");
    assert.equal(groups["nova-api"], "nova-controller");
    assert.equal(groups["nova-conductor"], "nova-controller");
    assert.equal(groups["nova-db-sync"], "nova-db-sync");
    assert.equal(groups["nova-novncproxy"], "hypervisor");
  });

  test("a service is known by the name of its pods' Service and its namespace, and nothing by a fixed address", () => {
    const { addresses, workloads } = usual;
    assert.ok(addresses.every(({ host }) => /^[a-z-]+\.plinth$/.test(host)));
    assert.ok(workloads.every(({ containers }) => containers.every(({ address }) => address === undefined)));
    assert.equal(named(usual, "nova-compute").containers[0]?.parameters["SERVICE_IMAGE_HOST"], "glance-server.plinth");
  });

  test("ports that are not published have a Service of their own", () => {
    const host = usual.addresses.find(({ parameter }) => parameter === "SERVICE_METADATA_HOST")?.host;
    assert.equal(host, "nova-metadata.plinth");
    assert.equal(named(usual, "nova-api").serviceNames["os-api"], "nova-controller");
  });

  test("the engine provides a hypervisor's own address", () => {
    const [container] = named(usual, "ovsdb").containers;
    assert.deepEqual(container?.addressed, ["OVN_ENCAPSULATION_ADDRESS"]);
    assert.equal(container?.parameters["OVN_CHASSIS_NAME"], "compute-1");
  });

  test("there is no HAProxy before replicas, no keeper, and no job that makes what is a secret", () => {
    const names = deploymentOf({ "_param:keystone_server_replicas": "3" }).workloads.map(({ name }) => name);
    for (const name of ["haproxy-server", "keeper", "keystone-keys"]) assert.ok(!names.includes(name), name);
  });

  test("services that use keystone's catalog connect to the Services named there", () => {
    const asked = usual.talks.flatMap(({ from, to }) => (from === "horizon-server" ? [to] : []));
    assert.ok(["nova-api", "neutron-server", "cinder-api", "heat-api"].every((name) => asked.includes(name)));
  });
});
