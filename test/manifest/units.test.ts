import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sha256 } from "../../src/cli/describing.ts";
import { unitsOf } from "../../src/manifest/units.ts";
import { describedIn, type Written } from "../support/manifests.ts";
import { mustBe } from "../support/must-be.ts";
import { copyModel } from "../support/upgrades.ts";

const deployment = mustBe(describedIn(copyModel({ hypervisors: "[compute-1, compute-2]" })));
const said = { by: "a test", digest: sha256, images: { "nova-controller": "registry.example.com/nova@sha256:1" } };
const { services, jobs, others } = unitsOf(deployment, said);

describe("the parts of a deployment that an upgrade replaces", () => {
  test("are a container of some object's pods for each service", () => {
    const wanted = deployment.workloads.filter(({ kind }) => kind === "service");
    for (const { name, image } of wanted) {
      const unit = services.get(name);
      const runner = unit?.runner as Written;
      const own = runner.spec.template.spec.containers.find((one: Written) => one.name === unit?.container);
      assert.equal(own?.image, unit?.image, name);
      assert.equal(runner.metadata.name, unit?.name);
      assert.equal(image === "nova-controller", unit?.image === "registry.example.com/nova@sha256:1");
    }
  });

  test("are one object for services of one pod", () => {
    const runners = ["nova-api", "nova-conductor", "nova-scheduler"].map((name) => services.get(name)?.runner);
    assert.equal(new Set(runners).size, 1);
  });

  test("are a container of each hypervisor's pod, which stays", () => {
    const units = ["nova-compute", "nova-compute-2"].map((name) => services.get(name));
    assert.deepEqual(
      units.map((unit) => [unit?.name, unit?.container, unit?.inPod]),
      [
        ["compute-1", "nova-compute", true],
        ["compute-2", "nova-compute", true],
      ],
    );
    assert.equal(services.get("nova-api")?.inPod, false);
  });

  test("have a Job for each job, also for those that the cluster runs by the clock", () => {
    for (const { name, kind, service } of deployment.workloads) {
      if (kind !== "job") continue;
      const template = jobs.get(name)?.spec["template"] as Written;
      const own = template.spec.containers.find((one: Written) => one.name === name);
      assert.deepEqual(own?.command, ["/entrypoint.sh", service], name);
    }
  });

  test("bring their own Services and policies, and claims", () => {
    const kinds = services.get("glance-server")?.beside.map(({ kind }) => kind);
    assert.deepEqual([...new Set(kinds)].sort(), ["NetworkPolicy", "PersistentVolumeClaim", "Service"]);
  });

  test("leave what runs no service to others: nothing that has a service's pods, and no Job", () => {
    const kinds = new Set(others.map(({ kind }) => kind));
    for (const kind of ["Deployment", "StatefulSet", "Job"]) assert.ok(!kinds.has(kind), kind);
    for (const kind of ["CronJob", "Service", "NetworkPolicy", "Namespace"]) assert.ok(kinds.has(kind), kind);
  });
});
