import type { Diagnostic, Failure } from "./diagnostic.ts";

/**
 * Exit statuses are part of the interface (docs/running.md). 64 to 78 are BSD's sysexits(3), 126 and 127 what a
 * shell gives for a command that cannot be run or is not there, 128+n for a signal.
 */
export const exitStatus: Readonly<Record<Failure, number>> = {
  usage: 64,
  bug: 70,
  dependency: 75,
  configuration: 78,
  "cannot-execute": 126,
  "not-found": 127,
};

/** What each class of failure says to whoever started plinth: in manual pages, and `plinth explain-error`. */
export const failureMeaning: Readonly<Record<Failure, string>> = {
  usage: "a word or an option is wrong",
  bug: "plinth itself failed: report it",
  dependency: "something that is needed was not there in time; starting again may help",
  configuration: "the configuration is wrong; starting again does not help",
  "cannot-execute": "the service's program cannot be executed, or its user cannot be taken on",
  "not-found": "the service's program is not there",
};

/** @returns the status of a process ended by the signal with this number. */
export const signalled = (signal: number): number => 128 + signal;

/** @returns the status for a list of diagnostics: the first error decides; 0 when there are only warnings. */
export function statusOf(diagnostics: readonly Diagnostic[]): number {
  const first = diagnostics.find((diagnostic) => diagnostic.severity === "error");
  return first ? exitStatus[first.failure] : 0;
}
