import assert from "node:assert/strict";
import { test } from "node:test";
import { etcdDirectories, etcdLayers } from "../../src/overlay/etcd-keys.ts";

const entries = [
  { key: "/plinth/all/A", value: "1" },
  { key: "/plinth/all/B", value: "" },
  { key: "/plinth/nova-controller/A", value: "2" },
  { key: "/plinth/nova-compute/A", value: "3" },
  { key: "/plinth/nova-controller/deeper/A", value: "4" },
  { key: "/plinth/nova-controller/", value: "5" },
  { key: "/plinth/allA", value: "6" },
  { key: "/other/all/A", value: "7" },
];

for (const prefix of ["/plinth", "/plinth/"]) {
  test(`sorts the keys below ${prefix} into those for all images and those for this one`, () => {
    const [all, image] = etcdLayers(entries, prefix, "nova-controller");
    assert.deepEqual(Object.fromEntries(all), {
      A: { text: "1", origin: { from: "etcd", place: "/plinth/all/A" } },
      B: { text: "", origin: { from: "etcd", place: "/plinth/all/B" } },
    });
    assert.deepEqual(Object.fromEntries(image), {
      A: { text: "2", origin: { from: "etcd", place: "/plinth/nova-controller/A" } },
    });
  });
}

test("an empty prefix puts the directories at the root", () => {
  assert.deepEqual(etcdDirectories("", "nova-compute"), ["/all/", "/nova-compute/"]);
});
