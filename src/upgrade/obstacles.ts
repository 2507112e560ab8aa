import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Seen } from "./driver.ts";
import type { Plan } from "./plan.ts";
import { isOf, isUnderWay, type Progressed } from "./record.ts";
import { runMessage } from "./run-messages.ts";

/** A container that one of the two releases has, with its images there. */
type Known = {
  readonly before: string | null;
  readonly after: string | null;
  /** A phase that was begun may have changed it. */
  readonly touched: boolean;
};

/** @returns each container of a service that the plan changes. */
function knownOf({ phases }: Plan, progressed: Progressed | undefined): ReadonlyMap<string, Known> {
  const known = new Map<string, Known>();
  for (const { id, services } of phases) {
    for (const { containers, before, after } of services) {
      const touched = progressed?.begun.has(id) === true;
      for (const name of new Set([...containers.before, ...containers.after])) {
        const one = known.get(name);
        known.set(name, {
          before: containers.before.includes(name) ? before : null,
          after: containers.after.includes(name) ? after : null,
          touched: touched || one?.touched === true,
        });
      }
    }
  }
  return known;
}

/** @returns what the model says and the later release refuses: its images cannot be built, and so nothing is begun. */
export const refusals = ({ affected, to }: Plan): readonly Diagnostic[] =>
  affected
    .filter(({ refused }) => refused)
    .map(({ section, option, file, image, own }) =>
      runMessage("upgrade-option-refused", {
        option: [section, option].filter((one) => one !== null).join(" "),
        ...{ file: file ?? image, to, places: own.map(({ place }) => place) },
      }),
    );

/**
 * What keeps an upgrade from going on, given the containers as they are.
 *
 * @param progressed what an earlier run of any upgrade of this deployment noted.
 */
export function obstaclesOf(
  plan: Plan,
  progressed: Progressed | undefined,
  seen: ReadonlyMap<string, Seen>,
): readonly Diagnostic[] {
  if (isUnderWay(progressed) && !isOf(progressed, plan)) {
    return [runMessage("upgrade-other-under-way", { other: progressed, asked: plan })];
  }
  const own = isUnderWay(progressed) ? progressed : undefined;
  const known = [...knownOf(plan, own)];
  const isNew = ([name, { after }]: readonly [string, Known]): boolean =>
    after === null || seen.get(name)?.image === after;
  if (own === undefined && known.length > 0 && known.every(isNew)) {
    return [runMessage("upgrade-done-already", { to: plan.to })];
  }
  const kept = plan.kept.flatMap(({ workload }) => (seen.has(workload) ? [] : [workload]));
  return [
    ...kept.map((container) => runMessage("upgrade-container-absent", { container, state: undefined })),
    ...known.flatMap(([container, { before, after, touched }]) => {
      const one = seen.get(container);
      if (!one) {
        const isFine = touched || before === null;
        return isFine ? [] : [runMessage("upgrade-container-absent", { container, state: undefined })];
      }
      const images = [before, after].filter((image) => image !== null);
      if (!images.includes(one.image)) {
        return [runMessage("upgrade-container-strange", { container, image: one.image, known: images })];
      }
      if (one.state === "running" || touched) return [];
      return [runMessage("upgrade-container-absent", { container, state: one.state })];
    }),
  ];
}

/** What of a component's databases has to be at which revisions before it is changed. */
export type Expected = { readonly component: string; readonly database: string; readonly revisions: readonly string[] };

const sorted = (revisions: readonly string[]): string => [...revisions].sort().join(", ") || "no revision";

/**
 * @param expected the revisions that the images of the older release come to. @param schemas what the databases note.
 * @returns databases that are at others, unless a phase of their component was begun, which may have moved them, undone since or not.
 */
export function schemaObstacles(
  plan: Plan,
  progressed: Progressed | undefined,
  expected: readonly Expected[],
  schemas: ReadonlyMap<string, readonly string[]>,
): readonly Diagnostic[] {
  const own = progressed !== undefined && isOf(progressed, plan) && progressed.on !== plan.to ? progressed : undefined;
  const isMoved = (id: string): boolean => own?.begun.has(id) === true || own?.undone.has(id) === true;
  const moved = new Set(plan.phases.flatMap(({ id, component }) => (isMoved(id) ? [component] : [])));
  return expected.flatMap(({ component, database, revisions }) => {
    const has = schemas.get(database);
    if (moved.has(component) || has === undefined || sorted(has) === sorted(revisions)) return [];
    return [
      runMessage("upgrade-schema-strange", {
        ...{ database, release: plan.from },
        ...{ has: sorted(has), wants: sorted(revisions) },
      }),
    ];
  });
}
