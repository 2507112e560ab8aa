import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { composeFile, makeSecrets } from "../../scripts/stack/deployment.ts";
import { requireEngine } from "../support/docker.ts";
import { buildImages } from "../support/keystone.ts";
import { devStack } from "../support/stack.ts";

const release = process.env["VERSION"] ?? "2025.1";
const stack = devStack(release, { NETWORK: "host" });

/** What others wait for: started last here. */
const awaited = /^(mysql|rabbitmq|memcached|etcd|keystone|ovn|placement)-/;

describe("a control plane on the machine's own network, its addresses in etcd", () => {
  before(async () => {
    await requireEngine();
    buildImages(release, ["etcd-server"]);
  });

  test("comes up although all that wait are started long before what they wait for", async (t) => {
    const { services, secrets } = composeFile(stack.deployment);
    makeSecrets(stack.deployment, Object.keys(secrets));
    const early = Object.keys(services).filter((name) => !awaited.test(name));
    stack.compose("up", "--detach", "--no-build", "--pull", "never", ...early);
    await sleep(10_000);
    const states = stack.compose("ps", "--all", "--format", "{{.Service}} {{.State}}").trim().split("\n");
    const ended = states.filter((line) => !/ (running|restarting)$/.test(line));
    assert.deepEqual(ended, [], "none has given up");
    const began = performance.now();
    await stack.script("up");
    t.diagnostic(`it works ${Math.round((performance.now() - began) / 1000)} s after the last were started`);
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
});
