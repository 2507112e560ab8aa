/** What a deployment is, by what its model says. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { describeModel, templatesIn } from "../../src/cli/describing.ts";
import { composeText } from "../../src/compose/write.ts";
import type { Deployment, Workload } from "../../src/deployment/deployment.ts";
import type { Result } from "../../src/diagnostics/diagnostic.ts";
import { openDirectory } from "../../src/host/inventory/inventory.ts";
import { openModel } from "../../src/model/model.ts";
import { supportedNames } from "../../src/openstack/releases.ts";
import { readByCompose } from "../support/compose.ts";
import { mustBe } from "../support/must-be.ts";
import { workDirectory } from "../support/plinth.ts";

const directory = workDirectory();
let copies = 0;

/** Describes the project's own model with parameters said otherwise, and texts of its files replaced. */
function described(
  set: Readonly<Record<string, string>> = {},
  edits: Readonly<Record<string, readonly [from: string, to: string]>> = {},
): Result<Deployment> {
  let model = "model";
  if (Object.keys(edits).length > 0) {
    copies += 1;
    model = join(directory, `model-${copies}`);
    cpSync("model", model, { recursive: true });
    for (const [file, [from, to]] of Object.entries(edits)) {
      const text = readFileSync(join(model, file), "utf8");
      assert.ok(text.includes(from), `${file} has no ${from}`);
      writeFileSync(join(model, file), text.replace(from, to));
    }
  }
  const overrides = new Map(Object.entries(set).map(([name, value]) => [`_param:${name}`, value]));
  return describeModel(mustBe(openModel(mustBe(openDirectory(model)), { overrides })), templatesIn("config-templates"));
}
const deploymentOf = (...words: Parameters<typeof described>): Deployment => mustBe(described(...words));

const named = ({ workloads }: Deployment, name: string): Workload =>
  workloads.find((one) => one.name === name) ?? assert.fail(`there is no ${name}`);
const counts = ({ workloads }: Deployment): Readonly<Record<string, number>> =>
  Object.fromEntries(workloads.map(({ name, containers }) => [name, containers.length]));

const own = deploymentOf();

describe("replicas", () => {
  test("the project's own model has one of each, and no HAProxy", () => {
    assert.deepEqual([...new Set(Object.values(counts(own)))], [1]);
    assert.ok(!own.workloads.some(({ name }) => name === "haproxy-server"));
  });

  test("five of nova-controller are five of each of its services that may have several, and one of each job", () => {
    const five = deploymentOf({ nova_controller_replicas: "5" });
    const more = Object.entries(counts(five)).filter(([, count]) => count !== 1);
    assert.deepEqual(
      more.map(([name, count]) => [name, count]),
      ["nova-api", "nova-metadata", "nova-conductor", "nova-scheduler"].map((name) => [name, 5]),
    );
    const { containers } = named(five, "nova-api");
    const names = ["nova-api", "nova-api-2", "nova-api-3", "nova-api-4", "nova-api-5"];
    assert.deepEqual(
      containers.map(({ name }) => name),
      names,
    );
    assert.deepEqual(
      containers.map(({ hostname }) => hostname),
      names,
    );
    const { parameters, published } = named(five, "haproxy-server").containers[0] ?? assert.fail();
    assert.equal(parameters["SERVICE_COMPUTE_SERVERS"], names.join(","));
    assert.equal(parameters["SERVICE_IMAGE_SERVERS"], "glance-server");
    // What users reach stays where it was.
    const before = own.workloads.flatMap((one) => one.containers.flatMap((container) => container.published));
    const after = five.workloads.flatMap((one) => one.containers.flatMap((container) => container.published));
    const where = (all: typeof before) => all.map(({ address, port }) => `${address}:${port}`).sort();
    assert.deepEqual(where(after), where(before));
    assert.equal(published.length, before.length - 1, "all but the console");
  });

  test("a mapping gives them by service", () => {
    const edit = ["replicas: ${_param:nova_controller_replicas}", "replicas: {conductor: 3, scheduler: 2}"] as const;
    const mapped = counts(deploymentOf({}, { "classes/nova/controller.yml": edit }));
    const { "nova-api": api, "nova-conductor": conductor, "nova-scheduler": scheduler } = mapped;
    assert.deepEqual([api, conductor, scheduler], [1, 3, 2]);
    assert.ok(!("haproxy-server" in mapped), "a conductor is reached by the broker");
  });
});

describe("the names in a description", () => {
  for (const release of supportedNames) {
    for (const more of [
      {},
      { control_network: "host" },
      { hypervisors: "compute-1,kvm-2", heat_server_replicas: "2" },
    ]) {
      test(`are unique in their lists, and all that are mentioned are there: ${release} ${JSON.stringify(more)}`, () => {
        const deployment = deploymentOf({ release, ...more } as Readonly<Record<string, string>>);
        const workloads = deployment.workloads.map(({ name }) => name);
        const containers = deployment.workloads.flatMap((one) => one.containers);
        const lists: Readonly<Record<string, readonly string[]>> = {
          workloads,
          containers: containers.map(({ name }) => name),
          volumes: deployment.volumes.map(({ name }) => name),
          secrets: deployment.secrets.map(({ name }) => name),
          addresses: deployment.addresses.map(({ parameter, port }) => `${parameter} ${port}`),
          namespaces: deployment.namespaces.map(({ name }) => name),
        };
        for (const [list, names] of Object.entries(lists)) assert.equal(new Set(names).size, names.length, list);
        const missing = (list: string, names: readonly string[]) =>
          assert.deepEqual(
            names.filter((name) => !lists[list]?.includes(name)),
            [],
            list,
          );
        missing("workloads", [
          ...deployment.waits.flatMap(({ from, to }) => [from, to]),
          ...deployment.talks.flatMap(({ from, to }) => [from, to]),
          ...deployment.addresses.flatMap(({ workload, by }) => [workload, ...(by === undefined ? [] : [by])]),
        ]);
        missing(
          "volumes",
          containers.flatMap(({ mounts }) => mounts.map(({ volume }) => volume)),
        );
        missing(
          "secrets",
          deployment.workloads.flatMap(({ secrets }) => secrets.map(({ secret }) => secret)),
        );
        missing(
          "namespaces",
          containers.flatMap(({ namespace }) => namespace ?? []),
        );
        missing(
          "containers",
          deployment.namespaces.map(({ holder }) => holder),
        );
        // Two containers that run under one name would read one queue.
        const hosts = containers.flatMap(({ hostname, namespace }) => (namespace === null ? (hostname ?? []) : []));
        assert.equal(new Set(hosts).size, hosts.length);
      });
    }
  }
});

describe("who waits for whom", () => {
  const waits = (from: string): readonly string[] =>
    own.waits.filter((one) => one.from === from).map(({ to, what }) => `${to} ${what}`);

  test("follows from what each service needs: servers, schemas, rows and keys that jobs make", () => {
    assert.deepEqual(waits("nova-conductor").toSorted(), [
      "keystone-catalog users",
      "keystone-server keystone",
      "memcached-server memcached",
      "mysql-server mysql",
      "nova-cell-setup cell_mappings",
      "nova-db-sync schema",
      "rabbitmq-server amqp",
    ]);
    assert.deepEqual(
      waits("keystone-server").filter((one) => / file$/.test(one)),
      ["keystone-keys file"],
    );
    assert.deepEqual(
      waits("cinder-volume").filter((one) => / schema$/.test(one)),
      ["cinder-db-sync schema"],
    );
    assert.deepEqual(
      waits("nova-compute")
        .filter((one) => / (libvirt|tcp)$/.test(one))
        .toSorted(),
      ["libvirt-compute libvirt", "ovsdb tcp"],
    );
    assert.deepEqual(waits("ovs-vswitchd"), ["ovsdb file"]);
  });

  test("nothing waits for what is outside of the deployment, also with Open vSwitch on the host", () => {
    const file = "classes/neutron/networking/ovn.yml";
    const outside = deploymentOf({}, { [file]: ["host: $SERVICE_OVN_SOUTHBOUND_HOST", "host: 192.0.2.1"] });
    const of = ({ waits: all }: Deployment) => all.filter(({ from }) => from === "neutron-ovn-metadata-agent");
    assert.deepEqual(
      of(own).map(({ to }) => to),
      ["ovn-southbound"],
    );
    assert.deepEqual(of(outside), []);
  });

  test("no service waits for itself, directly or through others", () => {
    const seen = new Set<string>();
    const visit = (name: string, above: readonly string[]): void => {
      assert.ok(!above.includes(name), [...above, name].join(" -> "));
      if (seen.has(name)) return;
      for (const { to } of own.waits.filter(({ from }) => from === name)) visit(to, [...above, name]);
      seen.add(name);
    };
    for (const { name } of own.workloads) visit(name, []);
  });
});

test("resources, storage, and ports of the machine come from _workload", (t) => {
  if (spawnSync("docker", ["compose", "version"]).status !== 0) return t.skip("there is no docker compose");
  const deployment = deploymentOf(
    {},
    {
      "classes/glance/server.yml": [
        "    published:\n      api: ${_param:published_address}",
        "    published: {api: 10.0.0.1:19292}\n    resources: {api: {cpus: 1.5, memory: 2G}}\n    storage: {images: {directory: /srv/images}}",
      ],
    },
  );
  const text = composeText(deployment, { by: "x", secretsDirectory: "y" });
  const project = readByCompose<{
    readonly services: {
      readonly "glance-server": {
        readonly ports: readonly { readonly host_ip: string; readonly published: string; readonly target: number }[];
        readonly cpus: unknown;
        readonly mem_limit: unknown;
      };
    };
    readonly volumes: { readonly images: { readonly driver_opts: { readonly device: string } } };
  }>(text);
  const glance = project.services["glance-server"];
  assert.deepEqual(
    glance.ports.map((port) => [port.host_ip, port.published, port.target]),
    [["10.0.0.1", "19292", 9292]],
  );
  assert.equal(Number(glance.cpus), 1.5);
  assert.equal(Number(glance.mem_limit), 2 ** 31);
  assert.equal(project.volumes.images.driver_opts.device, "/srv/images");
});

describe("a deployment that would bring no network to servers", () => {
  const agents = "openvswitch-agent, dhcp-agent, l3-agent, metadata-agent";
  for (const networking of ["default", "dvr"]) {
    test(`is refused with networking ${networking}; the message has the place and what to write`, () => {
      const edit = ["networking: ovn", `networking: ${networking}`] as const;
      const refused = described({}, { "classes/cluster/example.yml": edit });
      assert.ok(!refused.ok);
      const [wrong, ...others] = refused.diagnostics;
      assert.deepEqual([wrong?.code, wrong?.path, others], ["network-without-agents", "_param:networking", []]);
      assert.match(wrong?.place?.kind === "document" ? (wrong.place.source ?? "") : "", /networking: /);
      assert.ok(wrong?.what.includes(agents), wrong?.what);
      assert.equal(wrong?.fix, "set _param:networking to ovn");
    });
  }

  test("is reported if the release has no OVN", () => {
    const old = described({ release: "liberty" });
    assert.ok(old.ok);
    assert.deepEqual(
      old.warnings.map(({ code }) => code),
      ["release-without-network"],
    );
  });

  for (const networking of ["ovn", "contrail"]) {
    test(`is accepted with networking ${networking}`, () => {
      const usual = described({ networking });
      assert.ok(usual.ok);
      assert.deepEqual(usual.warnings, []);
    });
  }
});

test("a deployment omits a role that is not enabled", () => {
  const { workloads } = deploymentOf({}, { "classes/cinder/volume.yml": ["enabled: true", "enabled: false"] });
  assert.ok(!workloads.some(({ image }) => image === "cinder-volume"));
});

test("each hypervisor's consoles are announced at the port that the machine publishes for it", () => {
  const deployment = deploymentOf({ hypervisors: "compute-1,compute-2" });
  const announced = named(deployment, "nova-compute").containers.map(
    ({ parameters }) => parameters["SERVICE_CONSOLE_PORT"],
  );
  const published = named(deployment, "nova-novncproxy").containers.map(({ published: all }) => `${all[0]?.port}`);
  assert.deepEqual(announced, ["6080", "6081"]);
  assert.deepEqual(published, announced);
});
