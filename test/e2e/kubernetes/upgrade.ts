import assert from "node:assert/strict";
import { join } from "node:path";
import { type Load, startLoad } from "../../../scripts/stack/chaos/load.ts";
import type { Api, Row } from "../../../scripts/stack/demo/api.ts";
import { until } from "../../../scripts/stack/demo/ensure.ts";
import { consoleLog, running } from "../../../scripts/stack/demo/servers.ts";
import type { Outcome } from "../../../src/upgrade/outcome.ts";
import { askedMeanwhile, keepOutcome, killIn, requestsSince, startUpgrade } from "../../support/upgrade.ts";
import { deadRows, openCloud, type Servers } from "./cloud.ts";
import { deployment, endpoints, environment, password, pods } from "./cluster.ts";

/** The cloud in the cluster is upgraded while it is used: TO=2026.1, and UPGRADE="back kills" takes it back and kills it before. */
const to = process.env["TO"] || "2026.1";
const parts = new Set((process.env["UPGRADE"] ?? "").split(/\s+/).filter(Boolean));
const env = { ...environment, FROM: deployment.release, TO: to };

const start = (more: Readonly<Record<string, string>> = {}) => startUpgrade(env, more, "scripts/kubernetes/upgrade.ts");

/** What a guest says last of the pings that it sends, and how often it was started. */
async function watched(
  api: Api,
  server: Row,
): Promise<{ readonly sent: number; readonly lost: number; readonly boots: number }> {
  const text = await consoleLog(api, server);
  const last = [...text.matchAll(/guest: watched \S+: (\d+) sent, (\d+) lost/g)].at(-1);
  assert.ok(last, `${String(server["name"])} does not watch: ${text.slice(-500)}`);
  return { sent: Number(last[1]), lost: Number(last[2]), boots: text.match(/guest: userland/g)?.length ?? 0 };
}

/** Images of the pods of services that are still of a release. */
const imagesOf = async (release: string): Promise<readonly string[]> =>
  (await pods()).flatMap(({ spec }) =>
    spec.containers.flatMap(({ name, image }) => (image.includes(`:${release}`) ? [name] : [])),
  );

/** Containers that an upgrade leaves as they are. */
const kept = /^(mysql|rabbitmq|memcached|etcd|ovn-|ovs|libvirt|hypervisor)/;

async function undo(): Promise<void> {
  assert.equal(await start({ UNTIL: "nova-roll-control" }).ended, 0);
  assert.notDeepEqual(await imagesOf(to), []);
  assert.equal(await start({ BACK: "1" }).ended, 0);
  assert.deepEqual(await imagesOf(to), []);
  await until("every service to be up", async () => ((await deadRows()).here.length === 0 ? true : undefined), 300);
}

/** @returns what an upgrade took and lost. */
export async function upgradeInUse(servers: Servers): Promise<Outcome> {
  const api = await openCloud();
  // Building and bringing images takes the machine's processors, where it is the cluster's, too.
  assert.equal(await start({ UNTIL: "images" }).ended, 0);
  const load: Load = await startLoad(password(), endpoints(), "", askedMeanwhile);
  try {
    let began = performance.now();
    const before = await Promise.all(servers.all.map((server) => watched(api, server)));
    if (parts.has("back")) await undo();
    if (parts.has("kills"))
      for (const phase of ["keystone-roll", "nova-migrate", "neutron-roll-server"]) await killIn(phase, start());
    if (parts.size === 0) began = performance.now();
    const upgrading = start();
    assert.equal(await upgrading.ended, 0, upgrading.lines.join("\n"));
    const requests = requestsSince(load, began);
    // A guest says what it has seen every ten seconds.
    await new Promise((settle) => setTimeout(settle, 12_000));
    const now = await Promise.all(servers.all.map((server) => watched(api, server)));
    const sum = (key: "sent" | "lost"): number =>
      now.reduce((all, one, index) => all + one[key] - (before[index]?.[key] ?? 0), 0);
    const report = join(deployment.directory, "upgrade", `report-${deployment.release}-${to}.json`);
    const packets = { sent: sum("sent"), lost: sum("lost") };
    const outcome = keepOutcome("upgrade-kubernetes", "kubernetes", report, requests, packets);
    assert.equal(packets.lost, 0);
    assert.deepEqual(
      now.map(({ boots }) => boots),
      before.map(({ boots }) => boots),
    );
    return outcome;
  } finally {
    await load.stop();
  }
}

/** What has to be true of a cloud that was upgraded. */
export async function works(servers: Servers): Promise<void> {
  const older = (await imagesOf(deployment.release)).filter((name) => !kept.test(name));
  assert.deepEqual(older, []);
  await until("every service to be up", async () => ((await deadRows()).here.length === 0 ? true : undefined), 300);
  const api = await openCloud();
  const [, two] = servers.all;
  assert.ok(two);
  await api.post("compute", `/servers/${two.id}/action`, { reboot: { type: "HARD" } });
  await until("the server to be rebooted", async () => {
    const { server } = (await api.get("compute", `/servers/${two.id}`)) as { server: Row };
    return server["status"] === "ACTIVE" && server["OS-EXT-STS:task_state"] === null ? true : undefined;
  });
  await running(api, two);
  await api.remove("compute", `/servers/${two.id}`);
}
