import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { load, YAML11_SCHEMA } from "js-yaml";
import { findImage } from "../../src/openstack/images.ts";

type Service = {
  readonly image: string;
  readonly command: readonly string[];
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly volumes?: readonly string[];
  readonly network_mode?: string;
  readonly pid?: string;
  readonly stop_signal?: string;
  readonly healthcheck?: unknown;
  readonly sysctls?: Readonly<Record<string, unknown>>;
};

for (const path of ["compose.yaml", "test/fixtures/second/compose.yaml"]) {
  describe(path, () => {
    const { services } = load(readFileSync(path, "utf8"), { schema: YAML11_SCHEMA }) as {
      readonly services: Readonly<Record<string, Service>>;
    };
    const all = Object.entries(services);
    const joined = all.flatMap(([, { network_mode: network, pid }]) =>
      [network, pid].flatMap((mode = "") => /^service:(.*)$/.exec(mode)?.[1] ?? []),
    );
    const holders = [...new Set(joined)];

    test("the container that holds the others' namespaces runs nothing else", () => {
      assert.ok(holders.length > 0);
      for (const name of holders) {
        const { command, image, stop_signal: signal, healthcheck } = services[name] as Service;
        const { run } = findImage("ovn", "server")?.services[command[0] ?? ""] ?? {};
        assert.match(image, /\/ovn-server:/);
        assert.deepEqual(run, [{ command: ["/usr/local/sbin/hold-hypervisor"] }]);
        assert.equal(signal, "SIGKILL", "it has no handler for another");
        assert.deepEqual(healthcheck, { disable: true }, "nobody may restart it: its servers would end");
      }
    });

    test("it forwards no guest's packets, and shares its process namespace with libvirt", () => {
      for (const name of holders) {
        assert.equal(services[name]?.sysctls?.["net.ipv4.ip_forward"], 0);
        assert.equal(services[name]?.sysctls?.["net.ipv4.conf.all.rp_filter"], 1);
        const sharing = all.filter(([, { pid }]) => pid === `service:${name}`);
        assert.equal(sharing.length, 1);
        for (const [, { command, network_mode: network }] of sharing) {
          assert.deepEqual([command, network], [["libvirtd"], `service:${name}`]);
        }
      }
    });

    test("only it has the machine's cgroups; only the keeper has the engine's socket, and it has no network", () => {
      const having = (pattern: RegExp) =>
        all.filter(([, { volumes = [] }]) => volumes.some((one) => pattern.test(one))).map(([name]) => name);
      assert.deepEqual(having(/^\/sys/), holders);
      assert.deepEqual(having(/docker\.sock/), ["keeper"]);
      const {
        network_mode: network,
        cap_drop: dropped,
        cap_add: added,
        read_only: fixed,
      } = services["keeper"] as Service;
      assert.deepEqual([network, dropped, added, fixed], ["none", ["ALL"], undefined, true]);
    });

    test("/run and /tmp keep nothing of an earlier start", () => {
      for (const [name, { tmpfs = [] }] of all) {
        for (const directory of ["/run", "/tmp"]) assert.ok(tmpfs.includes(directory), `${name}: ${directory}`);
      }
    });
  });
}
