import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { NeedRow } from "../../src/openstack/component.ts";
import { probesFor } from "../../src/wait/needs.ts";
import { plainSettings } from "../support/rendering.ts";

const member = (host: string, port: number) => ({ host, port });
const values = {
  database: { host: "db", port: 3306, user: "nova", password: "geheim", name: "nova" },
  message_queue: {
    host: "mq",
    port: 5672,
    members: null,
    user: "openstack",
    password: "geheim",
    virtual_host: "/openstack",
  },
  cluster: {
    host: null,
    port: 5672,
    members: [member("mq1", 5672), member("mq2", 5673)],
    user: "openstack",
    password: "geheim",
    virtual_host: "/",
  },
  cache: { members: [member("c1", 11211), member("fe80::1", 11211)] },
  one_cache: { members: [member("c1", 11211)] },
  identity: { protocol: "https", host: "keystone", port: 5000 },
  plain: { host: "::1", port: 80 },
  tokens: { location: "/etc/keystone/fernet-keys" },
  libvirt: { uri: "qemu:///system" },
  libvirt_elsewhere: { uri: "qemu+unix:///system?socket=/run/l%20v/sock" },
  libvirt_tcp: { uri: "qemu+tcp://[fd00::1]/system" },
  libvirt_tls: { uri: "qemu://compute-1/system" },
  libvirt_ssh: { uri: "qemu+ssh://root@compute-1/system" },
  nothing: null,
};

describe("what a service needs follows from its settings", () => {
  for (const [title, need, names] of [
    ["a database, by its login", { probe: "mysql", from: "database", schema: true }, ["mysql nova@db:3306/nova"]],
    [
      "a broker, by its login and virtual host",
      { probe: "amqp", from: "message_queue" },
      ["amqp openstack@mq:5672 vhost /openstack"],
    ],
    [
      "one of several brokers is enough",
      { probe: "amqp", from: "cluster" },
      ["amqp openstack@mq1:5672 vhost / or amqp openstack@mq2:5673 vhost /"],
    ],
    [
      "one of several caches is enough",
      { probe: "memcached", from: "cache.members" },
      ["memcached c1:11211 or memcached [fe80::1]:11211"],
    ],
    ["of one cache, that one", { probe: "memcached", from: "one_cache.members" }, ["memcached c1:11211"]],
    [
      "a page, over the block's protocol",
      { probe: "http", from: "identity", path: "/v3", expect: [200] },
      ["GET https://keystone:5000/v3"],
    ],
    [
      "a page, over http where the block has none",
      { probe: "http", from: "plain", path: "/", expect: [200] },
      ["GET http://[::1]:80/"],
    ],
    ["a port", { probe: "tcp", from: "plain" }, ["tcp [::1]:80"]],
    ["a file", { probe: "file", path: "{tokens.location}/0" }, ["file /etc/keystone/fernet-keys/0"]],
    ["room", { probe: "space", path: "/var/lib/mysql", mebibytes: 32 }, ["space in /var/lib/mysql"]],
    ["libvirt, at its usual socket", { probe: "libvirt", from: "libvirt" }, ["libvirt /run/libvirt/libvirt-sock"]],
    ["libvirt, at another socket", { probe: "libvirt", from: "libvirt_elsewhere" }, ["libvirt /run/l v/sock"]],
    ["libvirt, at an address", { probe: "libvirt", from: "libvirt_tcp" }, ["libvirt [fd00::1]:16509"]],
    ["nothing, where libvirt wants a certificate", { probe: "libvirt", from: "libvirt_tls" }, []],
    ["nothing, where libvirt wants a key", { probe: "libvirt", from: "libvirt_ssh" }, []],
    ["nothing, when its block was left out", { probe: "mysql", from: "nothing", schema: true }, []],
    ["nothing, when the block around its block was left out", { probe: "memcached", from: "nothing.members" }, []],
    ["nothing, when the release has no such block", { probe: "amqp", from: "never" }, []],
  ] as const satisfies readonly (readonly [string, NeedRow, readonly string[]])[]) {
    test(title, () => {
      const probes = probesFor([need], plainSettings(values));
      assert.deepEqual(
        probes.map(({ name }) => name),
        names,
      );
      for (const probe of probes) assert.doesNotMatch(probe.name, /geheim/);
    });
  }

  test("a cache that two needs share is checked once; a database with and without its schema is two checks", () => {
    const needs: NeedRow[] = [
      { probe: "memcached", from: "cache.members" },
      { probe: "memcached", from: "cache.members" },
      { probe: "mysql", from: "database", schema: true },
      { probe: "mysql", from: "database", schema: false },
    ];
    assert.equal(probesFor(needs, plainSettings(values)).length, 3);
  });

  test("a dependency that is optional for one need and required for another is required", () => {
    const cache = { probe: "memcached", from: "cache.members" } as const;
    const optional = { ...cache, optional: true } as const;
    for (const needs of [
      [optional, cache],
      [cache, optional],
    ]) {
      assert.deepEqual(
        probesFor(needs, plainSettings(values)).map((probe) => probe.optional ?? false),
        [false],
      );
    }
    assert.equal(probesFor([optional], plainSettings(values))[0]?.optional, true);
  });

  test("a need that depends on a setting is dropped if that is missing or different", () => {
    const need: NeedRow = { probe: "amqp", from: "message_queue" };
    const count = (where: NeedRow["where"]) =>
      probesFor([{ ...need, ...(where && { where }) }], plainSettings(values)).length;
    assert.equal(count({ setting: "nothing" }), 0);
    assert.equal(count({ setting: "never" }), 0);
    assert.equal(count({ setting: "cache" }), 1);
    assert.equal(count({ setting: "tokens.location", is: "elsewhere" }), 0);
    assert.equal(count({ setting: "tokens.location", is: "/etc/keystone/fernet-keys" }), 1);
  });
});
