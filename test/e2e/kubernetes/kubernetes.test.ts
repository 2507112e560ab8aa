/**
 * The cloud in a cluster of Kubernetes, as users run it: make e2e-kubernetes. It needs KUBECONFIG for a cluster with two nodes or more whose
 * network enforces NetworkPolicies, and REGISTRY=host:port (or LOAD_IMAGES) for the images. PARTS="rolling faults" runs only these after
 * the cloud is up. A node is stopped and started by NODE_STOP and NODE_START, commands that get its name; without them that
 * fault is left out. TO=2026.1 is the release that it is upgraded to in the end, and UPGRADE="back kills" has that taken back and killed
 * before. SHARED_CLASS=name is a storage class whose volumes several nodes have at once, for three of glance. KEEP=1 leaves the cloud as it is in the end.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { appliedDirectory } from "../../../scripts/kubernetes/deployment.ts";
import { kubectl, mustKubectl } from "../../../scripts/kubernetes/kubectl.ts";
import { ownerOf } from "../../../scripts/kubernetes/progress.ts";
import { kinds, type Load, startLoad } from "../../../scripts/stack/chaos/load.ts";
import { until } from "../../../scripts/stack/demo/ensure.ts";
import { deadRows, openCloud, orderServers, prepareGuest, type Servers, says, useAll } from "./cloud.ts";
import {
  buildChanged,
  control,
  deployment,
  endpoints,
  environment,
  exec,
  guests,
  healed,
  layModel,
  password,
  pods,
  replaced,
  script,
  setLine,
  sharedClass,
  up,
} from "./cluster.ts";
import { faultsHere, type Measured, measure } from "./faults.ts";
import { logInToHorizon } from "./horizon.ts";
import { policyCount, probePolicies } from "./policies.ts";
import { upgradeInUse, works } from "./upgrade.ts";

const all = ["manifests", "scale", "rolling", "policies", "lifecycle", "faults", "upgrade"];
const wanted = (process.env["PARTS"] ?? "").split(/[\s,]+/).filter(Boolean);
for (const part of wanted) assert.ok(all.includes(part), `there is no part ${part}: ${all.join(", ")}`);
const part = (name: string) => ({
  skip: wanted.length > 0 && !wanted.includes(name) ? `PARTS=${wanted.join(" ")}` : false,
});

const bench = "build/bench/kubernetes.json";
const figures: Record<string, unknown> = { release: deployment.release };
function keep(more: Readonly<Record<string, unknown>>): void {
  Object.assign(figures, more);
  mkdirSync("build/bench", { recursive: true });
  writeFileSync(bench, `${JSON.stringify(figures, undefined, 2)}\n`);
}

const tenth = (milliseconds: number): number => Math.round(milliseconds / 100) / 10;

/** The Deployments of what users ask. */
const apis = [
  "keystone-server",
  "glance-server",
  "placement-server",
  "nova-controller",
  "neutron-server",
  "cinder-controller",
  "heat-server",
];
/** Those that can have replicas: glance's images are in a volume. */
const scaling = apis.filter((name) => name !== "glance-server" || sharedClass !== "");
/** The model's lines that say how many there are. */
const lines = scaling.map((name) => `${name.replaceAll("-", "_")}_replicas`);

let servers: Servers;

/** Requests that failed since then, by kind. */
const failures = (load: Load, began: number): readonly string[] =>
  kinds.flatMap((kind) =>
    load.since(began)[kind].flatMap(({ wrong }) => (wrong === undefined ? [] : [`${kind}: ${wrong}`])),
  );

async function underLoad<T>(work: (load: Load) => Promise<T>): Promise<T> {
  const load = await startLoad(password(), endpoints(), servers.all[0]?.id ?? "");
  try {
    return await work(load);
  } finally {
    await load.stop();
  }
}

// What needs no cloud is in manifests.test.ts.
const none = wanted.length > 0 && wanted.every((name) => name === "manifests");

describe("the cloud in a cluster", { skip: none ? `PARTS=${wanted.join(" ")}` : false }, () => {
  before(async () => {
    layModel();
    await prepareGuest();
  });
  after(async () => {
    if (!process.env["KEEP"]) await script("down");
  });

  test("works, and two servers on two hypervisors run", async () => {
    const began = performance.now();
    const { started, works_after_s, servers_after_s, images_brought } = await up();
    const ordered = performance.now();
    servers = await orderServers(await openCloud());
    // Nova's own word for when it ran, in UTC and without a zone.
    const launched = servers.all.map((row) => Date.parse(`${String(row["OS-SRV-USG:launched_at"])}Z`));
    keep({
      works_after_s,
      servers_after_s,
      images_brought,
      up_s: tenth(ordered - began),
      first_server_active_s: tenth(Math.min(...launched) - Date.parse(started)),
    });
    const hosts = servers.all.map((row) => row["OS-EXT-SRV-ATTR:host"]);
    assert.deepEqual(hosts, ["compute-1", "compute-2"]);
  });

  test("has guests that reach each other and got their metadata", async () => {
    const api = await openCloud();
    const [one, two] = servers.all;
    assert.ok(one && two);
    await Promise.all([
      says(api, one, /guest: ping 10\.42\.0\.12 answered/),
      says(api, two, /guest: ping 10\.42\.0\.11 answered/),
      says(api, one, new RegExp(`guest: uuid ${one.id}`)),
      says(api, two, new RegExp(`guest: uuid ${two.id}`)),
    ]);
  });

  test("answers the real client, as make kubernetes-openstack starts it", () => {
    for (const words of ["image list", "server list", "network list", "volume list", "flavor list", "token issue"]) {
      const all = ["scripts/kubernetes/client.ts", ...words.split(" ")];
      const { status, stdout, stderr } = spawnSync(process.execPath, all, { env: environment, encoding: "utf8" });
      assert.equal(status, 0, `${words}: ${stdout}${stderr}`);
    }
  });

  test("logs in to horizon", async () => {
    assert.match(
      await logInToHorizon(endpoints().dashboard ?? "", endpoints().host ?? "localhost", password()),
      /demo-1|Instances/,
    );
  });

  test("differs in nothing from what was applied", async () => {
    const { status, stdout } = await kubectl(["diff", "--server-side", "--kustomize", appliedDirectory(deployment)]);
    assert.deepEqual([status, stdout], [0, ""]);
  });

  test("has no dead row of what is there", async () => assert.deepEqual((await deadRows()).here, []));

  test("lets nobody connect but those that must", part("policies"), async () => {
    assert.ok((await policyCount()) > 5);
    const probed = await probePolicies();
    keep({ policies: { tried: probed.tried, allowed: probed.allowed } });
    assert.ok(probed.allowed > 30, JSON.stringify(probed));
    assert.deepEqual([probed.open, probed.refused], [[], []]);
  });

  test("takes a changed value of the model live, and replaces only what it must", part("lifecycle"), async () => {
    const began = performance.now();
    setLine("cpu_allocation_ratio", "6.0");
    buildChanged();
    const { rolled_pods, replaced_containers } = await up();
    const option = "cpu_allocation_ratio";
    for (const host of ["compute-1", "compute-2"]) {
      const text = await exec(guests, `${host}-0`, "nova-compute", ["grep", "-h", `^${option}`, "/etc/nova/nova.conf"]);
      assert.match(text, /= ?6(\.0)?$/m);
    }
    const api = await openCloud();
    type Ratio = { readonly inventories: { readonly VCPU: { readonly allocation_ratio: number } } };
    const { resource_providers: providers } = (await api.get("placement", "/resource_providers")) as {
      resource_providers: readonly { readonly uuid: string }[];
    };
    for (const { uuid } of providers) {
      const deadline = Date.now() + 90_000;
      for (;;) {
        const { inventories } = (await api.get(
          "placement",
          `/resource_providers/${uuid}/inventories`,
        )) as unknown as Ratio;
        if (inventories.VCPU.allocation_ratio === 6) break;
        assert.ok(Date.now() < deadline, `placement still has ${inventories.VCPU.allocation_ratio}`);
        await sleep(1000);
      }
    }
    keep({ apply_to_live_s: tenth(performance.now() - began), rolled_pods, replaced_containers });
    assert.deepEqual(Object.keys(rolled_pods), ["nova-controller"]);
    assert.deepEqual(Object.keys(replaced_containers).toSorted(), ["compute-1-0", "compute-2-0"]);
  });

  test("goes on with three of each API by a line in the model", part("scale"), async () => {
    for (const line of lines) setLine(line, "3");
    const { rolled_pods } = await up();
    const running = await pods();
    for (const name of scaling) {
      const own = running.filter((pod) => ownerOf(pod) === `Deployment/${name}`);
      assert.equal(own.length, 3, name);
    }
    assert.deepEqual(rolled_pods, {});
    await useAll(servers);
  });

  test("loses no request while all APIs are replaced, and then one pod after the other", part("rolling"), async () => {
    await underLoad(async (load) => {
      const began = performance.now();
      const names = apis.map((name) => `deployment/${name}`);
      const here = ["--namespace", control];
      await mustKubectl(["rollout", "restart", ...names, ...here]);
      for (const name of names)
        await mustKubectl(["rollout", "status", name, ...here, "--timeout", "110s"]).catch(() => undefined);
      await healed(240);
      const restarted = failures(load, began);
      const asked = Object.values(load.since(began)).flat().length;
      // Also where a pod takes too long afterwards.
      keep({ requests_restart: asked, failed: restarted });
      const second = performance.now();
      for (const name of apis) {
        for (const pod of (await pods()).filter((one) => ownerOf(one) === `Deployment/${name}`)) {
          await mustKubectl(["delete", "pod", pod.metadata.name, ...here, "--wait=false"]);
          await replaced(pod);
        }
      }
      const deleted = failures(load, second);
      const total = Object.values(load.since(began)).flat().length;
      keep({
        requests: total,
        requests_failed: restarted.length + deleted.length,
        failed: [...restarted, ...deleted],
      });
      assert.deepEqual([restarted, deleted], [[], []]);
    });
    await useAll(servers);
  });

  test("recovers from every fault by itself", part("faults"), async (context) => {
    const faults: Measured[] = [];
    const only = (process.env["FAULTS"] ?? "").split(/[\s,]+/).filter(Boolean);
    for (const fault of await faultsHere()) {
      if (only.length > 0 && !only.some((one) => fault.name.startsWith(one))) continue;
      await context.test(fault.name, async () => {
        const row = await underLoad((load) => measure(fault, load));
        faults.push(row);
        keep({ faults });
        await useAll(servers);
        assert.deepEqual((await deadRows()).here, []);
      });
    }
    // Gone is what has not reported for ten minutes, and the jobs look every ten minutes.
    await context.test("and no dead row is left", async () => {
      const gone = async () => ((await deadRows()).gone.length === 0 ? true : undefined);
      await until("dead rows to be removed", gone, 25 * 60);
    });
  });

  test("is upgraded while it is used, without a lost packet", part("upgrade"), async () => {
    const { control_plane_s, requests_sent, requests_failed } = await upgradeInUse(servers);
    keep({ upgrade: { control_plane_s, requests_sent, requests_failed } });
    await works(servers);
    await useAll(servers);
  });
});
