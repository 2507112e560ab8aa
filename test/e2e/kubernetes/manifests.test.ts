/** Every object of every example model, as the API server of the cluster of KUBECONFIG takes it: strictly, and none is applied. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { dryRunTroubles } from "../../../scripts/kubernetes/checks/dry-run.ts";
import { readFacts } from "../../../scripts/kubernetes/checks/facts.ts";
import { readObjects } from "../../../scripts/kubernetes/objects.ts";
import { describeNamed } from "../../../scripts/stack/model.ts";
import { sha256 } from "../../../src/cli/describing.ts";
import { kubernetesEngine } from "../../../src/deployment/engine.ts";
import { manifestFiles } from "../../../src/manifest/write.ts";
import { supportedNames } from "../../../src/openstack/releases.ts";
import { mustBe } from "../../support/must-be.ts";
import { makeSecondModel } from "../../support/second.ts";
import { shareImages } from "./cluster.ts";

const directory = mkdtempSync(join(tmpdir(), "plinth-manifests-"));
after(() => rmSync(directory, { recursive: true }));
const second = join(directory, "second");
makeSecondModel(second);
// It has three of glance.
shareImages(second, "any");

/** Releases of the own model, and others. */
const models: readonly (readonly [name: string, environment: Readonly<Record<string, string>>])[] = [
  ...supportedNames.map((VERSION) => [VERSION, { VERSION }] as const),
  ["the second deployment", { MODEL: second }],
];

const parts = (process.env["PARTS"] ?? "").split(/[\s,]+/).filter(Boolean);
const skip = parts.length > 0 && !parts.includes("manifests") ? `PARTS=${parts.join(" ")}` : false;

describe("the cluster accepts every object under strict validation", { skip }, () => {
  for (const [name, environment] of models) {
    test(name, async () => {
      const described = mustBe(describeNamed({ DEPLOY_NAME: "plinth-try", ...environment }, kubernetesEngine));
      const files = manifestFiles(described, { by: "a test", images: {}, digest: sha256 }).filter((file) =>
        file.name.endsWith(".yml"),
      );
      const objects = files.flatMap(({ text }) => readObjects(text));
      assert.ok(objects.length > 20);
      assert.deepEqual(await dryRunTroubles(objects, await readFacts([]), false), []);
    });
  }
});
