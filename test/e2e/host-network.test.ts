import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { faults } from "../../scripts/stack/cloud.ts";
import { composeFile, composePath, makeSecrets } from "../../scripts/stack/deployment.ts";
import { docker, dockerOutput, logsOf, requireEngine, until } from "../support/docker.ts";
import { buildImages } from "../support/keystone.ts";
import { devStack, stackImages } from "../support/stack.ts";

const release = process.env["VERSION"] ?? "2025.1";
const stack = devStack(release, { NETWORK: "host" });

/** What others wait for: started last here. */
const awaited = /^(mysql|rabbitmq|memcached|etcd|keystone-server|ovn|placement-server)/;
const up = ["up", "--detach", "--no-build", "--pull", "never"];
/**
 * Takes from the jobs the schema that their image was built with: it is loaded in a second, and what is killed in the middle here are
 * migrations (test/servers/baked-schema.test.ts kills the other).
 */
function withoutSchemas(file: string): void {
  const text = readFileSync(file, "utf8");
  const jobs = /^( {2}\S+-db-sync:\n(?: {4}.*\n)*? {4}tmpfs: \[[^\]]*)\]/gm;
  assert.equal(text.match(jobs)?.length, 7);
  writeFileSync(file, text.replace(jobs, "$1, /etc/plinth/schema]"));
}

/** Each twice, as if on two hosts. */
const twice = (services: readonly string[]): readonly string[] => services.flatMap((name) => ["--scale", `${name}=2`]);

type Container = { readonly ID: string; readonly Service: string; readonly State: string; readonly ExitCode: number };
const containers = (): readonly Container[] =>
  stack
    .compose("ps", "--all", "--format", "json")
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Container);

/** How many tables each database has, counted by their files: it takes no account. */
async function tables(mysql: string): Promise<ReadonlyMap<string, number>> {
  const script = "cd /var/lib/mysql && for d in */; do echo $d $(ls $d | grep -c ibd$); done";
  const { stdout } = await docker(["exec", mysql, "sh", "-c", script]);
  return new Map(stdout.split("\n").map((line) => [line.split("/")[0] ?? "", Number(line.split(" ")[1] ?? 0)]));
}

describe("a control plane on the machine's own network, its addresses in etcd", () => {
  const jobs: string[] = [];
  const syncs: string[] = [];
  let began = 0;

  before(async () => {
    await requireEngine();
    buildImages(release, [...stackImages, "etcd-server"]);
  });

  test("services can be started long before what they wait for, and jobs on two hosts", async () => {
    const { services, secrets } = composeFile(stack.deployment);
    makeSecrets(stack.deployment, Object.keys(secrets));
    for (const [name, { restart }] of Object.entries(services)) {
      if (restart === "on-failure" && name !== "etcd-parameters") jobs.push(name);
    }
    syncs.push(...jobs.filter((name) => name.endsWith("-db-sync")));
    assert.equal(syncs.length, 7);
    withoutSchemas(composePath(stack.deployment));
    const early = Object.keys(services).filter((name) => !awaited.test(name));
    stack.compose(...up, ...twice(syncs), ...new Set([...early, ...syncs]));
    await sleep(10_000);
    const ended = containers().filter(({ State }) => !/^(running|restarting)$/.test(State));
    assert.deepEqual(ended, [], "none has given up");
    began = performance.now();
  });

  test("a job that makes a schema is killed midway, and its twin completes it", async (t) => {
    stack.compose(...up, "mysql-server", "etcd-server", "etcd-parameters");
    const mysql = await dockerOutput(["ps", "--quiet", "--filter", `name=${stack.name}-mysql-server`]);
    const killed = new Map<string, string>();
    const open = new Set(syncs);
    const databasesOf = (sync: string): readonly string[] =>
      sync === "nova-db-sync" ? ["nova_api", "nova", "nova_cell0"] : [sync.replace("-db-sync", "")];
    await until(
      "each schema to be begun",
      async () => {
        const now = await tables(mysql);
        const inTheMiddle = [...open].filter((sync) => databasesOf(sync).some((name) => (now.get(name) ?? 0) > 1));
        for (const sync of inTheMiddle) {
          open.delete(sync);
          for (const { ID } of containers().filter(({ Service, State }) => Service === sync && State === "running")) {
            const { text } = await logsOf(ID);
            if (!/waiting for the lock/.test(text) && (await docker(["kill", ID])).status === 0) killed.set(sync, ID);
          }
        }
        return open.size === 0 ? true : undefined;
      },
      240_000,
    );
    const twins = await until(
      "the others to end",
      async () => {
        const all = containers().filter(({ Service }) => syncs.includes(Service));
        return all.every(({ State }) => State === "exited") ? all : undefined;
      },
      240_000,
      2000,
    );
    const middle: string[] = [];
    for (const sync of syncs) {
      const both = twins.filter(({ Service }) => Service === sync);
      assert.equal(both.length, 2);
      for (const { ID, ExitCode } of both) {
        const { text } = await logsOf(ID);
        // One that was just done when it was to be killed is done.
        assert.ok(
          ExitCode === 0 || (ExitCode === 137 && killed.get(sync) === ID),
          `${sync} ended with ${ExitCode}: ${text}`,
        );
        if (/dropping \d+ tables of/.test(text)) middle.push(sync);
      }
    }
    t.diagnostic(`killed in the middle, and made again: ${middle.join(", ")}`);
    assert.ok(middle.length >= 4, "most were in the middle");
  });

  test("the rest of the control plane starts", async (t) => {
    await stack.script("up");
    t.diagnostic(`it works ${Math.round((performance.now() - began) / 1000)} s after the first of what was awaited`);
  });

  test("its services have their addresses from etcd, and its catalog has the machine's", async () => {
    const conductor = stack.compose("logs", "--no-color", "nova-conductor");
    assert.match(conductor, /mysql nova@172\.31\.240\.1:3306\/nova is ready/);
    const endpoints = await stack.openstackJson<{ Interface: string; URL: string }[]>("endpoint", "list");
    const internal = endpoints.filter(({ Interface }) => Interface === "internal");
    assert.ok(internal.length >= 7);
    for (const { URL: url } of internal) assert.match(url, /^http:\/\/172\.31\.240\.1:/);
    await stack.openstackAll("network create inside", "image list", "server list", "volume list", "stack list");
  });

  // Those of schemas have: on two hosts above, and once more by make up.
  test("every other job can run again, on two hosts at once, and changes nothing", async () => {
    const catalog = () => stack.openstackJson("endpoint", "list");
    const before = await catalog();
    const others = jobs.filter((name) => !syncs.includes(name));
    assert.notEqual(others.length, 0);
    stack.compose(...up, "--force-recreate", ...twice(others), ...others);
    await until(
      "all of them to end",
      async () => {
        const all = containers().filter(({ Service }) => others.includes(Service));
        const failed = all.filter(({ State, ExitCode }) => State === "restarting" || ExitCode !== 0);
        assert.deepEqual(failed, []);
        return all.length === 2 * others.length && all.every(({ State }) => State === "exited") ? true : undefined;
      },
      240_000,
      2000,
    );
    assert.deepEqual(await catalog(), before);
    assert.deepEqual(await faults(stack.secrets()["admin"] as string), new Map());
  });
});
