/** What Kubernetes would refuse, or what would wait there for ever, is told before anything is written. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { describedIn, modelWith, type Overrides } from "../support/manifests.ts";
import { workDirectory } from "../support/plinth.ts";

/** `line`: of the model, where the message's place is; left out, it is on the command line. */
type Mistake = {
  readonly title: string;
  readonly code: string;
  readonly path: string;
  readonly line?: RegExp;
  readonly fix: RegExp;
};
type Bad = {
  readonly set?: Overrides;
  readonly nodes?: Readonly<Record<string, object>>;
  readonly told: readonly Mistake[];
};

const models: Readonly<Record<string, Bad>> = {
  "storage of the model": {
    nodes: {
      "keystone-server": {
        _workload: {
          storage: {
            "fernet-keys": { class: "fast" },
            "credential-keys": { nfs: "nfs.example.com:/keys", claim: "my-keys" },
            tokens: { class: "fast" },
          },
          replicas: 2,
        },
      },
      "glance-server": { _workload: { replicas: 3 } },
      "mysql-server": { _workload: { storage: { database: { class: "Fast!", size: "10GB", nfs: "nowhere" } } } },
      "rabbitmq-server": { _workload: { storage: { queues: { claim: "My_Claim", shared: "yes" } } } },
    },
    told: [
      {
        title: "keys of a class that one machine can have, for two pods",
        code: "volume-unshared",
        path: "_workload:storage:fernet-keys",
        line: /replicas: 2/,
        fix: /nfs: SERVER:\/PATH/,
      },
      {
        title: "images on one machine, for three pods",
        code: "volume-unshared",
        path: "_workload:storage:images",
        line: /replicas: 3/,
        fix: /give it one replica/,
      },
      {
        title: "a volume in two places",
        code: "storage-twice",
        path: "_workload:storage:credential-keys",
        line: /credential-keys:|nfs:/,
        fix: /keep one/,
      },
      {
        title: "a volume that the image has not",
        code: "workload-key-unknown",
        path: "_workload:storage:tokens",
        line: /tokens:/,
        fix: /fernet-keys/,
      },
      {
        title: "a class that is not a name",
        code: "workload-value-wrong",
        path: "_workload:storage:database:class",
        line: /Fast!/,
        fix: /storage class/,
      },
      {
        title: "an invalid size",
        code: "workload-value-wrong",
        path: "_workload:storage:database:size",
        line: /10GB/,
        fix: /10G/,
      },
      {
        title: "an invalid export",
        code: "workload-value-wrong",
        path: "_workload:storage:database:nfs",
        line: /nowhere/,
        fix: /nfs\.example\.com/,
      },
      {
        title: "a claim that is not a name",
        code: "workload-value-wrong",
        path: "_workload:storage:queues:claim",
        line: /My_Claim/,
        fix: /lower-case/,
      },
      {
        title: "a text for true",
        code: "workload-value-wrong",
        path: "_workload:storage:queues:shared",
        line: /shared: ('yes'|yes|"yes")/,
        fix: /true or false/,
      },
    ],
  },
  "names and networks": {
    set: {
      "_param:deploy_name": "1st_cloud",
      "_param:control_network": "host",
      "_param:hypervisors": "1-compute,a-name-of-more-than-fifty-two-characters-is-much-too-long",
    },
    told: [
      { title: "a namespace that is no label", code: "name-no-label", path: "_param:deploy_name", fix: /letter first/ },
      {
        title: "a control plane on the machine's network",
        code: "control-network-host",
        path: "_deployment:control_network",
        fix: /containers/,
      },
      {
        title: "a hypervisor whose Service would begin with a digit, or whose pods' label would be too long",
        code: "hypervisor-no-label",
        path: "_workload:placement",
        fix: /at most 52, a letter first/,
      },
    ],
  },
  "a name of 52 characters, which is too long with what is put behind it": {
    set: { "_param:deploy_name": `a${"b".repeat(51)}` },
    told: [{ title: "51 are the most", code: "name-no-label", path: "_param:deploy_name", fix: /at most 51/ }],
  },
  "what the model says of the cluster": {
    nodes: {
      "keystone-server": {
        _kubernetes: {
          publish: "Loadbalancer",
          storage_class: "Fast",
          storage_clas: "fast",
          hypervisor_nodes: { "openstack-node": "not a label" },
          machine_networks: ["10.0.0.0"],
        },
      },
      "nova-controller": { nova: { controller: { bind: { metadata_port: 8774 } } } },
      "ovn-server": { _workload: { placement: ["compute-2"] } },
      "nova-compute": { _workload: { placement: ["compute-2"] } },
    },
    told: [
      {
        title: "a type of Service that there is not",
        code: "workload-value-wrong",
        path: "_kubernetes:publish",
        line: /Loadbalancer/,
        fix: /LoadBalancer, NodePort or ClusterIP/,
      },
      {
        title: "a class that is not a name",
        code: "workload-value-wrong",
        path: "_kubernetes:storage_class",
        line: /Fast/,
        fix: /lower-case/,
      },
      {
        title: "a key that there is not",
        code: "workload-key-unknown",
        path: "_kubernetes:storage_clas",
        line: /storage_clas:/,
        fix: /did you mean storage_class/,
      },
      {
        title: "an invalid label's value",
        code: "workload-value-wrong",
        path: "_kubernetes:hypervisor_nodes:openstack-node",
        line: /not a label/,
        fix: /node's label/,
      },
      {
        title: "an address for a network",
        code: "workload-value-wrong",
        path: "_kubernetes:machine_networks",
        line: /machine_networks:|10\.0\.0\.0/,
        fix: /10\.0\.0\.0\/24/,
      },
      {
        title: "two servers of a pod at one port",
        code: "port-taken",
        path: "bind.metadata_port",
        line: /metadata_port: 8774/,
        fix: /another port/,
      },
      {
        title: "a hypervisor without libvirt",
        code: "hypervisor-incomplete",
        path: "_workload:placement",
        line: /placement:|compute-1/,
        fix: /libvirt-compute/,
      },
    ],
  },
};

for (const [name, { set, nodes = {}, told }] of Object.entries(models)) {
  describe(`on Kubernetes is refused: ${name}:`, () => {
    const directory = modelWith(join(workDirectory(), name.replace(/\W+/g, "-")), nodes);
    const described = describedIn(directory, set);
    const all = (described.ok ? [] : described.diagnostics).filter(({ severity }) => severity === "error");
    for (const { title, code, path, line, fix } of told) {
      test(title, () => {
        const own = all.find((one) => one.code === code && one.path === path);
        assert.ok(own, `${code} is not told:\n${all.map((one) => `${one.code} ${one.path} ${one.what}`).join("\n")}`);
        assert.match(own.fix, fix);
        assert.ok(own.place, "it has a place");
        if (line === undefined) return;
        const { place } = own as { place: { file?: string; line?: number } };
        const text =
          place.file === undefined ? "" : readFileSync(place.file, "utf8").split("\n")[(place.line ?? 0) - 1];
        assert.match(text ?? "", line);
      });
    }

    test("and nothing else", () => {
      const key = ({ code, path = "" }: { code: string; path?: string }): string => `${code} ${path}`;
      assert.deepEqual([...new Set(all.map(key))].sort(), [...new Set(told.map(key))].sort());
    });
  });
}
