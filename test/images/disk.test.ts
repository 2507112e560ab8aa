import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOnDisk, controllerSet } from "../../images/disk.ts";
import { openDirectory } from "../../src/host/inventory/inventory.ts";
import { imagesOf } from "../../src/image/catalog.ts";
import { openModel } from "../../src/model/model.ts";

const source = openDirectory("model");
const model = source.ok ? openModel(source.value, { overrides: new Map([["_param:release", "2026.1"]]) }) : source;
const rows = model.ok ? imagesOf(model.value) : model;
assert.ok(rows.ok);
const recipes = rows.value.map(({ recipe }) => recipe);

/** Each image adds 10 to what it stands on. */
function height(node: string): number {
  const parent = recipes.find((recipe) => recipe.node === node)?.parent ?? null;
  return 10 + (parent === null ? 0 : height(parent));
}
const sized = recipes.map((recipe) => ({ recipe, bytes: height(recipe.node) }));

test("what images stand on counts once on a disk", () => {
  assert.equal(bytesOnDisk(sized, new Set(["debian-base"])), 10);
  // debian-base, openstack-base, nova-python, and the two that share it.
  assert.equal(bytesOnDisk(sized, new Set(["nova-controller", "nova-compute"])), 50);
  assert.equal(bytesOnDisk(sized, new Set(recipes.map(({ node }) => node))), 10 * recipes.length);
});

test("a controller has every service but those beside servers and their disks", () => {
  const set = controllerSet(recipes);
  for (const node of ["keystone-server", "nova-controller", "cinder-controller", "mysql-server"])
    assert.ok(set.has(node));
  for (const node of ["nova-compute", "libvirt-compute", "cinder-volume", "nova-python", "debian-base"]) {
    assert.ok(!set.has(node), node);
  }
});
