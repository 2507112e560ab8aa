import { readFileSync } from "node:fs";
import { failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { hostMessage } from "./messages.ts";
import { reasonOf } from "./process/accounts.ts";
import { textOf } from "./strings.ts";

const stringsOf = (path: string): readonly string[] => textOf(readFileSync(path)).split("\0").slice(0, -1);

/**
 * What this process was started with, `NAME=VALUE` each, byte for byte and in order (proc_pid_environ(5)). Not process.env:
 * that is empty in the binary, whose Node gets no environment, and without the bytes that are not UTF-8 elsewhere.
 */
export function startingEnvironment(): Result<readonly string[]> {
  try {
    return success(stringsOf("/proc/self/environ"));
  } catch (error) {
    return failure([hostMessage("environment-unreadable", { reason: reasonOf(error) })]);
  }
}

/** @returns the entries by their names. Of a name that stands there twice the first counts, as for getenv(3). */
export function variablesOf(entries: readonly string[]): Readonly<Record<string, string>> {
  const variables = new Map<string, string>();
  for (const entry of entries) {
    const end = entry.indexOf("=");
    const name = entry.slice(0, end);
    if (end > 0 && !variables.has(name)) variables.set(name, entry.slice(end + 1));
  }
  return Object.fromEntries(variables);
}

/** The words after the program's own name. Node has replaced what is not UTF-8 in them by U+FFFD; the kernel still has it. */
export function startingWords(): readonly string[] {
  const words = process.argv.slice(2);
  if (!words.some((word) => word.includes("\ufffd"))) return words;
  const all = stringsOf("/proc/self/cmdline");
  return all.slice(all.length - words.length);
}

/**
 * Sets a variable for the libraries in this process (libuv, the C library), which read it from Node's own environment. The
 * service does not get it: its environment is made of what plinth was started with (handover/plan.ts).
 */
export const setForLibraries = (name: string, value: string): void => {
  process.env[name] = value;
};

/** @returns these variables, as plinth was started with them, once the libraries in this process have them, too. */
export function shareWithLibraries<N extends string>(names: readonly N[]): Readonly<Partial<Record<N, string>>> {
  const started = startingEnvironment();
  const given = started.ok ? variablesOf(started.value) : {};
  const lent = names.filter((name) => given[name] !== undefined);
  for (const name of lent) setForLibraries(name, given[name] as string);
  return Object.fromEntries(lent.map((name) => [name, given[name]])) as Partial<Record<N, string>>;
}
