import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { written } from "./case.ts";
import { damagedInventory } from "./fuzz-input.ts";

/** As many inputs as ten seconds allow, or FUZZ_INPUTS=100000 node --test test/model/fuzz.test.ts; FUZZ_SEED begins elsewhere. */
const count = Number(process.env["FUZZ_INPUTS"] ?? 0);
const first = Number(process.env["FUZZ_SEED"] ?? 1);
const until = count > 0 ? Number.MAX_SAFE_INTEGER : Date.now() + 10_000;

/** Longer than this no input may take. */
const inputTimeoutMs = 5_000;

const shown = (seed: number, problem: string): string => {
  const { files, node } = damagedInventory(seed);
  return `seed ${seed}, node ${node}: ${problem}\n${written(files).slice(0, 4000)}`;
};

/** Ends the worker if one input keeps it too long. @returns the input's number. */
async function hanging(worker: Worker, at: Int32Array, ended: { readonly yes: boolean }): Promise<number | undefined> {
  for (let [seed, since] = [-1, Date.now()]; !ended.yes; await sleep(100)) {
    const now = Atomics.load(at, 0);
    if (now !== seed) [seed, since] = [now, Date.now()];
    if (Date.now() - since <= inputTimeoutMs) continue;
    await worker.terminate();
    return seed;
  }
  return undefined;
}

test("damaged inventories give a value or diagnostics, in bounded time and memory", async (t) => {
  const at = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL("fuzz-worker.ts", import.meta.url), {
    workerData: { at, from: first, count: count || Number.MAX_SAFE_INTEGER, until },
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  });
  const problems: string[] = [];
  const ended = { yes: false };
  worker.on("message", ({ seed, problem }) => problems.length < 20 && problems.push(shown(seed, problem)));
  worker.on("error", (error) => problems.push(shown(Atomics.load(at, 0), String(error))));
  const exit = once(worker, "exit").then(() => {
    ended.yes = true;
  });
  const hung = await hanging(worker, at, ended);
  await exit;
  if (hung !== undefined) problems.push(shown(hung, `takes more than ${inputTimeoutMs} ms`));
  t.diagnostic(`${Atomics.load(at, 1)} damaged inventories from seed ${first}`);
  assert.equal(problems.length, 0, `\n${problems.join("\n\n")}`);
});
