/** The same model gives the same bytes, and another parameter changes the objects that it is about, and no others. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { filesIn, type Overrides, objectsIn } from "../support/manifests.ts";

const usual = filesIn("model");

/** @returns the files that a parameter changes; of a Job its name, since that changes with its template. */
function changedBy(set: Overrides): readonly string[] {
  const other = filesIn("model", set);
  const names = new Set([...usual.keys(), ...other.keys()]);
  return [...names].filter((name) => usual.get(name) !== other.get(name)).sort();
}

type Row = readonly [what: string, set: Overrides, files: readonly string[]];

/** Not the hypervisors' pods, though consoles' proxy has this image, too: their containers get it in place. */
const novaController = [
  "nova-cell-setup-job.yml",
  "nova-controller-deployment.yml",
  "nova-db-sync-job.yml",
  "nova-discover-hosts-cronjob.yml",
  "nova-online-data-migrations-cronjob.yml",
  "nova-purge-deleted-cronjob.yml",
  "nova-service-cleaner-cronjob.yml",
  "nova-service-versions-cronjob.yml",
  "nova-upgrade-check-cronjob.yml",
];

const table: readonly Row[] = [
  [
    "more replicas of keystone: the number, and how many may be away",
    { "_param:keystone_server_replicas": "3" },
    ["keystone-server-deployment.yml", "keystone-server-pdb.yml", "kustomization.yaml"],
  ],
  [
    "an allocation ratio: what has nova's control plane baked in",
    { "_param:cpu_allocation_ratio": "4.0" },
    novaController,
  ],
  [
    "processes of glance's API: what has glance baked in",
    { "_param:glance_server_workers": "4" },
    [
      ...["expand", "migrate", "contract"].map((part) => `glance-db-${part}-cronjob.yml`),
      ...["glance-db-sync-job.yml", "glance-purge-deleted-cronjob.yml", "glance-server-deployment.yml"],
      "glance-upgrade-check-cronjob.yml",
    ].sort(),
  ],
];

describe("manifests", () => {
  test("of the same model are identical byte for byte", () => {
    assert.deepEqual([...filesIn("model")], [...usual]);
  });

  for (const [what, set, files] of table) {
    test(`change with ${what}`, () => assert.deepEqual(changedBy(set), files));
  }

  test("rename a Job if its template changed, and only then", () => {
    const before = objectsIn(usual);
    const after = objectsIn(filesIn("model", { "_param:glance_server_workers": "4" }));
    const name = (objects: typeof before, job: string): string => objects[`${job}-job`].metadata.name;
    assert.notEqual(name(after, "glance-db-sync"), name(before, "glance-db-sync"));
    for (const job of ["nova-db-sync", "keystone-bootstrap", "keystone-catalog"])
      assert.equal(name(after, job), name(before, job));
    for (const { kind, metadata } of Object.values(before))
      if (kind === "Job") assert.match(metadata.name, /^[a-z-]+-[0-9a-f]{8}$/);
  });

  test("of another release change no name of a Deployment, a StatefulSet or a claim, and no selector", () => {
    const [before, after] = ["kilo", "liberty"].map((release) =>
      objectsIn(filesIn("model", { "_param:release": release })),
    );
    for (const [name, object] of Object.entries(before ?? {})) {
      const later = after?.[name];
      assert.ok(later, name);
      if (object.kind !== "Job") assert.equal(later.metadata.name, object.metadata.name);
      assert.deepEqual(later.spec?.selector, object.spec?.selector);
      assert.deepEqual(later.spec?.volumeClaimTemplates, object.spec?.volumeClaimTemplates);
    }
  });
});
