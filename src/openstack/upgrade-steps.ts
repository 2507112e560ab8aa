import type { CommandRow, NeedRow, ServiceRow } from "./component.ts";

/** Jobs that only an upgrade runs, in the new release's image: nothing of a deployment waits for them. */

const asked = { runs: "one", byHand: true } as const;

/**
 * A part of a component's migrations, with its database's lock held. It has no first schema to begin: that is `db-sync`'s, and an
 * upgrade of a database without a schema is a mistake.
 */
export const upgradeStep = (doc: string, run: CommandRow): ServiceRow => ({
  kind: "job",
  doc,
  run: [run],
  needs: [{ probe: "mysql", from: "database", schema: true }],
  lock: "database",
  workload: asked,
});

/**
 * `COMPONENT-status upgrade check`: 0 without obstacles, 1 with warnings, 2 if something has to be done first
 * (https://docs.openstack.org/nova/latest/cli/nova-status.html, "Return Codes"). Every component has it since stein, nova since ocata.
 */
export const upgradeCheck = (run: CommandRow, needs: readonly NeedRow[] = []): ServiceRow => ({
  kind: "job",
  doc: "Says what stands in the way of this release: ends with 1 for warnings, 2 for what has to be done first.",
  run: [run],
  // A job may work on the same database meanwhile.
  needs: [{ probe: "mysql", from: "database", schema: false }, ...needs],
  workload: asked,
});
