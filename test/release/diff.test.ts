import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionList } from "../../src/options/list.ts";
import { compareReleases, type ReadOptions } from "../../src/release/diff.ts";
import { releaseText } from "../../src/release/text.ts";

const nothing: ReadOptions = () => undefined;

test("a release does not differ from itself", () => {
  const found = compareReleases("2025.1", "2025.1", nothing);
  assert.equal(releaseText(found), "2025.1 → 2025.1\n\nnothing that plinth knows of\n");
});

test("what appears in one direction disappears in the other", () => {
  const [there, back] = [compareReleases("liberty", "2025.1", nothing), compareReleases("2025.1", "liberty", nothing)];
  for (const part of ["images", "services", "jobs", "parameters", "settings"] as const) {
    assert.ok(there[part].new.length > 0, part);
    assert.deepEqual(there[part].new, back[part].gone, part);
    assert.deepEqual(there[part].gone, back[part].new, part);
  }
});

test("liberty to 2025.1 adds placement and OVN, and removes the registry and nova-cert", () => {
  const found = compareReleases("liberty", "2025.1", nothing);
  assert.ok(found.images.new.includes("placement-server"));
  assert.ok(found.services.new.includes("ovn-server northd"));
  assert.ok(found.services.gone.includes("glance-server registry"));
  assert.ok(found.services.gone.includes("nova-controller cert"));
  assert.ok(found.features.some(({ name, change }) => name === "nova_cert" && change === "gone"));
});

test("a version is the list's, or else the range of the release's row", () => {
  const read: ReadOptions = (component, release) =>
    component === "nova"
      ? new OptionList(JSON.stringify({ source: { nova: release === "2025.1" ? "31.0.0" : "33.0.2" }, options: [] }))
      : undefined;
  const { components } = compareReleases("2025.1", "2026.1", read);
  assert.deepEqual(
    components.find(({ component }) => component === "nova"),
    { component: "nova", before: "31.0.0", after: "33.0.2" },
  );
  assert.deepEqual(
    components.find(({ component }) => component === "horizon"),
    { component: "horizon", before: ">=25.3,<25.4", after: ">=25.7,<25.8" },
  );
});

test("the difference of one component shows only its own parts", () => {
  const found = compareReleases("liberty", "2025.1", nothing, ["nova"]);
  assert.ok(found.services.gone.every((name) => name.startsWith("nova-")));
  assert.ok(found.settings.new.every((name) => name.startsWith("nova-")));
  assert.deepEqual(
    found.components.map(({ component }) => component),
    ["nova"],
  );
});
