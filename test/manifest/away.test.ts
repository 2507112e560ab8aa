import assert from "node:assert/strict";
import { test } from "node:test";
import { loadAll } from "js-yaml";
import { plinth } from "../support/plinth.ts";

type Toleration = { readonly key: string; readonly effect: string; readonly tolerationSeconds?: number };
type Workload = {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly template: { readonly spec: { readonly tolerations?: readonly Toleration[] } } };
};

test("a hypervisor's pod stays on a node that is away, and all others leave it after 30 s", () => {
  const { status, stdout, stderr } = plinth(["manifests", "--model", "model"]);
  assert.equal(status, 0, stderr);
  const workloads = (loadAll(stdout) as Workload[]).filter(({ kind }) => /^(Deployment|StatefulSet)$/.test(kind));
  assert.ok(workloads.some(({ metadata }) => metadata.namespace === "plinth-hypervisors"));
  for (const { metadata, spec } of workloads) {
    const tolerations = spec.template.spec.tolerations ?? [];
    for (const state of ["not-ready", "unreachable"]) {
      const own = tolerations.find(({ key }) => key === `node.kubernetes.io/${state}`);
      assert.equal(own?.effect, "NoExecute", `${metadata.name}, ${state}`);
      // Left out: for ever (https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/).
      const seconds = metadata.namespace === "plinth-hypervisors" ? undefined : 30;
      assert.equal(own?.tolerationSeconds, seconds, `${metadata.name}, ${state}`);
    }
  }
});
