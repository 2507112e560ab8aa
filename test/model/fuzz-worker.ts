import { parentPort, workerData } from "node:worker_threads";
import { placeText } from "../../src/diagnostics/frame.ts";
import { compileNode } from "../support/model.ts";
import { damagedInventory } from "./fuzz-input.ts";

/** Where the other thread sees which input is being compiled: its number, and how many are done. */
const { at, from, count, until } = workerData as {
  readonly at: Int32Array;
  readonly from: number;
  readonly count: number;
  readonly until: number;
};

/** @returns what is wrong with what came of an input. */
function problemOf(seed: number): string | undefined {
  const { files, node } = damagedInventory(seed);
  try {
    const given = compileNode(files, node);
    if (given.ok) {
      JSON.parse(given.json);
      return undefined;
    }
    if (given.diagnostics.length === 0) return "an error without a diagnostic";
    for (const { what, fix, place } of given.diagnostics) {
      if (what === "" || fix === "") return "a diagnostic without words";
      if (place) placeText(place);
      if (place?.kind === "document" && !(place.line >= 1 && place.column >= 1))
        return `a place at ${place.line}:${place.column}`;
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? String(error.stack) : String(error);
  }
}

for (let seed = from; seed < from + count && Date.now() < until; seed++) {
  Atomics.store(at, 0, seed);
  const problem = problemOf(seed);
  Atomics.add(at, 1, 1);
  if (problem !== undefined) parentPort?.postMessage({ seed, problem });
}
