/** One test of Tempest: what came of it, and why where that is not "passed". */
export type Outcome = { readonly test: string; readonly result: "passed" | "failed" | "skipped"; why: string };

const results = { ok: "passed", FAILED: "failed", SKIPPED: "skipped" } as const;

/**
 * Reads a line of what `tempest run` prints: `{0} a.test [1.2s] ... ok`, `... SKIPPED: reason`, or `... FAILED`, behind
 * which come the lines of its trace, whose last that is not indented says why. A class that fails before its first test
 * is named `setUpClass (a.Class)`.
 *
 * @param seen is told each line that is an outcome.
 */
export function readLine(outcomes: Outcome[], line: string, seen: (line: string) => void): void {
  const found = /^\{\d+\} (\S+(?: \(\S+\))?) (?:\[\d.*\] )?\.\.\. (ok|FAILED|SKIPPED)(?:: (.*))?$/.exec(line);
  const word = found?.[2] as keyof typeof results | undefined;
  if (found && word) {
    seen(line);
    outcomes.push({ test: found[1] ?? "", result: results[word], why: found[3] ?? "" });
    return;
  }
  const last = outcomes.at(-1);
  // Within the trace of a failure: `    tempest.lib.exceptions.NotFound: ...` comes last.
  if (last?.result !== "failed") return;
  const error =
    /^\s*((?:[\w.]+\.)?[A-Z]\w*(?:Error|Exception|NotFound|Failure|Conflict|Fault|Forbidden|Exceeded|\w+): .*)/.exec(
      line,
    );
  if (error?.[1] && !/^\s*(Details|Captured|Traceback)/.test(line)) last.why = error[1].trim().slice(0, 300);
}

export const countsOf = (outcomes: readonly Outcome[]): Readonly<Record<Outcome["result"], number>> => {
  const count = (result: Outcome["result"]): number => outcomes.filter((one) => one.result === result).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
};

/** The summary: counts, each failure with its reason, the skipped by reason. */
export function tell(outcomes: readonly Outcome[], seconds: number): string {
  const { passed, failed, skipped } = countsOf(outcomes);
  const reasons = Map.groupBy(
    outcomes.filter(({ result }) => result === "skipped"),
    ({ why }) => why,
  );
  return [
    `tempest, smoke: ${passed} passed, ${failed} failed, ${skipped} skipped, in ${seconds} s`,
    ...outcomes.filter(({ result }) => result === "failed").map(({ test, why }) => `  failed   ${test}: ${why}`),
    ...[...reasons].map(([why, rows]) => `  skipped  ${rows.length}: ${why}`),
    "",
  ].join("\n");
}
