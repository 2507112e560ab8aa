/** What a release, and what brings its networks, makes of the control plane: pods, containers, commands, ports, Services. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { load } from "js-yaml";
import { filesIn, type Overrides, objectsIn, type Written } from "../support/manifests.ts";

const kilo = { "_param:release": "kilo", "_param:networking": "contrail" };
const seed = { ...kilo, "_param:deploy_name": "tcpcloud", "_param:nova_controller_replicas": "5" };

/** @returns each pod's containers: `nova-api` to `api os-api=8774`. */
function podsOf(objects: Readonly<Record<string, Written>>) {
  const pods = Object.entries(objects).flatMap(([name, { kind, spec }]) => {
    if (!["Deployment", "StatefulSet"].includes(kind)) return [];
    const containers = spec.template.spec.containers.map(({ name: container, command, ports = [] }: Written) => {
      assert.equal(command[0], "/entrypoint.sh", container);
      const listened = ports.map((port: Written) => `${port.name}=${port.containerPort}`);
      return [container, [...command.slice(1), ...listened].join(" ")];
    });
    return [[name.replace(/-[a-z]+$/, ""), Object.fromEntries(containers)] as const];
  });
  return Object.fromEntries(pods);
}

/** @returns each Service: its type, and its ports. */
const servicesOf = (objects: Readonly<Record<string, Written>>) =>
  Object.fromEntries(
    Object.values(objects).flatMap(({ kind, metadata, spec }) =>
      kind === "Service"
        ? [
            [
              metadata.name,
              [spec.type ?? "", ...(spec.ports ?? []).map(({ name, port }: Written) => `${name}=${port}`)].join(" "),
            ],
          ]
        : [],
    ),
  );

/** What all have, as it is in the first releases. */
const first = {
  "keystone-server": { "keystone-server": "server public=5000 admin=35357" },
  "glance-server": { "glance-server": "api api=9292", "glance-registry": "registry registry=9191" },
  "neutron-server": { "neutron-server": "server api=9696" },
  "nova-controller": {
    "nova-api": "api os-api=8774 ec2-api=8773 metadata=8775",
    "nova-cert": "cert",
    "nova-conductor": "conductor",
    "nova-scheduler": "scheduler",
    "nova-consoleauth": "consoleauth",
  },
  "cinder-controller": { "cinder-api": "api api=8776", "cinder-scheduler": "scheduler" },
  "cinder-volume": { "cinder-volume": "volume" },
  "heat-server": {
    "heat-api": "api api=8004",
    "heat-api-cfn": "api-cfn api-cfn=8000",
    "heat-api-cloudwatch": "api-cloudwatch api-cloudwatch=8003",
    "heat-engine": "engine",
  },
  "horizon-server": { "horizon-server": "server dashboard=8080" },
  "mysql-server": { "mysql-server": "server mysql=3306" },
  "rabbitmq-server": { "rabbitmq-server": "server amqp=5672" },
  "memcached-server": { "memcached-server": "server memcached=11211" },
};
const machine = {
  hypervisor: "hypervisor",
  "nova-novncproxy": "novncproxy novncproxy=6080",
  "nova-compute": "compute",
};
const libvirt = { "libvirt-compute": "libvirtd" };
const openvswitch = { ovsdb: "ovsdb", "ovs-vswitchd": "vswitchd" };
const ovn = {
  "ovn-northbound": { "ovn-northbound": "northbound ovsdb=6641" },
  "ovn-southbound": { "ovn-southbound": "southbound ovsdb=6642" },
  "ovn-northd": { "ovn-northd": "northd" },
};
const now = {
  ...first,
  ...ovn,
  "keystone-server": { "keystone-server": "server public=5000" },
  "glance-server": { "glance-server": "api api=9292" },
  "placement-server": { "placement-server": "api api=8778" },
  "neutron-server": {
    "neutron-server": "server api=9696",
    "neutron-rpc-server": "rpc-server",
    "neutron-periodic-workers": "periodic-workers",
  },
  "neutron-ovn-maintenance": { "neutron-ovn-maintenance": "ovn-maintenance" },
  "nova-controller": {
    "nova-api": "api os-api=8774",
    "nova-metadata": "metadata metadata=8775",
    "nova-conductor": "conductor",
    "nova-scheduler": "scheduler",
  },
  "heat-server": { "heat-api": "api api=8004", "heat-api-cfn": "api-cfn api-cfn=8000", "heat-engine": "engine" },
  "compute-1": {
    ...machine,
    "neutron-ovn-metadata-agent": "ovn-metadata-agent",
    ...openvswitch,
    "ovn-controller": "controller",
    ...libvirt,
  },
};

const firstServices = {
  "keystone-server": "LoadBalancer public=5000 admin=35357",
  "glance-server": "LoadBalancer api=9292",
  "glance-registry": "ClusterIP registry=9191",
  "neutron-server": "LoadBalancer api=9696",
  "nova-controller": "LoadBalancer os-api=8774 ec2-api=8773",
  "nova-metadata": "ClusterIP metadata=8775",
  "cinder-controller": "LoadBalancer api=8776",
  "heat-server": "LoadBalancer api=8004 api-cfn=8000",
  "heat-api-cloudwatch": "ClusterIP api-cloudwatch=8003",
  "horizon-server": "LoadBalancer dashboard=8080",
  "mysql-server": "ClusterIP mysql=3306",
  "rabbitmq-server": "ClusterIP amqp=5672",
  "memcached-server": "ClusterIP memcached=11211",
  "compute-1": "LoadBalancer novncproxy=6080",
};
const { "glance-registry": _registry, "heat-api-cloudwatch": _cloudwatch, ...lasting } = firstServices;
const nowServices = {
  ...lasting,
  "keystone-server": "LoadBalancer public=5000",
  "nova-controller": "LoadBalancer os-api=8774",
  "placement-server": "LoadBalancer api=8778",
  "ovn-northbound": "ClusterIP ovsdb=6641",
  "ovn-southbound": "ClusterIP ovsdb=6642",
};

const bySwitch = { ...first, "compute-1": { ...machine, ...openvswitch, ...libvirt } };
const byVrouter = { ...first, "compute-1": { ...machine, ...libvirt } };
const { "ovn-northbound": _nb, "ovn-southbound": _sb, ...withoutOvn } = nowServices;
const { "neutron-ovn-maintenance": _ovn, "ovn-northbound": _1, "ovn-southbound": _2, "ovn-northd": _3, ...kept } = now;

type Row = readonly [title: string, set: Overrides, pods: object, services: object];
const table: readonly Row[] = [
  ["kilo with OpenContrail", kilo, byVrouter, firstServices],
  ["kilo, asked for OVN, which it has not yet", { "_param:release": "kilo" }, bySwitch, firstServices],
  ["liberty with OpenContrail", { ...kilo, "_param:release": "liberty" }, byVrouter, firstServices],
  ["liberty, asked for OVN", { "_param:release": "liberty" }, bySwitch, firstServices],
  ["2025.1 with OVN", {}, now, nowServices],
  [
    "2025.1 with OpenContrail",
    { "_param:networking": "contrail" },
    { ...kept, "neutron-server": first["neutron-server"], "compute-1": { ...machine, ...libvirt } },
    withoutOvn,
  ],
];

describe("manifests of", () => {
  for (const [title, set, pods, services] of table) {
    test(title, () => {
      const objects = objectsIn(filesIn("model", set));
      assert.deepEqual(podsOf(objects), pods);
      assert.deepEqual(servicesOf(objects), services);
      const release = set["_param:release"] ?? "2025.1";
      for (const { spec } of Object.values(objects)) {
        // A pod has one release: every image of a deployment is of the model's, and the model has one.
        for (const { image } of spec?.template?.spec?.containers ?? []) assert.match(image, new RegExp(`:${release}$`));
      }
    });
  }
});

describe("with OpenContrail", () => {
  const objects = objectsIn(filesIn("model", kilo));

  test("a hypervisor uses the host network, where the vRouter is, and changes none of its settings", () => {
    const { spec } = objects["compute-1-statefulset"].spec.template;
    assert.equal(spec.hostNetwork, true);
    assert.equal(spec.dnsPolicy, "ClusterFirstWithHostNet");
    assert.doesNotMatch(JSON.stringify(spec), /ip_forward|rp_filter/);
    assert.equal(objects["compute-1-networkpolicy"], undefined, "a policy says nothing of such a pod");
  });

  test("policies know hypervisors and vRouters by the machines' networks", () => {
    const open = (name: string): readonly number[] =>
      objects[`${name}-networkpolicy`].spec.ingress
        .filter(({ from = [] }: Written) => from.some(({ ipBlock }: Written) => ipBlock?.cidr === "192.0.2.0/24"))
        .flatMap(({ ports }: Written) => ports.map(({ port }: Written) => port));
    assert.deepEqual(open("nova-controller"), [8775]);
    assert.deepEqual(open("rabbitmq-server"), [5672]);
    assert.deepEqual(open("neutron-server"), [9696]);
    assert.deepEqual(open("heat-server"), []);
  });

  test("neutron's server can reach OpenContrail's API server outside of the cluster", () => {
    const { egress } = objects["neutron-server-networkpolicy"].spec;
    assert.deepEqual(egress.at(-1), { ports: [{ protocol: "TCP", port: 8082 }] });
    assert.equal(objects["neutron-db-sync-job"], undefined, "it keeps nothing in a database");
  });
});

/** @returns every value of an object by its path; items of lists by their names. */
function fields(value: Written, path = ""): ReadonlyMap<string, unknown> {
  if (value === null || typeof value !== "object") return new Map([[path, value]]);
  const entries = Array.isArray(value)
    ? value.map((item, index) => [item?.name ?? index, item] as const)
    : Object.entries(value);
  return new Map(entries.flatMap(([key, child]) => [...fields(child, `${path}/${key}`)]));
}

/** Where a field is now, or what it is, and why that is not what it was. */
type Changed = { readonly at?: string; readonly is?: unknown; readonly why: string };

const label = "app.kubernetes.io~name";
const api = "/spec/template/spec/containers/nova-api";
const changed: Readonly<Record<string, Readonly<Record<string, Changed>>>> = {
  "nova-controller-deployment": {
    "/apiVersion": { is: "apps/v1", why: "extensions/v1beta1 went with Kubernetes 1.16" },
    "/metadata/namespace": { is: "tcpcloud", why: "network policies and Pod Security are a namespace's own" },
    "/metadata/labels/app": { at: `/metadata/labels/${label}`, why: "Kubernetes recommends labels by now" },
    "/spec/template/metadata/labels/app": { at: `/spec/template/metadata/labels/${label}`, why: "the same" },
    [`${api}/securityContext/privileged`]: { is: undefined, why: "no API needs a right of root" },
    "/spec/template/spec/containers/nova-cert/image": {
      is: "tcpcloud/nova-controller:kilo",
      why: "two releases in one pod were a slip: a deployment has one",
    },
    "/spec/template/spec/containers/nova-conductor/image": { is: "tcpcloud/nova-controller:kilo", why: "the same" },
  },
  "nova-controller-svc": {
    "/metadata/labels/name": { at: `/metadata/labels/${label}`, why: "Kubernetes recommends labels by now" },
    "/metadata/labels/app": { at: `/metadata/labels/${label}`, why: "the same" },
    "/spec/selector/app": { at: `/spec/selector/${label}`, why: "the same" },
    "/spec/ports/metadata/port": { is: undefined, why: "it is not for users: the Service nova-metadata has it" },
    "/spec/ports/metadata/name": { is: undefined, why: "the same" },
  },
};

describe("the seed's", () => {
  const objects = objectsIn(filesIn("model", seed));
  for (const [file, rows] of Object.entries(changed)) {
    test(`${file}.yml is reproduced field by field, except for listed differences`, () => {
      const written = fields(
        JSON.parse(JSON.stringify(objects[file]).replaceAll("app.kubernetes.io/", "app.kubernetes.io~")),
      );
      const was = fields(load(readFileSync(`test/fixtures/seed/${file}.yml`, "utf8")) as Written);
      assert.ok(was.size > 10);
      for (const [path, value] of was) {
        const row = rows[path];
        const expected = row && "is" in row ? row.is : value;
        assert.deepEqual(written.get(row?.at ?? path), expected, `${path}: ${row?.why ?? "as it was"}`);
        if (row) assert.notDeepEqual(written.get(path), value, `${path} does not differ`);
      }
    });
  }

  test("metadata API has the same pods, and a Service that is reachable only inside the cluster", () => {
    const { spec } = objects["nova-metadata-svc"];
    assert.equal(spec.type, "ClusterIP");
    assert.deepEqual(spec.selector, objects["nova-controller-svc"].spec.selector);
    const open = objects["nova-controller-networkpolicy"].spec.ingress.filter(
      ({ from }: Written) => from === undefined,
    );
    assert.deepEqual(
      open.flatMap(({ ports }: Written) => ports.map(({ port }: Written) => port)),
      [8774, 8773],
    );
  });
});
