import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { bootsOf, reboots } from "../../scripts/stack/chaos/boots.ts";
import { faultsOf, selected } from "../../scripts/stack/chaos/faults.ts";
import { watchMetadata } from "../../scripts/stack/chaos/metadata.ts";
import { outages, replyNumber, type Sample, totalSeconds } from "../../scripts/stack/chaos/samples.ts";

const at = (began: number, wrong?: string): Sample => ({
  began,
  ended: began + 100,
  ...(wrong === undefined ? {} : { wrong }),
});

test("an outage lasts from the first failed request to the next successful one, by the time of sending", () => {
  const samples = [at(1500), at(0), at(500, "refused"), at(1000, "refused"), at(2000, "timeout")];
  assert.deepEqual(outages(samples, 4000), [
    { from: 500, to: 1500 },
    { from: 2000, to: 4000 },
  ]);
  assert.deepEqual(outages([at(0), at(500)], 4000), []);
});

test("seconds in which two APIs were down count once", () => {
  const spans = [
    { from: 5000, to: 6000 },
    { from: 0, to: 2000 },
    { from: 1000, to: 3000 },
    { from: 1500, to: 1600 },
  ];
  assert.equal(totalSeconds(spans), 4);
  assert.equal(totalSeconds([]), 0);
});

test("replies are distinguished from ping's other output, for both kinds of ping", () => {
  assert.equal(replyNumber("64 bytes from 172.31.239.50: seq=12 ttl=63 time=0.100 ms"), 12);
  assert.equal(replyNumber("64 bytes from 172.31.239.50: icmp_seq=7 ttl=63 time=0.100 ms"), 7);
  assert.equal(replyNumber("From 172.31.239.1 icmp_seq=7 Destination Host Unreachable"), undefined);
  assert.equal(replyNumber("PING 172.31.239.50 (172.31.239.50): 56 data bytes"), undefined);
});

test("faults are selected by name and by kind, and any other word is reported", () => {
  const faults = faultsOf(["ovsdb", "nova-api"]);
  const names = (words: string) => {
    const picked = selected(faults, words);
    return "unknown" in picked ? picked : picked.map(({ name }) => name);
  };
  assert.deepEqual(names("crash:nova-api"), ["crash:nova-api"]);
  assert.ok((names("hang") as string[]).includes("hang:nova-conductor"));
  assert.ok((names("crash") as string[]).includes("crash:all"));
  assert.equal((names("") as string[]).length, faults.length);
  assert.deepEqual(names("crash:nova-api cras"), { unknown: "cras" });
  assert.equal(new Set(names("") as string[]).size, faults.length, "no two faults of one name");
});

test("each fault that lasts has an end, and guests may be rebooted only where their holder ends", () => {
  const faults = faultsOf([
    "hypervisor",
    "libvirt-compute",
    "nova-compute",
    "ovsdb",
    "mysql-server",
    "rabbitmq-server",
  ]);
  for (const { name, lasts, end } of faults) assert.equal(lasts === undefined, end === undefined, name);
  assert.deepEqual(
    faults.filter(({ holds }) => holds.reboots).map(({ name }) => name),
    ["crash:hypervisor", "crash:all"],
  );
  const lasting = (kind: string) => faults.filter(({ name, lasts }) => name.startsWith(`${kind}:`) && lasts === 60);
  assert.deepEqual(
    lasting("full").map(({ name, holds }) => [name, holds.apiOutageAfterEnd]),
    [
      ["full:mysql-server", 5],
      ["full:rabbitmq-server", 5],
    ],
  );
  assert.equal(lasting("pause").length, 4);
});

test("a guest that was rebooted, or refuses logins, is reported", async () => {
  const boots = (ids: Readonly<Record<string, string>>) =>
    bootsOf(
      {
        async inGuest(guest) {
          const id = ids[guest];
          if (id === undefined) throw new Error("no route to host");
          return `${id}\n`;
        },
      },
      ["demo-1", "demo-2"],
    );
  const before = await boots({ "demo-1": "a", "demo-2": "b" });
  assert.deepEqual(reboots(before, await boots({ "demo-1": "a", "demo-2": "b" }), false), { count: 0, broken: [] });
  const again = await boots({ "demo-1": "a", "demo-2": "c" });
  assert.deepEqual(reboots(before, again, false), { count: 1, broken: ["demo-2 was rebooted"] });
  assert.deepEqual(reboots(before, again, true), { count: 1, broken: [] });
  assert.deepEqual(reboots(before, await boots({ "demo-1": "a" }), true), {
    count: 0,
    broken: ["nobody can log in to demo-2: no route to host"],
  });
});

test("a server is without metadata from one answer to the next, and from the last until it is asked", async () => {
  let answer = (): void => {};
  let stopped = false;
  const watchGuest = (_guest: string, _command: string, line: () => void) => {
    answer = line;
    setTimeout(line, 10);
    return () => {
      stopped = true;
    };
  };
  const metadata = await watchMetadata({ watchGuest }, "demo-1");
  await sleep(300);
  answer();
  assert.ok(metadata.longestAway() >= 0.29 && metadata.longestAway() < 5, `${metadata.longestAway()} s`);
  const before = metadata.longestAway();
  await sleep(before * 1000 + 200);
  assert.ok(metadata.longestAway() > before);
  metadata.stop();
  assert.ok(stopped);
});

test("make chaos lists the faults if it does not know one", {
  skip: spawnSync("docker", ["compose", "version"]).status !== 0 && "no Docker Compose",
}, () => {
  const env = { ...process.env, STACK: "none-of-this-name", FAULTS: "crash:nova" };
  const { status, stderr } = spawnSync(process.execPath, ["scripts/stack/chaos.ts"], { env, encoding: "utf8" });
  assert.equal(status, 64);
  assert.match(stderr, /there is no fault crash:nova\./);
  assert.match(stderr, /^ {2}crash:nova-conductor$/m);
});
