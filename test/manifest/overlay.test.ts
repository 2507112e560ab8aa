import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { loadAll } from "js-yaml";
import { kustomize, withoutKubectl } from "../support/kubectl.ts";
import { plinth } from "../support/plinth.ts";

type Pod = {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly containers: readonly { readonly image: string }[];
    readonly initContainers?: readonly { readonly image: string }[];
  };
};
type KubernetesObject = {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly imagePullSecrets?: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: of many kinds, each with its own
  readonly spec: any;
};

const directory = mkdtempSync(join(tmpdir(), "plinth-overlay-test-"));
after(() => rmSync(directory, { recursive: true, force: true }));

/** @returns the objects that a directory below the test's own comes to. */
const objectsIn = (name: string): readonly KubernetesObject[] =>
  loadAll(kustomize(join(directory, name))) as KubernetesObject[];

const templateOf = ({ kind, spec }: KubernetesObject): Pod | undefined =>
  kind === "CronJob" ? spec.jobTemplate.spec.template : spec?.template?.spec?.containers && spec.template;

describe("the example of an overlay, on manifests of the model", { skip: withoutKubectl() }, () => {
  let objects: readonly KubernetesObject[] = [];
  const ofKind = (kind: string): readonly KubernetesObject[] => objects.filter((one) => one.kind === kind);

  before(() => {
    const output = join(directory, "manifests");
    const words = ["--model", "model", "--set", "_kubernetes:publish=ClusterIP", "--output", output];
    const { status, stderr } = plinth(["manifests", ...words]);
    assert.equal(status, 0, stderr);
    cpSync("examples/kubernetes", directory, { recursive: true });
    objects = objectsIn("overlay");
  });

  test("takes all images from the mirror", () => {
    const images = objects.flatMap((object) => {
      const { containers = [], initContainers = [] } = templateOf(object)?.spec ?? {};
      return [...containers, ...initContainers].map(({ image }) => image);
    });
    assert.ok(images.length > 0);
    assert.deepEqual(
      images.filter((image) => !image.startsWith("registry.example.com/mirror/")),
      [],
    );
  });

  test("gives all accounts of both namespaces the login to the registry", () => {
    const accounts = ofKind("ServiceAccount");
    assert.deepEqual([...new Set(accounts.map(({ metadata }) => metadata.namespace))].toSorted(), [
      "plinth",
      "plinth-hypervisors",
    ]);
    assert.deepEqual(
      accounts.map(({ metadata, imagePullSecrets }) => [metadata.namespace, imagePullSecrets]),
      accounts.map(({ metadata }) => [metadata.namespace, [{ name: "registry-login" }]]),
    );
  });

  test("gives the database a storage class, and no other volume", () => {
    const classes = ofKind("StatefulSet").flatMap(({ spec }) =>
      (spec.volumeClaimTemplates ?? []).flatMap((claim: KubernetesObject) =>
        claim.spec.storageClassName === undefined ? [] : [[claim.metadata.name, claim.spec.storageClassName]],
      ),
    );
    assert.deepEqual(classes, [["database", "fast"]]);
  });

  test("keeps the control plane off the hypervisors' nodes, and the hypervisor on its own", () => {
    const selectors = [...ofKind("Deployment"), ...ofKind("StatefulSet")].map((object) => ({
      isHypervisor: object.metadata.namespace === "plinth-hypervisors",
      selector: templateOf(object)?.spec.nodeSelector,
    }));
    assert.ok(selectors.some(({ isHypervisor }) => isHypervisor));
    for (const { isHypervisor, selector } of selectors) {
      const wanted = isHypervisor
        ? { "kubernetes.io/hostname": "node-7.example.com" }
        : { "openstack.example.com/control": "true" };
      assert.deepEqual(selector, wanted);
    }
  });

  test("connects each route from a listener of the gateway to a port of a Service", () => {
    const [gateway] = ofKind("Gateway");
    const listeners: readonly { name: string; port: number }[] = gateway?.spec.listeners;
    const routes = ofKind("HTTPRoute");
    assert.equal(routes.length, listeners.length);
    for (const { metadata, spec } of routes) {
      const [{ sectionName }] = spec.parentRefs;
      const [{ backendRefs }] = spec.rules;
      const [{ name, port }] = backendRefs;
      const service = ofKind("Service").find(
        (one) => one.metadata.name === name && one.metadata.namespace === metadata.namespace,
      );
      assert.ok(
        service?.spec.ports.some((one: { port: number }) => one.port === port),
        `${metadata.name}: no ${name}:${port}`,
      );
      // Keystone's catalog has the services' own ports.
      assert.equal(listeners.find((one) => one.name === sectionName)?.port, port, metadata.name);
    }
  });

  test("leaves the gateway as the only way in", () => {
    const types = new Set(ofKind("Service").map(({ spec }) => spec.type ?? "ClusterIP"));
    assert.deepEqual([...types], ["ClusterIP"]);
  });

  test("can give hypervisors, and only these, a second interface", () => {
    mkdirSync(join(directory, "outside"));
    const lines = ["resources: [../manifests]", "components: [../outside-network]", ""];
    writeFileSync(join(directory, "outside/kustomization.yaml"), lines.join("\n"));
    const annotated = objectsIn("outside").filter(
      (object) => templateOf(object)?.metadata.annotations?.["k8s.v1.cni.cncf.io/networks"] !== undefined,
    );
    assert.deepEqual(
      annotated.map(({ metadata }) => metadata.name),
      ["compute-1"],
    );
  });
});
