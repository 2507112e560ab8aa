import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { devStack } from "../../support/stack.ts";
import { docker, lies, type Situation, situations } from "./health-situations.ts";

const release = process.env["VERSION"] ?? "2025.1";
const stack = devStack(release);

/** Seconds until all that is said of a situation must be true: a frozen dependency is noticed within a health check's time. */
const healthyTimeoutSeconds = 60;

/** @returns what was not true in the end. */
async function untilTrue(situation: Situation): Promise<readonly string[]> {
  const limit = Date.now() + healthyTimeoutSeconds * 1000;
  for (;;) {
    const found = await lies(stack.name, situation);
    if (found.length === 0 || Date.now() > limit) return found;
    await sleep(1000);
  }
}

async function all(commands: Situation["make"]): Promise<void> {
  for (const words of commands) {
    const { status, line } = await docker(stack.name, words);
    assert.equal(status, 0, `docker ${words.join(" ")}: ${line}`);
  }
}

describe(`health checks of a whole cloud (${release}) tell the truth`, { timeout: 1_800_000 }, () => {
  before(() => stack.script("up"));

  for (const situation of situations) {
    test(situation.title, async () => {
      await all(situation.make);
      try {
        assert.deepEqual(await untilTrue(situation), []);
      } finally {
        await all(situation.undo);
      }
    });
  }

  test("the cloud is healthy after all of that", async () => {
    assert.deepEqual(await untilTrue({ title: "", make: [], undo: [], truth: {} }), []);
  });
});
