import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { makeDeployment, parameterFile } from "../support/deployment.ts";
import { commit, makeRepository } from "../support/inventories.ts";
import { binary, plinth, workDirectory } from "../support/plinth.ts";

const work = workDirectory();
const { directory, git, edit } = makeDeployment(join(work, "deployment"));
const nodes = plinth(["model", "nodes", "--names", "--model", directory]).stdout.trim().split("\n");

/** Images of a release from PyPI alone. */
const environments = nodes.filter((node) => node.endsWith("-python"));

const diff = (...words: string[]): string => {
  const { status, stdout, stderr } = plinth(["model", "diff", "HEAD", "--model", directory, ...words]);
  assert.deepEqual([status, stderr], [0, ""]);
  return stdout;
};
const lines = (text: string): readonly string[] => text.split("\n").filter(Boolean);

/** What `make images SINCE=HEAD` would build. */
function builtSince(): readonly string[] {
  const words = ["images/build.ts", "--model", directory, "--since", "HEAD", "--list"];
  return lines(execFileSync(process.execPath, words, { encoding: "utf8" }))
    .map((line) => line.split(" ")[0] ?? "")
    .sort();
}

const append = (file: string, text: string): void => appendFileSync(join(directory, file), text);
const parameter = (from: string, to: string) => (): void => edit(parameterFile, from, to);
const onOpenstackBase = [
  ...["cinder-controller", "cinder-volume", "glance-server", "heat-server", "horizon-server", "keystone-server"],
  ...["neutron-server", "nova-compute", "nova-controller", "openstack-base", "openstack-client", "placement-server"],
];

type Case = {
  readonly title: string;
  readonly make: () => void;
  readonly images: readonly string[];
  readonly says?: RegExp;
};
const cases: readonly Case[] = [
  {
    title: "an allocation ratio changes the two that know it",
    make: parameter("cpu_allocation_ratio: 8.0", "cpu_allocation_ratio: 4.0"),
    images: ["nova-compute", "nova-controller"],
    says: /^changed nova-compute\n {2}nova:compute:cpu_allocation_ratio: 8\.0 → 4\.0\nchanged nova-controller\n {2}nova:controller:cpu_allocation_ratio: 8\.0 → 4\.0\nin no image \(30 nodes\)\n {2}_param:cpu_allocation_ratio: 8\.0 → 4\.0\nHEAD → working tree: 2 of 20 images change \(2 changed\); 30 of 30 nodes differ \(30 changed\)\n$/,
  },
  {
    title: "a parameter that nothing uses changes none",
    make: parameter("    region: RegionOne", "    region: RegionOne\n    unused: 1"),
    images: [],
    says: /^in no image \(30 nodes\)\n {2}\+ _param:unused: 1\nHEAD → working tree: no image changes; 30 of 30 nodes differ/,
  },
  {
    title: "the number of containers changes none, and is told",
    make: parameter("nova_controller_replicas: 1", "nova_controller_replicas: 5"),
    images: [],
    says: /^in no image \(nova-controller\)\n {2}_workload:replicas: 1 → 5$/m,
  },
  {
    title: "the release changes all",
    make: parameter('release: "2025.1"', 'release: "2026.1"'),
    images: nodes.filter((node) => node !== "debian-stable"),
    says: /29 of 29 images change \(20 changed, 9 added\)/,
  },
  {
    title: "a release without placement has an image less, which is not built",
    make: parameter('release: "2025.1"', "release: liberty"),
    images: nodes.filter((node) => !environments.includes(node)),
    says: /^removed placement-server$/m,
  },
  {
    title: "how images are called changes all",
    make: parameter("deploy_name: plinth", "deploy_name: cloud"),
    images: nodes.filter((node) => !environments.includes(node) && node !== "debian-stable"),
  },
  {
    title: "a class more, with a value of its own, changes the image of its node",
    make() {
      writeFileSync(join(directory, "classes/more.yml"), "parameters:\n  keystone:\n    server:\n      workers: 7\n");
      edit("nodes/keystone-server.yml", "keystone.server", "keystone.server\n  - more");
    },
    images: ["keystone-server"],
    says: /^changed keystone-server\n {2}keystone:server:workers: .* → 7\nin no image \(keystone-server\)\n {2}classes: \+more$/m,
  },
  {
    title: "a class more, with what it had already, changes none",
    make() {
      writeFileSync(
        join(directory, "classes/more.yml"),
        "parameters:\n  keystone:\n    server:\n      debug: $DEBUG\n",
      );
      edit("nodes/keystone-server.yml", "keystone.server", "keystone.server\n  - more");
    },
    images: [],
    says: /^in no image \(keystone-server\)\n {2}classes: \+more\nHEAD/,
  },
  {
    title: "a default that is written out changes none",
    make: () =>
      append("nodes/nova-compute.yml", "parameters:\n  nova:\n    compute:\n      reserved_host_memory_mb: 512\n"),
    images: [],
    says: /^in no image \(nova-compute\)\n {2}\+ nova:compute:reserved_host_memory_mb: 512$/m,
  },
  {
    title: "a parameter that gives a password changes the image that is given it",
    make: () =>
      append(
        "nodes/nova-controller.yml",
        "parameters:\n  nova:\n    controller:\n      metadata:\n        password: $OTHER_PASSWORD\n",
      ),
    images: ["nova-controller"],
    says: /nova:controller:metadata:password: \$SERVICE_METADATA_PASSWORD → \$OTHER_PASSWORD/,
  },
  {
    title: "a dynamic parameter's own value changes the image that asks for it, and no other",
    make() {
      const block = "parameters:\n  parameters:\n    NOVA_OVSDB_HOST: 127.0.0.2\n";
      append("nodes/nova-compute.yml", block);
      append("nodes/heat-server.yml", block);
    },
    images: ["nova-compute"],
    says: /^changed nova-compute\n {2}parameters:NOVA_OVSDB_HOST: 127\.0\.0\.1 → 127\.0\.0\.2\nin no image \(heat-server\)/,
  },
  {
    title: "a package of an image changes those that stand on it, too",
    make: () => append("nodes/openstack-base.yml", "parameters:\n  _packages:\n    debian: [vim]\n"),
    images: onOpenstackBase,
    says: /^changed heat-server \(it stands on openstack-base\)$/m,
  },
  {
    title: "packages of another distribution change none",
    make: () => append("nodes/openstack-base.yml", "parameters:\n  _packages:\n    ubuntu: [vim]\n"),
    images: [],
  },
  {
    title: "a time limit of the waits changes the image of its node",
    make: () => append("nodes/glance-server.yml", "parameters:\n  wait:\n    timeout: 77\n"),
    images: ["glance-server"],
  },
  {
    title: "comments and the order of keys change nothing",
    make: () =>
      edit(
        "classes/nova/compute.yml",
        "      enabled: true\n      debug: $DEBUG\n",
        "      # first\n      debug: $DEBUG\n      enabled: true\n",
      ),
    images: [],
    says: /^HEAD → working tree: no image changes; no of 30 nodes differ\n$/,
  },
];

describe("the images that a change of the model changes", () => {
  for (const { title, make, images, says } of cases) {
    test(title, () => {
      make();
      try {
        assert.deepEqual(lines(diff("--names")), [...images].sort());
        const text = diff();
        if (says) assert.match(text, says);
        const removed = lines(text).flatMap((line) => /^removed (\S+)/.exec(line)?.[1] ?? []);
        assert.deepEqual(
          builtSince(),
          [...images].filter((image) => !removed.includes(image)).sort(),
          "make images SINCE= builds the same",
        );
      } finally {
        git("checkout", "--quiet", ".");
        git("clean", "--quiet", "--force");
      }
    });
  }

  test("are those whose baked files differ", () => {
    const baked = (node: string): string | undefined => {
      const output = join(work, `${node}.json`);
      const words = [
        "bake",
        "--node",
        node,
        "--model",
        directory,
        "--templates",
        "config-templates",
        "--output",
        output,
      ];
      if (spawnSync(binary, words).status !== 0) return undefined;
      // V8's cache of the templates is another one each time.
      const { templateCache: _, ...image } = JSON.parse(readFileSync(output, "utf8").split("\n")[0] ?? "");
      return JSON.stringify(image);
    };
    const candidates = ["horizon-server", "glance-server", "nova-controller", "mysql-server", "memcached-server"];
    const before = candidates.map(baked);
    assert.ok(before.every((text) => text !== undefined));
    edit(parameterFile, "region: RegionOne", "region: RegionTwo");
    edit(parameterFile, "dhcp_domain: novalocal", "dhcp_domain: cloud.example");
    const differ = candidates.filter((node, index) => baked(node) !== before[index]);
    const names = lines(diff("--names"));
    git("checkout", "--quiet", ".");
    assert.ok(differ.length > 0 && differ.length < candidates.length, differ.join());
    assert.deepEqual(
      candidates.filter((node) => names.includes(node)),
      differ,
    );
  });

  test("are in the JSON beside the nodes, whose changes say whether they are in the image", () => {
    edit(parameterFile, "cpu_allocation_ratio: 8.0", "cpu_allocation_ratio: 4.0");
    append("nodes/debian-base.yml", "parameters:\n  _packages:\n    debian: [vim]\n");
    type Node = { node: string; changes: { path: string; inImage: boolean }[] };
    const { nodes: all, images } = JSON.parse(diff("--json")) as {
      nodes: Node[];
      images: { node: string; change: string; parent?: string }[];
    };
    git("checkout", "--quiet", ".");
    assert.equal(all.length, 30);
    const compute = all.find(({ node }) => node === "nova-compute");
    assert.deepEqual(compute?.changes.map(({ path, inImage }) => `${path} ${inImage}`).sort(), [
      "_param:cpu_allocation_ratio false",
      "nova:compute:cpu_allocation_ratio true",
    ]);
    const of = (node: string) => images.find((image) => image.node === node);
    assert.deepEqual(of("debian-base"), { node: "debian-base", change: "changed" });
    assert.deepEqual(of("nova-compute"), { node: "nova-compute", change: "changed" });
    assert.deepEqual(of("heat-server"), { node: "heat-server", change: "changed", parent: "openstack-base" });
    assert.equal(of("debian-stable"), undefined);
  });

  test("--exit-code reports nodes that differ, whether or not an image changes", () => {
    const words = ["model", "diff", "HEAD", "--model", directory, "--exit-code"];
    assert.equal(plinth(words).status, 0);
    edit(parameterFile, "region: RegionOne", "region: RegionOne\n    unused: 1");
    assert.equal(plinth(words).status, 1);
    git("checkout", "--quiet", ".");
  });
});

test("a node that is not an image is shown in full, beside images and alone", () => {
  const node = (value: number, more: object) => JSON.stringify({ parameters: { _param: { x: value }, ...more } });
  const image = { name: "own", registry: null, deploy_name: "d", tag: "t", base: "debian:trixie" };
  const model = (value: number) => ({
    "model/classes/none.yml": "",
    "model/nodes/host.yml": node(value, { _image: "disk.qcow2" }),
    "model/nodes/own.yml": node(value, { _image: image, _param: { x: value, release: "2025.1" } }),
  });
  const repository = makeRepository(work, model(1));
  commit(repository, model(2));
  const ask = (...words: string[]) =>
    plinth(["model", "diff", "HEAD~1", "--model", join(repository, "model"), ...words]).stdout;
  assert.equal(
    ask(),
    "changed host\n  _param:x: 1 → 2\nin no image (own)\n  _param:x: 1 → 2\n" +
      "HEAD~1 → working tree: no image changes; 2 of 2 nodes differ (2 changed)\n",
  );
  assert.equal(ask("--names"), "host\n");
});
