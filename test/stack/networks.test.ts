import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { test } from "node:test";
import { overlapping, readRoutes, routeText } from "../../scripts/stack/networks.ts";

// As the kernel prints it: a default route, docker0's 172.17.0.0/16, 10.8.0.0/24, one host, 172.31.240.128/25.
const table = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
docker0	000011AC	00000000	0001	0	0	0	0000FFFF	0	0	0
tun0	0000080A	00000000	0001	0	0	0	00FFFFFF	0	0	0
tun1	07F31FAC	00000000	0005	0	0	0	FFFFFFFF	0	0	0
br-1	80F01FAC	00000000	0001	0	0	0	80FFFFFF	0	0	0
`;
const routes = readRoutes(table);

for (const [prefix, expected] of [
  ["172.17.0", "docker0 172.17.0.0/16"],
  ["172.17.255", "docker0 172.17.0.0/16"],
  ["172.18.0", undefined],
  ["10.8.0", "tun0 10.8.0.0/24"],
  ["10.8.1", undefined],
  ["172.31.243", "tun1 172.31.243.7/32"],
  ["172.31.240", "br-1 172.31.240.128/25"],
  ["172.31.239", undefined],
] as const) {
  test(`${prefix}.0/24 ${expected ? `overlaps ${expected}` : "is free"}`, () => {
    const route = overlapping(prefix, routes);
    assert.equal(route && `${route.device} ${routeText(route)}`, expected);
  });
}

test("make up refuses a network that the machine has, with the place, before anything is built", (t) => {
  const [route] = readRoutes(readFileSync("/proc/net/route", "utf8")).filter(({ mask }) => mask >>> 0 >= 0xff000000);
  if (!route) return t.skip("the machine has no network but by its gateway");
  const prefix = routeText(route).split(".").slice(0, 3).join(".");
  const env = { ...process.env, STACK: "overlapping", STACK_NETWORK: prefix };
  const { status, stderr } = spawnSync(process.execPath, ["scripts/stack/before.ts"], { encoding: "utf8", env });
  assert.equal(status, 78, stderr);
  assert.match(
    stderr,
    /error\[network-overlaps\]: the network \S+ \(_param:network\) overlaps \S+, which this machine has at/,
  );
  assert.match(stderr, /fix: .*STACK_NETWORK=/);
  rmSync("build/stack/overlapping", { recursive: true, force: true });
});
