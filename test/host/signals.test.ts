import assert from "node:assert/strict";
import { constants } from "node:os";
import { test } from "node:test";
import { answers, ending } from "../../src/host/process/signals.ts";

test("signals have the numbers that the system gives them", () => {
  const known: Readonly<Record<string, number>> = constants.signals;
  for (const [name, number] of Object.entries({ ...ending, ...answers })) assert.equal(number, known[name], name);
});
