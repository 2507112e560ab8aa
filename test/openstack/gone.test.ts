import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import type { ServiceRow } from "../../src/openstack/component.ts";
import { imageName, images } from "../../src/openstack/images.ts";

/** What is left behind by containers with new host names, and who removes it. */

type Policy = { readonly name: string; readonly pattern: string };
const rendered = readFileSync("test/golden/2025.1/rabbitmq-server/etc/rabbitmq/definitions.json", "utf8");
const { policies } = JSON.parse(rendered) as { policies: readonly Policy[] };
const policiesOf = (queue: string): readonly string[] =>
  policies.filter(({ pattern }) => new RegExp(pattern).test(queue)).map(({ name }) => name);

describe("a queue without readers", () => {
  for (const [queue, expected] of [
    ["conductor.nova-controller-5d8f-x2x", ["gone-hosts"]],
    ["scheduler.nova-controller-5d8f-x2x", ["gone-hosts"]],
    ["cinder-scheduler.cinder-scheduler-7c-abc", ["gone-hosts"]],
    ["engine.heat-engine-7c-abc", ["gone-hosts"]],
    ["q-plugin.neutron-rpc-server-7c-abc", ["gone-hosts"]],
    ["engine_worker.7907e8b5-2507-4444-9306-b79efbdf98cf", ["gone-engines"]],
    ["conductor", []],
    ["engine", []],
    ["compute.compute-1", []],
    ["cinder-volume.cinder-volume@file", []],
    ["dhcp_agent.network-1", []],
    ["l3_agent.network-1", []],
  ] as const) {
    test(`${queue} ${expected.length > 0 ? "goes after a while" : "stays"}`, () => {
      assert.deepEqual(policiesOf(queue), expected);
    });
  }
});

const field = String.raw`(\*|\d+(-\d+)?)(/\d+)?`;
const scheduled = images.flatMap((row) =>
  Object.entries<ServiceRow>(row.services).flatMap(([name, service]) =>
    service.workload?.schedule === undefined ? [] : [{ title: `${imageName(row)} ${name}`, service }],
  ),
);

test("dead rows, deleted records and fernet keys have jobs with a schedule", () => {
  assert.deepEqual(scheduled.map(({ title }) => title).sort(), [
    "cinder-controller purge-deleted",
    "cinder-controller service-cleaner",
    "glance-server purge-deleted",
    "heat-server purge-deleted",
    "heat-server service-cleaner",
    "keystone-server fernet-rotate",
    "keystone-server purge-deleted",
    "nova-controller purge-deleted",
    "nova-controller service-cleaner",
  ]);
});

for (const { title, service } of scheduled) {
  test(`${title} has a cron schedule, and delays no service that needs its schema`, () => {
    assert.equal(service.kind, "job");
    assert.match(service.workload?.schedule ?? "", new RegExp(`^${field}( ${field}){4}$`));
    // Whoever waits for a schema waits for the lock of its database, too.
    assert.ok(service.lock === undefined || title.endsWith("fernet-rotate"));
  });
}
