/** The plan of an upgrade on Kubernetes: what a person types are objects and files that the manifests have. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import Ajv2020 from "ajv/dist/2020.js";
import { kubernetesEngine } from "../../src/deployment/engine.ts";
import { filesOf, objectsIn } from "../support/manifests.ts";
import { copyModel, planOf, type Said, sideOf } from "../support/upgrades.ts";

// `ajv` is CommonJS: see test/schema/json-schema.test.ts.
const Ajv = (Ajv2020 as unknown as { default: typeof Ajv2020 }).default ?? Ajv2020;
type Validate = { (data: unknown): boolean; readonly errors?: unknown };
const ajv = new (Ajv as unknown as new (options: object) => { compile(schema: object): Validate })({
  strict: true,
  allowUnionTypes: true,
});
const isPlan = ajv.compile(JSON.parse(readFileSync("docs/upgrade/plan.schema.json", "utf8")));

const apart = copyModel({ hypervisors: "[compute-1, compute-2]", nova_controller_replicas: "{ api: 2 }" });
const pairs: readonly (readonly [title: string, from: string, to: string, said: Said, model?: string])[] = [
  ["kilo → liberty", "kilo", "liberty", {}],
  ["2025.1 → 2026.1", "2025.1", "2026.1", {}],
  ["2025.1 → 2026.1 with three replicas", "2025.1", "2026.1", { "_param:nova_controller_replicas": "3" }],
  ["2025.1 → 2026.1 with two hypervisors, and API and conductor apart", "2025.1", "2026.1", {}, apart],
];

for (const [title, from, to, said, model] of pairs) {
  describe(`${title} on Kubernetes`, () => {
    const plan = planOf(from, to, said, kubernetesEngine, model);
    const lines = [
      ...plan.phases.flatMap(({ commands, back }) => [...commands, ...back.commands]),
      ...plan.restore.commands,
    ];
    const files = new Map(
      [from, to].map((release) => [release, filesOf(sideOf(release, said, model, kubernetesEngine).deployment)]),
    );
    const objects = [...files.values()].flatMap((own) => Object.values(objectsIn(own)));

    test("matches the plan's schema", () => {
      assert.equal(plan.engine, "kubernetes");
      assert.ok(isPlan(JSON.parse(JSON.stringify(plan))), JSON.stringify(isPlan.errors, null, 1));
    });

    test("names only files that plinth manifests writes", () => {
      const named = lines.flatMap((line) => [...line.matchAll(/manifests-([^/ ]+)\/(\S+\.yml)/g)]);
      assert.ok(named.length > 10);
      for (const [, release = "", file = ""] of named) assert.ok(files.get(release)?.has(file), `${release} ${file}`);
    });

    test("names only objects, pods and containers that the manifests have", () => {
      const named = lines.flatMap((line) => [
        ...line.matchAll(
          /--namespace (\S+) .*?\b(deployment|statefulset|pod)\/([\w-]+?)(?:-0)?(?= |$)(?: ([\w-]+)=\S+)?/g,
        ),
      ]);
      assert.ok(named.length > 10);
      for (const [text, namespace, kind, name, container] of named) {
        const found = objects.find(
          (one) =>
            one.metadata.namespace === namespace &&
            one.metadata.name === name &&
            one.kind.toLowerCase() === (kind === "pod" ? "statefulset" : kind),
        );
        assert.ok(found, text);
        if (container === undefined) continue;
        const containers = found.spec.template.spec.containers.map((one: { readonly name: string }) => one.name);
        assert.ok(containers.includes(container), text);
      }
    });

    test("replaces copies of a service in one go, and each hypervisor's container by itself", () => {
      for (const { services } of plan.phases) {
        for (const { workload, containers } of services) {
          const own = sideOf(to, said, model, kubernetesEngine).deployment.workloads.find(
            ({ name }) => name === workload,
          );
          if (own?.runs === "hypervisor") assert.equal(containers.after.length, own.containers.length);
          else assert.ok(containers.after.length <= 1, workload);
        }
      }
    });
  });
}
