import { composeFile } from "../../scripts/stack/deployment.ts";
import { until } from "./docker.ts";
import type { Stack } from "./stack.ts";

/** Services that write their host into a database or into the name of a queue. */
const recording = [
  ...["nova-api", "nova-metadata", "nova-conductor", "nova-scheduler", "nova-compute"],
  ...["neutron-server", "neutron-rpc-server", "neutron-ovn-metadata-agent", "ovn-controller"],
  ...["cinder-scheduler", "cinder-volume", "heat-api", "heat-engine"],
];

/** @returns queues that a service reads under its host's name: the topic, and the only host there may be. */
export function serverQueues(stack: Stack): readonly (readonly [topic: string, host: string])[] {
  // Before 2025.1 neutron-server answers agents itself.
  const neutron = ["neutron-rpc-server", "neutron-server"].find(
    (name) => name in composeFile(stack.deployment).services,
  );
  return [
    ["conductor", "nova-conductor"],
    ["scheduler", "nova-scheduler"],
    ["compute", "compute-1"],
    ["q-plugin", neutron ?? ""],
    ["cinder-scheduler", "cinder-scheduler"],
    ["engine", "heat-engine"],
  ];
}

export type Queue = { readonly name: string; readonly consumers: number; readonly expires: boolean };

/** @returns the queues of the stack's broker; `expires`: the broker deletes it some time after its last reader has gone. */
export function queuesOf(stack: Stack): readonly Queue[] {
  const columns = ["name", "consumers", "arguments", "effective_policy_definition"];
  const words = ["rabbitmqctl", "--quiet", "list_queues", "--vhost", "/openstack", "--formatter", "json", ...columns];
  const rows = JSON.parse(stack.compose("exec", "-T", "rabbitmq-server", ...words)) as (Queue &
    Readonly<Record<string, unknown>>)[];
  return rows.map(({ name, consumers, ...more }) => ({
    name,
    consumers,
    expires: /expires/.test(JSON.stringify(more)),
  }));
}

/** @returns the first column of a query, sorted. MariaDB takes its own account at its socket without a password. */
export const rowsOf = (stack: Stack, query: string): readonly string[] =>
  stack
    .compose("exec", "-T", "mysql-server", "mariadb", "-S", "/run/mysqld.sock", "-N", "-e", query)
    .split("\n")
    .filter(Boolean)
    .sort();

/**
 * New containers for all that record their host, as a change of their images makes; waits until they read their queues.
 *
 * @returns for each queue, after how many seconds it was read again.
 */
export async function recreateRecording(stack: Stack): Promise<ReadonlyMap<string, number>> {
  const { services } = composeFile(stack.deployment);
  const there = recording.filter((name) => name in services);
  const awaited = serverQueues(stack).map(([topic, host]) => `${topic}.${host}`);
  const since = performance.now();
  const after = new Map<string, number>();
  stack.compose("up", "--detach", "--no-build", "--pull", "never", "--no-deps", "--force-recreate", ...there);
  await until(
    "new containers to read their queues",
    async () => {
      const read = queuesOf(stack).flatMap(({ name, consumers }) => (consumers > 0 ? [name] : []));
      for (const name of awaited) {
        if (read.includes(name) && !after.has(name)) after.set(name, Math.round((performance.now() - since) / 1000));
      }
      return awaited.every((name) => read.includes(name)) ? true : undefined;
    },
    180_000,
    5000,
  );
  return after;
}
