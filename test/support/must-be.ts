import type { Result } from "../../src/diagnostics/diagnostic.ts";

/** @returns the value of a result that a test takes for granted. */
export function mustBe<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(
    result.diagnostics.map(({ what, fix, place }) => `${JSON.stringify(place)} ${what} (${fix})`).join("\n"),
  );
}
