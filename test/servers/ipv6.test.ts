import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { planHandOver } from "../../src/handover/plan.ts";
import { renderFiles } from "../../src/render/render.ts";
import { bakedForIpv6, ipv6Settings } from "../support/ipv6.ts";
import { allFiles, mustBe } from "../support/rendering.ts";
import { etcd, freePort, type Kind, mariadb, memcached, rabbitmq, Server, without } from "../support/servers.ts";
import { passwords, tryOnce } from "./waiting.ts";

const right = passwords["RIGHT"] as string;

/** What a service that listens on `::` is given. */
function given(name: string) {
  const [baked] = bakedForIpv6(name, "2025.1");
  assert.ok(baked);
  const settings = ipv6Settings(baked);
  const { server } = baked.image.services;
  assert.ok(server);
  const files = mustBe(renderFiles(baked.image, settings, allFiles(baked.image)));
  const text = (end: string): string => files.find(({ path }) => path.endsWith(end))?.text ?? "";
  return { command: planHandOver(server, settings, [], "/", [], false).command, text };
}

const line = (text: string, start: string): string => {
  const found = text.split("\n").find((one) => one.startsWith(start));
  assert.ok(found, `${start} in ${text}`);
  return found;
};

const listening = {
  memcached: () => given("memcached-server").command.find((word) => word.startsWith("--listen=")) ?? "",
  mariadb: () => `--${line(given("mysql-server").text("my.cnf"), "bind-address").replaceAll(" ", "")}`,
  etcd: (port: number) =>
    JSON.parse(given("etcd-server").text("etcd.json"))["listen-client-urls"].replace("2379", port),
  rabbitmq: (port: number) =>
    line(given("rabbitmq-server").text("rabbitmq.conf"), "listeners.tcp").replace("5672", `${port}`),
};

/** Each server as the tests of waiting know it, but listening as its image would. */
const rows: readonly (readonly [kind: Kind, url: (port: number) => string])[] = [
  [
    {
      ...memcached,
      command: (directory, port) => [
        ...memcached.command(directory, port).filter((word) => word !== "-l" && word !== "127.0.0.1"),
        listening.memcached(),
      ],
    },
    (port) => `memcached://[::1]:${port}`,
  ],
  [
    {
      ...mariadb(right, [
        `CREATE USER IF NOT EXISTS nova@'::1' IDENTIFIED BY '${right}';`,
        "GRANT ALL ON nova.* TO nova@'::1';",
      ]),
      command: (directory, port) =>
        mariadb(right)
          .command(directory, port)
          .map((word) => (word.startsWith("--bind-address") ? listening.mariadb() : word)),
    },
    (port) => `mysql://nova:$RIGHT@[::1]:${port}/nova`,
  ],
  [
    {
      ...etcd,
      command: (directory, port) =>
        etcd
          .command(directory, port)
          .map((word) =>
            word.startsWith("--listen-client-urls") ? `--listen-client-urls=${listening.etcd(port)}` : word,
          ),
    },
    (port) => `etcd://[::1]:${port}`,
  ],
  [
    {
      ...rabbitmq(right),
      prepare: (directory, port) => {
        rabbitmq(right).prepare?.(directory, port);
        const file = join(directory, "rabbitmq.conf");
        const text = readFileSync(file, "utf8").replace(/^listeners\.tcp.*$/m, () => listening.rabbitmq(port));
        writeFileSync(file, text);
      },
    },
    (port) => `amqp://openstack:$RIGHT@[::1]:${port}/%2Fopenstack`,
  ],
];

describe("a real server that listens on `::` is found at ::1", () => {
  for (const [kind, url] of rows) {
    test(kind.program, { skip: without(kind) }, async () => {
      const server = new Server(kind, await freePort());
      server.start();
      try {
        await server.until(async () => (await tryOnce(url(server.port))).state === "ready");
      } finally {
        await server.stop();
      }
    });
  }
});
