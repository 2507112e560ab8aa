import type { Job, Phase, Plan, Rolled } from "../../src/upgrade/plan.ts";
import type { Noted } from "../../src/upgrade/record.ts";

/** A plan that is small enough to be read, with a phase of each kind. */

const job = (workload: string, of: Job["of"] = "to"): Job => ({
  ...{ workload, of, service: workload.replace(/^\w+-/, ""), command: [], accepts: [0] },
  image: `p/${workload.split("-")[0]}:${of === "to" ? "2" : "1"}`,
});

const rolled = (workload: string, count: number, change: Rolled["change"] = "replaced"): Rolled => {
  const names = Array.from({ length: count }, (_, index) => (index === 0 ? workload : `${workload}-${index + 1}`));
  return {
    ...{ workload, change, image: workload, service: workload, rollout: "overlap" },
    before: change === "appears" ? null : `p/${workload}:1`,
    after: change === "goes" ? null : `p/${workload}:2`,
    containers: { before: change === "appears" ? [] : names, after: change === "goes" ? [] : names },
  };
};

const phase = (id: string, what: Phase["what"], more: Partial<Phase> = {}): Phase => ({
  ...{ id, what, title: id, why: "", component: id.split("-")[0] ?? null, jobs: [], services: [], waits: [] },
  ...{ settings: [], commands: [], back: { possible: true, how: "", jobs: [], commands: [] } },
  ...more,
});

const final = { possible: false, how: "the backup is the only way back", jobs: [], commands: [] };

export const phases: readonly Phase[] = [
  phase("images", "images", { component: null }),
  phase("backup", "backup", { component: null }),
  phase("one-expand", "expand", { jobs: [job("one-expand")] }),
  phase("one-roll", "roll", {
    services: [
      rolled("one-api", 2),
      rolled("one-worker", 1),
      rolled("one-new", 1, "appears"),
      rolled("one-old", 1, "goes"),
    ],
    back: { possible: true, how: "", jobs: [job("one-versions", "from")], commands: [] },
  }),
  phase("one-unpin", "unpin", { services: [rolled("one-api", 2, "restarted")] }),
  phase("one-contract", "contract", { jobs: [job("one-contract")], back: final }),
];

export const plan = {
  ...{ format: 1, from: "1", to: "2", deployment: "p", engine: "compose", phases },
  kept: [{ workload: "database", image: "p/database:1", why: "" }],
} as unknown as Plan;

/** A record as runners leave it. */
export const recordOf = (
  ...lines: readonly (Noted extends infer N ? (N extends Noted ? Omit<N, "at"> : never) : never)[]
) => lines.map((line) => JSON.stringify({ at: "2026-01-01T00:00:00Z", ...line })).join("\n");

export const begun = { what: "begun", from: "1", to: "2", by: "somebody" } as const;
export const done = (phase: string) =>
  [
    { what: "phase begun", phase },
    { what: "phase done", phase, seconds: 1 },
  ] as const;
