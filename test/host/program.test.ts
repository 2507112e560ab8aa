import assert from "node:assert/strict";
import { test } from "node:test";
import { findProgram } from "../../src/host/process/program.ts";

for (const [title, command, environment] of [
  ["one argument over 128 KiB", ["/bin/true", "x".repeat(131_072)], []],
  ["one variable over 128 KiB", ["/bin/true"], [`LONG=${"x".repeat(131_072)}`]],
  ["2 MiB in all", ["/bin/true", ...Array.from({ length: 30 }, () => "x".repeat(100_000))], []],
] as const) {
  test(`what execve would refuse is detected before the call: ${title}`, () => {
    const found = findProgram(command, environment, "service");
    assert.ok("problem" in found);
    assert.deepEqual([found.problem.code, found.problem.failure], ["command-not-executable", "cannot-execute"]);
  });
}
