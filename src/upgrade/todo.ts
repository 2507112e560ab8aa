import type { Job, Phase, Plan, Rolled } from "./plan.ts";
import { type Progressed, stepKey } from "./record.ts";

/** A container, and the image that it is to have. */
export type Wanted = { readonly name: string; readonly image: string };

/**
 * One thing that is done as a whole, and not again once it is noted. `name` is the same in each run. Of a round of containers each is of
 * another service: they can be replaced side by side, while other containers of the same services serve.
 */
export type Step = { readonly name: string } & (
  | { readonly do: "images"; readonly images: readonly string[] }
  | { readonly do: "backup" }
  | { readonly do: "job"; readonly job: Job }
  | { readonly do: "replace"; readonly of: Job["of"]; readonly containers: readonly Wanted[] }
  | { readonly do: "restart" | "stop" | "remove"; readonly names: readonly string[] }
);

/** The first of each list, then the second of each, ... */
function rounds<T>(lists: readonly (readonly T[])[]): readonly (readonly T[])[] {
  const length = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length }, (_, index) => lists.flatMap((list) => list.slice(index, index + 1)));
}

const wanted = (names: readonly string[], image: string | null): readonly Wanted[] =>
  image === null ? [] : names.map((name) => ({ name, image }));

const named = (what: string, names: readonly string[]): string => `${what} ${names.join(" ")}`;

function replacing(lists: readonly (readonly Wanted[])[], of: Job["of"]): readonly Step[] {
  return rounds(lists).map((containers) => ({
    do: "replace",
    name: named(
      "replace",
      containers.map(({ name }) => name),
    ),
    of,
    containers,
  }));
}

function removing(names: readonly string[]): readonly Step[] {
  return names.length > 0 ? [{ do: "remove", name: named("remove", names), names }] : [];
}

/** Containers that only the first list has. */
const only = (one: readonly string[], other: readonly string[]): readonly string[] =>
  one.filter((name) => !other.includes(name));

const jobStep = (job: Job): Step => ({ do: "job", name: ["job", job.workload, ...job.command].join(" "), job });

function rolling(services: readonly Rolled[]): readonly Step[] {
  const of = (...changes: readonly Rolled["change"][]) => services.filter(({ change }) => changes.includes(change));
  const stopped = of("stopped").flatMap(({ containers }) => containers.before);
  const gone = services.flatMap(({ change, containers }) =>
    change === "goes" || change === "replaced" ? only(containers.before, containers.after) : [],
  );
  return [
    ...(stopped.length > 0 ? [{ do: "stop", name: named("stop", stopped), names: stopped } as const] : []),
    ...replacing(
      of("replaced", "appears").map(({ containers, after }) => wanted(containers.after, after)),
      "to",
    ),
    ...rounds(of("restarted").map(({ containers }) => containers.after)).map(
      (names): Step => ({ do: "restart", name: named("restart", names), names }),
    ),
    ...removing(gone),
  ];
}

/** @returns every image of the later release that the plan has a use for. */
export const imagesOf = ({ phases }: Plan): readonly string[] => [
  ...new Set(
    phases.flatMap(({ jobs, services }) => [
      ...jobs.flatMap(({ of, image }) => (of === "to" ? [image] : [])),
      ...services.flatMap(({ after }) => after ?? []),
    ]),
  ),
];

/** @returns what a phase consists of, in its order. */
export function stepsOf(phase: Phase, plan: Plan): readonly Step[] {
  if (phase.what === "images") return [{ do: "images", name: "images", images: imagesOf(plan) }];
  if (phase.what === "backup") return [{ do: "backup", name: "backup" }];
  return [...phase.jobs.map(jobStep), ...rolling(phase.services)];
}

/** @returns what undoes a phase. A phase that was done in part is undone as a whole: what is as it was, stays. */
export function backSteps(phase: Phase): readonly Step[] {
  const services = phase.services.toReversed();
  const lists = services.flatMap(({ change, containers, before }) =>
    change === "appears" || change === "restarted" ? [] : [wanted(containers.before.toReversed(), before)],
  );
  const extra = services.flatMap(({ change, containers }) =>
    change === "appears" || change === "replaced" ? only(containers.after, containers.before) : [],
  );
  return [...phase.back.jobs.map(jobStep), ...replacing(lists, "from"), ...removing(extra)];
}

/** A phase, and what of it is left to do. */
export type Left = { readonly phase: Phase; readonly steps: readonly Step[] };

/**
 * What is left of a plan.
 *
 * @param until the last phase that is wanted; left out, all.
 */
export function left(plan: Plan, progressed: Progressed | undefined, until?: string): readonly Left[] {
  const last = until === undefined ? plan.phases.length - 1 : plan.phases.findIndex(({ id }) => id === until);
  return plan.phases
    .slice(0, last + 1)
    .filter(({ id }) => !progressed?.done.has(id))
    .map((phase) => ({
      phase,
      steps: stepsOf(phase, plan).filter(({ name }) => !progressed?.steps.has(stepKey(phase.id, name))),
    }));
}

/** What of a plan is to be undone, from the last phase that was begun to the first; or the phase for which that is too late. */
export function undoing(
  plan: Plan,
  progressed: Progressed,
): { readonly phases: readonly Left[] } | { readonly tooLate: Phase } {
  const begun = plan.phases.filter(({ id }) => progressed.begun.has(id));
  const tooLate = begun.find(({ back }) => !back.possible);
  if (tooLate) return { tooLate };
  return { phases: begun.toReversed().map((phase) => ({ phase, steps: backSteps(phase) })) };
}
