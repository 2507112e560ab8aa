/** A reporter for `node --test` that adds, at the end, how many tests were skipped and what they lacked (make test). */
import type { TestEvent } from "node:test/reporters";

/**
 * @param source what the test runner tells. @returns lines, one for each reason; none where nothing was skipped.
 */
export default async function* skipped(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const reasons = new Map<string, number>();
  for await (const { type, data } of source) {
    if (type !== "test:pass" || data.skip === undefined || data.skip === false) continue;
    const reason = typeof data.skip === "string" ? data.skip : "no reason given";
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  if (reasons.size === 0) return;
  const all = [...reasons].sort(([one], [other]) => one.localeCompare(other));
  const sum = all.reduce((total, [, count]) => total + count, 0);
  yield `skipped: ${sum} tests and groups of tests, since something is missing here:\n`;
  for (const [reason, count] of all) yield `${String(count).padStart(5)}  ${reason}\n`;
}
