import type { Plan } from "./plan.ts";

/**
 * What an upgrade's runners note, a line of JSON each, of which the last may be half a line: its writer was killed. Nothing in it is
 * ever changed, so that it tells afterwards what was done when, by whom, and how often it was started again.
 */
export type Noted = { readonly at: string } & (
  | { readonly what: "begun"; readonly from: string; readonly to: string; readonly by: string }
  | { readonly what: "phase begun"; readonly phase: string }
  /** A part of a phase: a job, or a round of containers. */
  | { readonly what: "step done"; readonly phase: string; readonly step: string }
  | { readonly what: "phase done"; readonly phase: string; readonly seconds: number }
  | { readonly what: "phase undone"; readonly phase: string; readonly seconds: number }
  | { readonly what: "stopped"; readonly phase: string; readonly why: string }
  /** All phases are done, or all are undone. */
  | { readonly what: "ended"; readonly on: string }
);

/** Where the last upgrade is. */
export type Progressed = {
  readonly from: string;
  readonly to: string;
  /** When it was first begun. */
  readonly at: string;
  readonly by: readonly string[];
  /** Phases that are done, with their seconds, in the order in which they were. */
  readonly done: ReadonlyMap<string, number>;
  /** Those that were begun, done or not, and not undone since. */
  readonly begun: ReadonlySet<string>;
  /** Those that were undone, in this upgrade or in one of the same pair before it: databases keep what they added. */
  readonly undone: ReadonlySet<string>;
  /** Parts of begun phases that are done: the phase and the step. */
  readonly steps: ReadonlySet<string>;
  /** The release that the cloud is on as a whole; undefined while it is under way. */
  readonly on: string | undefined;
};

export const stepKey = (phase: string, step: string): string => `${phase} ${step}`;

/** @returns the lines that can be read. */
export function readLines(text: string): readonly Noted[] {
  return text.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as Noted];
    } catch {
      return [];
    }
  });
}

/** @returns where the last upgrade is, or undefined where there was none yet. */
export function readRecord(text: string): Progressed | undefined {
  let found: Progressed | undefined;
  for (const line of readLines(text)) {
    if (line.what === "begun") {
      const isPair = found?.from === line.from && found.to === line.to;
      const isSame = isPair && found?.on === undefined;
      const undone: Progressed["undone"] = (isPair && found?.on === line.from && found.undone) || new Set();
      found =
        found && isSame
          ? { ...found, by: [...found.by, line.by] }
          : {
              ...{ from: line.from, to: line.to, at: line.at, by: [line.by], on: undefined },
              ...{ done: new Map(), begun: new Set(), steps: new Set(), undone },
            };
    } else if (found) found = after(found, line);
  }
  return found;
}

function after(before: Progressed, line: Exclude<Noted, { readonly what: "begun" }>): Progressed {
  switch (line.what) {
    case "phase begun":
      return { ...before, begun: new Set([...before.begun, line.phase]) };
    case "step done":
      return { ...before, steps: new Set([...before.steps, stepKey(line.phase, line.step)]) };
    case "phase done":
      return { ...before, done: new Map([...before.done, [line.phase, line.seconds]]) };
    case "phase undone": {
      const others = (steps: ReadonlySet<string>): ReadonlySet<string> =>
        new Set([...steps].filter((step) => !step.startsWith(`${line.phase} `)));
      return {
        ...before,
        done: new Map([...before.done].filter(([phase]) => phase !== line.phase)),
        begun: new Set([...before.begun].filter((phase) => phase !== line.phase)),
        undone: new Set([...before.undone, line.phase]),
        steps: others(before.steps),
      };
    }
    case "ended":
      return { ...before, on: line.on };
    default:
      return before;
  }
}

/** Whether an upgrade was begun that is neither at its end nor undone as a whole. */
export const isUnderWay = (one: Progressed | undefined): one is Progressed =>
  one !== undefined && one.on === undefined && one.begun.size > 0;

/** Whether that upgrade is the one of a plan. */
export const isOf = ({ from, to }: Progressed, plan: Plan): boolean => from === plan.from && to === plan.to;
