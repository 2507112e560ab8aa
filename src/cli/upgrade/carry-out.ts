import { setTimeout as sleep } from "node:timers/promises";
import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import type { Driver, Held } from "../../upgrade/driver.ts";
import type { Phase } from "../../upgrade/plan.ts";
import type { Noted } from "../../upgrade/record.ts";
import { runMessage } from "../../upgrade/run-messages.ts";
import type { Left, Step, Wanted } from "../../upgrade/todo.ts";

/** Milliseconds between two looks whether a container serves. */
const glance = 1000;

/** A container that the engine had to start again so often does not come up by itself. */
const mostRestarts = 4;

/** What it takes to carry a plan out. */
export type Carrying = {
  readonly driver: Driver;
  readonly held: Held;
  /** Milliseconds that a container may take until it serves. */
  readonly readyTimeoutMs: number;
  /** Where the databases' backup goes. */
  readonly backup: string;
  readonly say: (text: string) => void;
};

/** One line of the record. */
type Line = Noted extends infer N ? (N extends Noted ? Omit<N, "at"> : never) : never;

/** Adds to the record. Fails where the lock is lost, after which nothing may be done any more. */
export async function note({ held }: Pick<Carrying, "held">, line: Line): Promise<Result<undefined>> {
  const lost = lostOf(held);
  return lost ?? held.note(JSON.stringify({ at: new Date().toISOString(), ...line }));
}

function lostOf({ lost }: Held) {
  if (!lost.aborted) return undefined;
  return failure([runMessage("upgrade-lock-lost", { reason: (lost.reason as Error).message })]);
}

/** Waits until each container says itself that it can serve. */
async function untilReady(
  names: readonly string[],
  { driver, readyTimeoutMs, held }: Carrying,
): Promise<Result<undefined>> {
  const began = performance.now();
  const waits = names.map(async (container): Promise<Result<undefined>> => {
    for (;;) {
      const unready = await driver.unready(container);
      if (unready === undefined) return success(undefined);
      const lost = lostOf(held);
      if (lost) return lost;
      const waited = performance.now() - began;
      if (waited > readyTimeoutMs || unready.restarts >= mostRestarts) {
        const [seconds, last] = [Math.round(waited / 1000), await driver.lastWords(container)];
        return failure([runMessage("upgrade-not-well", { container, reason: unready.reason, seconds, last })]);
      }
      await sleep(glance);
    }
  });
  const wrong = (await Promise.all(waits)).flatMap((one) => (one.ok ? [] : one.diagnostics));
  return wrong.length > 0 ? failure(wrong) : success(undefined);
}

/** Replaces what has another image than it should have, and waits for all: whoever was killed may have replaced it before. */
async function replace(
  containers: readonly Wanted[],
  of: "from" | "to",
  carrying: Carrying,
): Promise<Result<undefined>> {
  const { driver } = carrying;
  const seen = await driver.look();
  if (!seen.ok) return seen;
  const others = containers.filter(({ name, image }) => {
    const one = seen.value.get(name);
    return one?.image !== image || one.state !== "running";
  });
  if (others.length > 0) {
    const replaced = await driver.replace(
      others.map(({ name }) => name),
      of,
    );
    if (!replaced.ok) return replaced;
  }
  return untilReady(
    containers.map(({ name }) => name),
    carrying,
  );
}

async function runJob(step: Extract<Step, { readonly do: "job" }>, { driver }: Carrying): Promise<Result<undefined>> {
  const { job } = step;
  const ran = await driver.runJob(job);
  if (!ran.ok) return ran;
  const { status, last } = ran.value;
  if (job.accepts.includes(status)) return success(undefined);
  const accepts = job.accepts.join(" or ");
  return failure([runMessage("upgrade-job-failed", { job: step.name.replace(/^job /, ""), status, accepts, last })]);
}

async function carryOut(step: Step, carrying: Carrying): Promise<Result<undefined>> {
  const { driver, backup, say } = carrying;
  switch (step.do) {
    case "images": {
      const absent = await driver.absent(step.images);
      if (!absent.ok) return absent;
      if (absent.value.length === 0) return success(undefined);
      const release = absent.value[0]?.replace(/^.*:/, "") ?? "";
      return failure([runMessage("upgrade-images-missing", { images: absent.value, release })]);
    }
    case "backup": {
      const size = await driver.backUp(backup);
      if (!size.ok) return size;
      say(`        ${(size.value / 1e6).toFixed(1)} MB in ${backup}`);
      return success(undefined);
    }
    case "job":
      return runJob(step, carrying);
    case "replace":
      return replace(step.containers, step.of, carrying);
    case "restart": {
      const done = await driver.restart(step.names);
      return done.ok ? untilReady(step.names, carrying) : done;
    }
    case "stop":
      return driver.stop(step.names);
    case "remove":
      return driver.remove(step.names);
  }
}

async function steps({ phase, steps }: Left, carrying: Carrying): Promise<Result<undefined>> {
  for (const [index, step] of steps.entries()) {
    // The round before may be of the same services: who sends them requests has to know that they serve.
    if (index > 0 && step.do === "replace") await carrying.driver.noticed();
    const done = await carryOut(step, carrying);
    if (!done.ok) return done;
    const noted = await note(carrying, { what: "step done", phase: phase.id, step: step.name });
    if (!noted.ok) return noted;
  }
  return success(undefined);
}

type Ends = "phase done" | "phase undone";

/**
 * Carries phases out, one after the other, and notes each. Ends with the first that fails, which is noted, too.
 *
 * @param before how many were done before. @param all how many there are.
 */
export async function carry(
  phases: readonly Left[],
  ends: Ends,
  before: number,
  all: number,
  carrying: Carrying,
): Promise<Result<undefined>> {
  const { say } = carrying;
  const began = performance.now();
  const seconds = (since: number): number => Math.round((performance.now() - since) / 100) / 10;
  for (const [index, one] of phases.entries()) {
    const { phase } = one;
    const number = `${String(before + index + 1).padStart(String(all).length)}/${all}`;
    say(`${seconds(began).toFixed(0).padStart(4)} s  [${number}] ${phase.id}: ${titleOf(phase, ends)}`);
    const since = performance.now();
    const begun =
      ends === "phase done" ? await note(carrying, { what: "phase begun", phase: phase.id }) : success(undefined);
    if (!begun.ok) return begun;
    const done = await steps(one, carrying);
    if (!done.ok) {
      const why = done.diagnostics.map(({ what }) => what).join("; ");
      await note(carrying, { what: "stopped", phase: phase.id, why });
      return done;
    }
    const noted = await note(carrying, { what: ends, phase: phase.id, seconds: seconds(since) });
    if (!noted.ok) return noted;
  }
  return success(undefined);
}

const titleOf = (phase: Phase, ends: Ends): string =>
  ends === "phase done" ? phase.title : `undone: ${phase.back.how}`;
