import assert from "node:assert/strict";
import { appendFileSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { plinth, workDirectory } from "../support/plinth.ts";
import { makeSecondModel } from "../support/second.ts";

const cluster = "classes/cluster/example.yml";

/** One mistake: a text of a file of the model in place of another (or at its end), and what must be said of it. */
type Mistake = {
  readonly title: string;
  readonly file?: string;
  readonly from?: string;
  readonly to: string;
  readonly code: string;
  /** What stands at the place: the line that is shown. */
  readonly line: RegExp;
  /** The node, and the keys that lead to it. */
  readonly node?: string;
  readonly path?: string;
  readonly fix: RegExp;
};

type Told = {
  readonly level: string;
  readonly code: string;
  readonly msg: string;
  readonly fix: string;
  readonly at?: string;
  readonly node?: string;
  readonly path?: string;
};

const second = (from: string, to: string): Pick<Mistake, "file" | "from" | "to"> => ({ file: cluster, from, to });

/** Mistakes that do not hide each other are made together, in one model: all of them must be told. */
const models: Readonly<Record<string, readonly Mistake[]>> = {
  "what a deployment does not know, or cannot use": [
    {
      title: "a key of _workload",
      file: "classes/placement/server.yml",
      from: "    replicas: ",
      to: "    replica: ",
      code: "workload-key-unknown",
      line: /^\s+replica: /,
      node: "placement-server",
      path: "_workload:replica",
      fix: /did you mean replicas\?/,
    },
    {
      title: "a service of an image, where replicas are by service",
      ...second("heat_server_replicas: { api: 3,", "heat_server_replicas: { apy: 3,"),
      code: "workload-key-unknown",
      line: /apy: 3/,
      node: "heat-server",
      path: "_workload:replicas:apy",
      fix: /did you mean api\?/,
    },
    {
      title: "a service that listens nowhere, to be published",
      file: "classes/neutron/server.yml",
      from: "    published:\n",
      to: "    published:\n      rpc-server: 127.0.0.1\n",
      code: "workload-key-unknown",
      line: /rpc-server: 127/,
      node: "neutron-server",
      path: "_workload:published:rpc-server",
      fix: /the keys are: server$/,
    },
    {
      title: "a volume that no row knows",
      file: "classes/glance/server.yml",
      from: "  _workload:\n",
      to: "  _workload:\n    storage:\n      imagges: { directory: /srv/images }\n",
      code: "workload-key-unknown",
      line: /imagges:/,
      node: "glance-server",
      path: "_workload:storage:imagges",
      fix: /did you mean images\?/,
    },
    {
      title: "a volume of an image that keeps nothing",
      file: "classes/memcached/server.yml",
      from: "  _image:\n",
      to: "  _workload:\n    storage: { cache: { size: 1G } }\n  _image:\n",
      code: "workload-key-unknown",
      line: /cache: \{ size/,
      node: "memcached-server",
      path: "_workload:storage:cache",
      fix: /remove it/,
    },
    {
      title: "a port's name",
      ...second("    image: 19292", "    image: 19292\n    volumes: 18776"),
      code: "workload-key-unknown",
      line: /volumes: 18776/,
      path: "_port:volumes",
      fix: /did you mean volume\?/,
    },
    {
      title: "an invalid port",
      ...second("    image: 19292", "    image: 192920"),
      code: "workload-value-wrong",
      line: /image: 192920/,
      path: "_port:image",
      fix: /from 1 to 65535/,
    },
    {
      title: "fewer replicas than none",
      ...second("glance_server_replicas: 3", "glance_server_replicas: -1"),
      code: "workload-value-wrong",
      line: /glance_server_replicas: -1/,
      node: "glance-server",
      path: "_workload:replicas",
      fix: /a whole number from 1/,
    },
    {
      title: "no replicas",
      ...second("nova_controller_replicas: { api: 3, metadata: 3,", "nova_controller_replicas: { api: 0, metadata: 3,"),
      code: "workload-value-wrong",
      line: /api: 0/,
      node: "nova-controller",
      path: "_workload:replicas:api",
      fix: /a whole number from 1/,
    },
    {
      title: "replicas that are not a number",
      ...second("horizon_server_replicas: 3", "horizon_server_replicas: three"),
      code: "workload-value-wrong",
      line: /horizon_server_replicas: three/,
      node: "horizon-server",
      path: "_workload:replicas",
      fix: /a whole number from 1/,
    },
    {
      title: "half a replica",
      ...second("neutron_server_replicas: { server: 3 }", "neutron_server_replicas: { server: 2.5 }"),
      code: "workload-value-wrong",
      line: /server: 2\.5/,
      path: "_workload:replicas:server",
      fix: /a whole number from 1/,
    },
    {
      title: "replicas of what may run only once",
      ...second("cinder_controller_replicas: { api: 3 }", "cinder_controller_replicas: { api: 3, db-sync: 2 }"),
      code: "replicas-of-one",
      line: /db-sync: 2/,
      node: "cinder-controller",
      path: "_workload:replicas:db-sync",
      fix: /give it one/,
    },
    {
      title: "replicas of an image of which nothing may run twice",
      file: "classes/mysql/server.yml",
      from: "  _image:\n",
      to: "  _workload:\n    replicas: 3\n  _image:\n",
      code: "replicas-of-one",
      line: /replicas: 3/,
      node: "mysql-server",
      fix: /nothing would keep two copies equal/,
    },
    {
      title: "a published port beyond the last",
      file: "classes/cinder/controller.yml",
      from: "      api: ${_param:published_address}",
      to: "      api: 127.0.0.1:65536",
      code: "workload-value-wrong",
      line: /127\.0\.0\.1:65536/,
      node: "cinder-controller",
      path: "_workload:published:api",
      fix: /a port from 1 to 65535/,
    },
    {
      title: "an invalid published address",
      file: "classes/keystone/server.yml",
      from: "      server: ${_param:published_address}",
      to: "      server: 127.0.0.256",
      code: "workload-value-wrong",
      line: /127\.0\.0\.256/,
      node: "keystone-server",
      path: "_workload:published:server",
      fix: /an IPv4 address/,
    },
    {
      title: "no processors",
      file: "classes/rabbitmq/server.yml",
      from: "  _image:\n",
      to: "  _workload:\n    resources: { server: { cpus: 0, memory: 1M } }\n  _image:\n",
      code: "workload-value-wrong",
      line: /cpus: 0/,
      node: "rabbitmq-server",
      path: "_workload:resources:server:cpus",
      fix: /above 0/,
    },
    {
      title: "less memory than an engine takes",
      to: "",
      code: "workload-value-wrong",
      line: /memory: 1M/,
      node: "rabbitmq-server",
      path: "_workload:resources:server:memory",
      fix: /6M or more/,
    },
    {
      title: "an invalid network",
      ...second("network: 172.31.222", "network: 172.31.222.0/24"),
      code: "workload-value-wrong",
      line: /network: 172\.31\.222\.0\/24/,
      path: "_deployment:network",
      fix: /the first three numbers/,
    },
    {
      title: "a network of the machine itself",
      ...second("outside_network: 172.31.223", "outside_network: 127.0.0"),
      code: "workload-value-wrong",
      line: /outside_network: 127\.0\.0/,
      path: "_deployment:outside_network",
      fix: /the first three numbers/,
    },
    {
      title: "a control network that there is not",
      ...second("control_network: containers", "control_network: container"),
      code: "workload-value-wrong",
      line: /control_network: container$/m,
      path: "_deployment:control_network",
      fix: /containers or host/,
    },
    {
      title: "a hypervisor twice",
      ...second("hypervisors: [rack-1, rack-2]", "hypervisors: [rack-1, rack-1]"),
      code: "workload-value-wrong",
      line: /hypervisors: \[rack-1, rack-1\]/,
      path: "_workload:placement",
      fix: /each once/,
    },
  ],
  "what cannot be together": [
    {
      title: "two services behind HAProxy at one port",
      ...second("    image: 19292", "    image: 8776"),
      code: "port-taken",
      line: /image: 8776|volume: 8776/,
      node: "haproxy-server",
      fix: /under _port/,
    },
    {
      title: "two services published at one port",
      file: "classes/heat/server.yml",
      from: "      api-cfn: ${_param:published_address}",
      to: "      api-cfn: 0.0.0.0:8004",
      code: "port-twice",
      line: /0\.0\.0\.0:8004/,
      node: "heat-server",
      fix: /ADDRESS:PORT/,
    },
    {
      title: "consoles of the second hypervisor beyond the last port",
      file: "classes/nova/controller.yml",
      from: "      novncproxy: ${_param:published_address}",
      to: "      novncproxy: 127.0.0.1:65535",
      code: "port-too-high",
      line: /127\.0\.0\.1:65535/,
      node: "nova-controller",
      path: "_workload:published:novncproxy",
      fix: /a lower port/,
    },
    {
      title: "a secret that nothing makes",
      file: "classes/glance/server.yml",
      from: "      database: ${_block:database}",
      to: "      database:\n        host: $SERVICE_DATABASE_HOST\n        password: $GLANCE_DATABASE_SECRET",
      code: "secret-unmade",
      line: /\$GLANCE_DATABASE_SECRET/,
      node: "glance-server",
      path: "GLANCE_DATABASE_SECRET",
      fix: /a parameter of src\/openstack\/secrets\.ts/,
    },
    {
      title: "a parameter without a value",
      file: "classes/horizon/server.yml",
      from: "      debug: $DEBUG",
      to: "      debug: $HORIZON_DEBUG",
      code: "parameter-unfilled",
      line: /\$HORIZON_DEBUG/,
      node: "horizon-server",
      path: "HORIZON_DEBUG",
      fix: /under "parameters"/,
    },
    {
      title: "a hypervisor without the libvirtd that nova-compute waits for",
      file: "nodes/libvirt-compute.yml",
      to: "parameters:\n  _workload:\n    ~placement: [rack-1]\n",
      code: "hypervisor-incomplete",
      line: /~placement: \[rack-1\]/,
      node: "nova-compute",
      fix: /add rack-2 to _workload:placement of libvirt-compute/,
    },
    {
      title: "a hypervisor called as a container",
      ...second("hypervisors: [rack-1, rack-2]", "hypervisors: [rack-1, rack-2, nova-scheduler]"),
      code: "hypervisor-named-service",
      line: /nova-scheduler\]/,
      fix: /a name that no service has/,
    },
    {
      title: "two volumes in one directory",
      file: "classes/keystone/server.yml",
      from: "  _workload:\n",
      to: "  _workload:\n    storage:\n      fernet-keys: { directory: /srv/keys }\n      credential-keys: { directory: /srv/keys }\n",
      code: "directory-twice",
      line: /credential-keys: \{ directory/,
      node: "keystone-server",
      path: "_workload:storage:credential-keys:directory",
      fix: /a directory of its own/,
    },
    {
      title: "networks alike",
      ...second("outside_network: 172.31.223", "outside_network: 172.31.222"),
      code: "networks-same",
      line: /outside_network: 172\.31\.222/,
      fix: /different addresses/,
    },
    {
      title: "a node of another region",
      file: "nodes/nova-compute.yml",
      to: "parameters:\n  _param:\n    region: Ostrava\n",
      code: "nodes-differ",
      line: /./,
      node: "nova-compute",
      path: "_deployment",
      fix: /a class that all nodes include/,
    },
    {
      title: "more containers than the network has addresses",
      ...second("glance_server_replicas: 3", "glance_server_replicas: 150"),
      code: "containers-too-many",
      line: /glance_server_replicas: 150/,
      fix: /fewer replicas/,
    },
  ],
  "replicas on the machine's own network": [
    {
      title: "that would listen at one port",
      ...second("control_network: containers", "control_network: host"),
      code: "replicas-on-host",
      line: /keystone_server_replicas: 3/,
      fix: /one replica/,
    },
    {
      title: "two services of the machine at one port",
      ...second("    image: 19292", "    image: 2379"),
      code: "port-taken",
      line: /image: 2379|etcd: 2379/,
      fix: /under _port/,
    },
  ],
  "a value that all images have": [
    {
      title: "how they are called",
      ...second("deploy_name: second", "deploy_name: Second"),
      code: "image-data-wrong",
      line: /deploy_name: Second/,
      fix: /small letters/,
    },
  ],
  "the same image in two nodes": [
    {
      title: "which would be there twice",
      file: "nodes/another-compute.yml",
      to: "classes:\n  - cluster.example\n  - nova.compute\nparameters:\n  _image:\n    name: nova-compute\n",
      code: "image-twice",
      line: /^$/,
      fix: /remove one/,
    },
  ],
};

function make(directory: string, mistakes: readonly Mistake[]): void {
  makeSecondModel(directory);
  for (const { file = "", from, to, title } of mistakes) {
    if (file === "") continue;
    const path = join(directory, file);
    if (from === undefined) appendFileSync(path, to);
    else {
      const text = readFileSync(path, "utf8");
      assert.ok(text.includes(from), `${title}: ${file} has no ${from}`);
      writeFileSync(
        path,
        text.replace(from, () => to),
      );
    }
  }
}

for (const [name, mistakes] of Object.entries(models)) {
  describe(`a deployment is refused for ${name}:`, () => {
    const directory = join(workDirectory(), name.replace(/\W+/g, "-"));
    make(directory, mistakes);
    const { status, stdout, stderr } = plinth(["compose", "--model", directory, "--templates", "config-templates"]);
    const told = stderr
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Told)
      .filter(({ level }) => level === "error");

    for (const { title, code, line, node, path, fix } of mistakes) {
      test(title, () => {
        const own = told.find(
          (one) => one.code === code && line.test(shown(one)) && (path === undefined || one.path === path),
        );
        assert.ok(
          own,
          `${code} is not told:\n${told.map((one) => `${one.code} ${one.path} ${one.msg} | ${shown(one)}`).join("\n")}`,
        );
        assert.match(own.fix, fix);
        if (node !== undefined) assert.equal(own.node, node);
      });
    }

    test("each mistake is reported once, nothing else is, and nothing is written", () => {
      assert.equal(status, 78);
      assert.equal(stdout, "");
      const codes = (all: readonly { readonly code: string }[]) => [...new Set(all.map((one) => one.code))].sort();
      assert.deepEqual(codes(told), codes(mistakes));
      const keys = told.map(({ code, at, msg, fix }) => `${code} ${at ?? msg} ${fix}`);
      assert.deepEqual(keys.toSorted(), [...new Set(keys)].sort());
    });
  });
}

/** The line of the model that a message names; empty where it names none. */
function shown({ at = "" }: Told): string {
  const [, file, line] = /^(.*):(\d+):\d+$/.exec(at) ?? [];
  return file === undefined ? "" : (readFileSync(file, "utf8").split("\n")[Number(line) - 1] ?? "");
}

test("a valid model is written, and a parameter that nothing refers to is reported", () => {
  const directory = join(workDirectory(), "right");
  cpSync("model", directory, { recursive: true });
  const words = ["compose", "--model", directory, "--templates", "config-templates"];
  const right = plinth(words);
  assert.deepEqual([right.status, right.stderr], [0, ""]);
  assert.match(right.stdout, /^services:$/m);
  appendFileSync(join(directory, "nodes/nova-controller.yml"), "parameters: {_param: {cpu_alocation_ratio: 4.0}}\n");
  const slip = plinth(words);
  assert.deepEqual([slip.status, slip.stdout], [0, right.stdout]);
  assert.deepEqual(
    slip.log.map(({ code, path }) => [code, path]),
    [["parameter-unreferred", "_param:cpu_alocation_ratio"]],
  );
});
