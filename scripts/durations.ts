/** A reporter for `node --test` that adds, at the end, which files took longest (make test, make e2e): CI has an hour. */
import { resolve } from "node:path";
import type { TestEvent } from "node:test/reporters";

/** How many files are told of. */
const longest = 10;

/**
 * @param source what the test runner tells. @returns a line for each of the files that took longest, from the start of its process to
 * the end: what a file leaves running may keep it long after its last test.
 */
export default async function* durations(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const files: { readonly name: string; readonly seconds: number }[] = [];
  for await (const { type, data } of source) {
    // The runner has a test for each file, called as the file is.
    if (type !== "test:complete" || data.nesting !== 0 || resolve(data.name) !== data.file) continue;
    files.push({ name: data.name, seconds: data.details.duration_ms / 1000 });
  }
  if (files.length === 0) return;
  yield "took longest:\n";
  for (const { name, seconds } of files.sort((one, other) => other.seconds - one.seconds).slice(0, longest)) {
    yield `${seconds.toFixed(1).padStart(7)} s  ${name}\n`;
  }
}
