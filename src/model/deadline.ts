import { createContext, Script } from "node:vm";

/** Milliseconds that the patterns of reclass-config.yml have for all names together. They need some thousandths of it. */
const matchTimeoutMs = 2000;

const script = new Script("work()");
const room: { work: () => unknown } = { work: () => undefined };
let context: object | undefined;

/**
 * Does something that may take for ever, such as matching a pattern: V8 tries all ways in which it may match, which for
 * `(a+)+$` doubles with each character. The watchdog of node:vm ends that in the middle of a match.
 *
 * @returns undefined where it takes too long.
 */
export function withDeadline<T>(work: () => T): { readonly made: T } | undefined {
  context ??= createContext(room);
  room.work = work;
  try {
    return { made: script.runInContext(context, { timeout: matchTimeoutMs }) as T };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return undefined;
    throw error;
  }
}

/**
 * @returns whether a pattern takes no longer than the square of the text's length, by its looks: no group is repeated, and
 * there is one repetition, or two behind `^`. Most are like that, and need no watchdog.
 */
export function isQuick({ source }: RegExp): boolean {
  const repetitions = source.match(/[*+{]|(?<!\()\?/g)?.length ?? 0;
  return !/\)[*+?{]/.test(source) && repetitions <= (source.startsWith("^") && !source.includes("|") ? 2 : 1);
}
