/** One test of Tempest: what came of it, and why where that is not "passed". */
export type Outcome = { readonly test: string; readonly result: "passed" | "failed" | "skipped"; why: string };

const results = { ok: "passed", FAILED: "failed", SKIPPED: "skipped" } as const;

/**
 * Reads a line of what `tempest run` prints: `{0} a.test [1.2s] ... ok`, `... SKIPPED: reason`, or `... FAILED`, behind
 * which comes its trace. A class that fails before its first test is named `setUpClass (a.Class)`.
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
  if (last?.result !== "failed") return;
  // Of a failure's trace the exception comes last: `    tempest.lib.exceptions.NotFound: ...`; log lines follow it.
  const error = /^ {4}((?:(?:\w+\.)+\w+|\w+(?:Error|Exception)): .*)/.exec(line)?.[1];
  if (error !== undefined) last.why = error.slice(0, 300);
}

/** What cannot pass against the dev stack, and why: not counted against it. */
const known: Readonly<Record<string, string>> = {
  "tempest.api.identity.admin.v3.test_credentials.CredentialsTestJSON.test_credentials_create_get_update_delete":
    "keystone 27's schema of PATCH /v3/credentials forbids what its documentation allows; keystone 30 lets only `blob` change",
  "tempest.scenario.test_network_basic_ops.TestNetworkBasicOps.test_network_basic_ops":
    "wants a guest with an SSH server, and the network outside in Tempest's container",
};

/** Whether a failure says that something is wrong with the stack. */
export const isUnexpected = ({ test, result }: Outcome): boolean => result === "failed" && !(test in known);

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
    ...outcomes
      .filter(({ result }) => result === "failed")
      .map(({ test, why }) => `  failed   ${test}: ${why}${test in known ? ` (known: ${known[test]})` : ""}`),
    ...[...reasons].map(([why, rows]) => `  skipped  ${rows.length}: ${why}`),
    "",
  ].join("\n");
}
