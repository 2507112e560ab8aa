/** What `make kubernetes-up` tells of the cluster of KUBECONFIG before anything is applied, in a namespace of its own. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { kubectl, mustKubectl } from "../../../scripts/kubernetes/kubectl.ts";

const parts = (process.env["PARTS"] ?? "").split(/[\s,]+/).filter(Boolean);
const skip = parts.length > 0 && !parts.includes("checks") ? `PARTS=${parts.join(" ")}` : false;

const name = "plinth-checks";
const directory = mkdtempSync(join(tmpdir(), "plinth-checks-"));
const model = join(directory, "model");

/** `make kubernetes-up` as far as it goes before something is built. */
function check(more: Readonly<Record<string, string>> = {}) {
  const { status, stderr } = spawnSync(process.execPath, ["scripts/kubernetes/before.ts"], {
    encoding: "utf8",
    env: { ...process.env, MODEL: model, DEPLOY_NAME: name, ...more },
  });
  const codes = [...stderr.matchAll(/^error\[([\w-]+)\]/gm)].map(([, code = ""]) => code);
  return { status, stderr, codes };
}

const metadata = (object: string, namespace?: string, labels = {}) => ({
  name: object,
  ...(namespace === undefined ? {} : { namespace }),
  labels,
});
const ours = { "app.kubernetes.io/managed-by": "plinth" };
const level = { "pod-security.kubernetes.io/enforce": "baseline" };
const labels = { a: "b" };
const template = { metadata: { labels }, spec: { containers: [{ name: "one", image: "none" }] } };

/** What is in the way: all of it is there at once. */
const obstacles = [
  { apiVersion: "v1", kind: "Namespace", metadata: metadata(name) },
  { apiVersion: "v1", kind: "Namespace", metadata: metadata(`${name}-hypervisors`, undefined, { ...ours, ...level }) },
  { apiVersion: "v1", kind: "Secret", metadata: metadata("database-glance", name), stringData: { password: "x" } },
  {
    ...{ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: metadata(`${name}-block`) },
    provisioner: "ebs.csi.aws.com",
  },
  {
    ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: metadata("keystone-server", name) },
    spec: { replicas: 0, selector: { matchLabels: labels }, template },
  },
  {
    ...{ apiVersion: "apps/v1", kind: "StatefulSet", metadata: metadata("mysql-server", name) },
    spec: {
      ...{
        replicas: 0,
        serviceName: "other",
        template: { ...template, metadata: { labels: selectorOf("mysql-server") } },
      },
      selector: { matchLabels: selectorOf("mysql-server") },
    },
  },
];

function selectorOf(workload: string): Readonly<Record<string, string>> {
  return { "app.kubernetes.io/name": workload, "app.kubernetes.io/instance": name };
}

/** A kubeconfig like the one at hand, changed. */
async function kubeconfig(change: (config: { users: { user: object }[]; clusters: { cluster: object }[] }) => void) {
  const config = JSON.parse(await mustKubectl(["config", "view", "--raw", "--minify", "--output", "json"]));
  change(config);
  const file = join(directory, "kubeconfig");
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return { KUBECONFIG: file };
}

describe("before anything is applied", { skip }, () => {
  before(async () => {
    cpSync("model", model, { recursive: true });
    await mustKubectl(
      ["apply", "--filename", "-"],
      JSON.stringify({ apiVersion: "v1", kind: "List", items: obstacles }),
    );
  });
  after(async () => {
    await kubectl(["delete", "namespace", name, `${name}-hypervisors`, "--ignore-not-found", "--wait=false"]);
    await kubectl(["delete", "storageclass", `${name}-block`, "--ignore-not-found"]);
    rmSync(directory, { recursive: true });
  });

  test("all obstacles are reported, with their place in the model and the fix", async () => {
    const line = join(model, "classes/cluster/example.yml");
    const many = Array.from({ length: 40 }, (_, index) => `compute-${index + 1}`).join(", ");
    writeFileSync(line, readFileSync(line, "utf8").replace("hypervisors: [compute-1]", `hypervisors: [${many}]`));
    const storage = `parameters:\n  _workload:\n    storage:\n      images: {class: ${name}-block, shared: true}\n`;
    appendFileSync(join(model, "nodes/glance-server.yml"), storage);
    const { status, stderr, codes } = check();
    assert.equal(status, 78, stderr);
    const wanted: readonly (readonly [code: string, words: RegExp])[] = [
      ["pod-security-forbids", /plinth-checks-hypervisors has the Pod Security level baseline/],
      ["namespace-taken", /namespace plinth-checks exists but was not created by plinth/],
      ["nodes-too-few", /a node of its own, and the cluster has[\s\S]*example\.yml:\d+/],
      ["storage-not-shared", /images is shared[\s\S]*ebs\.csi\.aws\.com[\s\S]*glance-server\.yml:\d+/],
      ["secret-key-missing", /database-glance in the namespace plinth-checks has no key value/],
      // Those that are in the way were applied by another.
      [
        "apply-conflict",
        /Another field manager has set fields of deployment\/keystone-server: Apply failed with \d+ conflicts/,
      ],
      ["selector-changed", /deployment\/keystone-server exists with another selector/],
      ["statefulset-changed", /statefulset\/mysql-server exists with other .*serviceName/],
    ];
    for (const [code, words] of wanted) {
      assert.ok(codes.includes(code), `${code}\n${stderr}`);
      assert.match(stderr, words);
    }
    assert.deepEqual([...new Set(codes)].toSorted(), wanted.map(([code]) => code).toSorted(), stderr);
  });

  test("FORCE=1 ignores fields that others have set, and reports the rest", () => {
    const { codes, stderr } = check({ FORCE: "1" });
    assert.ok(!codes.includes("apply-conflict"), stderr);
    assert.ok(codes.includes("selector-changed"), stderr);
  });

  test("a missing storage class is reported", () => {
    const node = join(model, "nodes/glance-server.yml");
    writeFileSync(node, readFileSync(node, "utf8").replace(`class: ${name}-block`, "class: gone"));
    assert.match(check().stderr, /error\[storage-class-unknown\]: the volume images has the storage class gone/);
  });

  test("a field that the API server does not know is reported", () => {
    check();
    const overlay = join("build/kubernetes", name, "overlay");
    mkdirSync(overlay, { recursive: true });
    const patch = [{ op: "add", path: "/spec/template/spec/shiny", value: true }];
    const kustomization = {
      apiVersion: "kustomize.config.k8s.io/v1beta1",
      kind: "Kustomization",
      resources: ["../manifests"],
      patches: [{ target: { kind: "Deployment", name: "glance-server" }, patch: JSON.stringify(patch) }],
    };
    writeFileSync(join(overlay, "kustomization.yaml"), JSON.stringify(kustomization));
    const { stderr } = check({ OVERLAY: overlay });
    assert.match(
      stderr,
      /error\[cluster-too-old\]: Kubernetes v\S+ does not know spec\.template\.spec\.shiny, which deployment\/glance-server/,
    );
    rmSync(resolve("build/kubernetes", name), { recursive: true });
  });

  test("an account without rights is reported", async () => {
    const { status, codes, stderr } = check(
      await kubeconfig(({ users }) => {
        for (const one of users) one.user = { ...one.user, as: "plinth-nobody" };
      }),
    );
    assert.equal(status, 78, stderr);
    assert.ok(codes.includes("apply-forbidden"), stderr);
    assert.match(stderr, /plinth-nobody/);
  });

  test("an API server that does not answer, and a missing cluster, are reported", async () => {
    const silent = await kubeconfig(({ clusters }) => {
      for (const one of clusters) one.cluster = { server: "https://127.0.0.1:1" };
    });
    const away = check(silent);
    assert.equal(away.status, 75);
    assert.match(away.stderr, /the cluster at https:\/\/127\.0\.0\.1:1 does not answer as it must: .*refused/);
    const none = check({ KUBECONFIG: "/dev/null" });
    assert.equal(none.status, 75);
    assert.match(none.stderr, /no cluster is named: set KUBECONFIG/);
  });
});
