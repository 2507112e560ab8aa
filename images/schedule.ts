/** Something to be done, once what it stands on is done. */
export type Task = { readonly name: string; readonly parent: string | null };

/** Where a task is; one that is not named waits. `skipped` has the task that failed. */
export type State = "running" | "done" | "failed" | { readonly skipped: string };

/** How many stand on a task, directly or not. */
function standingOn({ name }: Task, tasks: readonly Task[]): number {
  const children = tasks.filter(({ parent }) => parent === name);
  return children.reduce((sum, child) => sum + 1 + standingOn(child, tasks), 0);
}

/**
 * @returns the tasks that may start now. Those that most others stand on come first, since all of these wait for them;
 * else the order is that of `tasks`.
 */
export function startable<T extends Task>(tasks: readonly T[], states: ReadonlyMap<string, State>): readonly T[] {
  const known = new Set(tasks.map(({ name }) => name));
  const ready = tasks.filter(
    ({ name, parent }) => !states.has(name) && (parent === null || !known.has(parent) || states.get(parent) === "done"),
  );
  return ready.toSorted((one, other) => standingOn(other, tasks) - standingOn(one, tasks));
}

/** @returns the tasks that wait for one that failed or was skipped, each with the one that failed. */
export function hopeless<T extends Task>(
  tasks: readonly T[],
  states: ReadonlyMap<string, State>,
): readonly { readonly task: T; readonly failed: string }[] {
  return tasks.flatMap((task) => {
    const below = task.parent === null ? undefined : states.get(task.parent);
    if (states.has(task.name) || task.parent === null || below === undefined) return [];
    if (below === "failed") return [{ task, failed: task.parent }];
    return typeof below === "object" ? [{ task, failed: below.skipped }] : [];
  });
}

/**
 * Does tasks side by side, each after the one that it stands on. One that fails stops nothing but what stands on it.
 *
 * @param jobs how many run at the same time.
 * @param run does one. @returns whether that went well.
 * @param skip is told of each that was not tried, and which failed below it.
 */
export async function inOrder<T extends Task>(
  tasks: readonly T[],
  jobs: number,
  run: (task: T) => Promise<boolean>,
  skip: (task: T, failed: string) => void,
): Promise<void> {
  const states = new Map<string, State>();
  const running = new Map<string, Promise<void>>();
  const begin = async (task: T): Promise<void> => {
    const well = await run(task);
    states.set(task.name, well ? "done" : "failed");
    running.delete(task.name);
    for (let lost = hopeless(tasks, states); lost.length > 0; lost = hopeless(tasks, states)) {
      for (const { task: above, failed } of lost) {
        states.set(above.name, { skipped: failed });
        skip(above, failed);
      }
    }
  };
  for (;;) {
    for (const task of startable(tasks, states).slice(0, Math.max(0, jobs - running.size))) {
      states.set(task.name, "running");
      running.set(task.name, begin(task));
    }
    if (running.size === 0) return;
    await Promise.race(running.values());
  }
}
