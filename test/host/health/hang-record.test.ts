import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type HangRecord, updateRecord } from "../../../src/host/health/hang-record.ts";
import type { Failing, Liveness } from "../../../src/host/health/verdict.ts";

const failing = (how: Failing): Liveness => ({ is: "failing", how, reason: "" });
const answering: Liveness = { is: "answering" };
const waiting: Liveness = { is: "excused", away: false };
const away: Liveness = { is: "excused", away: true };

/** Asks every five seconds, each answer at once. @returns after how many seconds of the last kind of answer it hangs. */
function hangsAfter(
  record: HangRecord,
  lives: readonly (readonly [seconds: number, life: Liveness])[],
): number | undefined {
  let now = record.since;
  let begun = now;
  for (const [seconds, life] of lives) {
    begun = now;
    for (const end = now + seconds; now < end; now += 5) {
      const { record: next, left } = updateRecord(record, life, now, now);
      record = next;
      if (left !== undefined && left <= 0) return now - begun;
    }
  }
  return undefined;
}

const started: HangRecord = { process: "7 1", since: 100, answered: false };
const works: HangRecord = { ...started, answered: true };

describe("a service hangs", () => {
  const rows: readonly (readonly [string, HangRecord, Parameters<typeof hangsAfter>[1], number | undefined])[] = [
    ["that is stopped", works, [[60, failing("stopped")]], 10],
    ["that is stopped while it starts", started, [[60, failing("stopped")]], 10],
    [
      "that is stopped after it was absent for a while, which is not counted",
      started,
      [
        [60, failing("absent")],
        [60, failing("stopped")],
      ],
      10,
    ],
    ["whose network is gone", works, [[60, failing("cut off")]], 15],
    ["that is silent", works, [[60, failing("silent")]], 15],
    ["that listens nowhere, after the time that connecting again takes", works, [[300, failing("absent")]], 120],
    [
      "that was silent, and was then given up by the broker",
      works,
      [
        [10, failing("silent")],
        [300, failing("absent")],
      ],
      110,
    ],
    [
      "that is silent once it has answered",
      started,
      [
        [5, answering],
        [60, failing("silent")],
      ],
      15,
    ],
    ["whose start takes longer than any", started, [[900, failing("absent")]], 600],
    [
      "that is silent long after something was away",
      works,
      [
        [30, away],
        [300, answering],
        [60, failing("silent")],
      ],
      15,
    ],
  ];
  for (const [title, record, lives, after] of rows) {
    test(title, () => assert.equal(hangsAfter(record, lives), after));
  }
});

describe("a service does not hang", () => {
  const rows: readonly (readonly [string, HangRecord, Parameters<typeof hangsAfter>[1]])[] = [
    [
      "that answers, waits, or whose dependencies are away, however long",
      works,
      [
        [900, answering],
        [900, waiting],
        [900, away],
      ],
    ],
    [
      "that answers between two silences",
      works,
      [
        [15, failing("silent")],
        [5, answering],
        [15, failing("silent")],
      ],
    ],
    [
      "that is busy between two silences",
      works,
      [
        [15, failing("silent")],
        [5, waiting],
        [15, failing("silent")],
      ],
    ],
    [
      "that connects again after its broker was away",
      works,
      [
        [60, away],
        [90, failing("absent")],
        [5, answering],
      ],
    ],
    [
      "that is silent for a while after its database was away",
      works,
      [
        [60, away],
        [90, failing("silent")],
        [5, answering],
      ],
    ],
    [
      "that starts on a slow machine",
      started,
      [
        [300, failing("absent")],
        [200, failing("silent")],
        [5, answering],
      ],
    ],
    [
      "that a debugger has let go",
      works,
      [
        [5, failing("stopped")],
        [60, answering],
        [5, failing("stopped")],
      ],
    ],
  ];
  for (const [title, record, lives] of rows) test(title, () => assert.equal(hangsAfter(record, lives), undefined));
});
