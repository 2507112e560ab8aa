import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, test } from "node:test";
import { makeFirstKeys, rotateKeys } from "../../src/host/keys.ts";
import type { Rotated } from "../../src/secrets/rotation.ts";
import { workDirectory } from "../support/plinth.ts";

const work = workDirectory();
const hour = 3_600_000;
const born = Date.UTC(2026, 0, 1);
let directory = "";
let count = 0;

/** The keys there are, in order. */
const names = (): readonly number[] =>
  readdirSync(directory)
    .map(Number)
    .sort((one, other) => one - other);
const key = (name: number): string => readFileSync(join(directory, String(name)), "utf8");

/** Rotates as if it were so many hours after the first keys were made: what is new gets that time. */
function rotate(hours: number, keep = 3): Rotated {
  const now = born + hours * hour;
  const before = new Set(readdirSync(directory).map((name) => statSync(join(directory, name)).ino));
  const rotated = rotateKeys(directory, { keep, lifetimeMs: 12 * hour, settleMs: 0 }, now);
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    if (!before.has(statSync(path).ino)) utimesSync(path, now / 1000, now / 1000);
  }
  return rotated;
}

describe("a repository of fernet keys", () => {
  beforeEach(() => {
    directory = join(work, String(count++));
    mkdirSync(directory);
    assert.ok(makeFirstKeys(directory));
    for (const name of ["0", "1"]) utimesSync(join(directory, name), born / 1000, born / 1000);
  });

  test("has a staged and a primary key, which a second run leaves alone", () => {
    const [staged, primary] = [key(0), key(1)];
    assert.match(primary, /^[\w-]{43}=$/);
    assert.equal(makeFirstKeys(directory), false);
    assert.deepEqual([key(0), key(1)], [staged, primary]);
  });

  test("makes the staged key primary on rotation, keeps the primary one, and logs nobody out", () => {
    const [staged, primary] = [key(0), key(1)];
    assert.deepEqual(rotate(1), { primary: 2 });
    assert.deepEqual(names(), [0, 1, 2]);
    assert.deepEqual([key(1), key(2)], [primary, staged]);
    assert.notEqual(key(0), staged);
  });

  test("is not rotated by a second host on the same timetable, which would end valid tokens", () => {
    rotate(1);
    assert.deepEqual(rotate(1.5), { early: { key: 1, signedMs: hour / 2 } });
    assert.deepEqual(names(), [0, 1, 2]);
  });

  test("is rotated again once the removed key's tokens have expired, whatever number of keys is kept", () => {
    rotate(1);
    assert.deepEqual(rotate(13), { primary: 3 });
    assert.deepEqual(names(), [0, 2, 3]);
    assert.ok("early" in rotate(24.9));
    assert.deepEqual(rotate(25), { primary: 4 });
    assert.deepEqual(names(), [0, 3, 4]);
  });

  test("can be rotated more often if more keys are kept", () => {
    for (const [index, hours] of [4, 8, 12, 16, 20].entries()) {
      assert.deepEqual(rotate(hours, 5), { primary: index + 2 });
    }
    assert.deepEqual(names(), [0, 3, 4, 5, 6]);
    assert.ok("early" in rotate(21, 5));
  });

  test("loses all surplus keys at once if fewer are kept than before", () => {
    for (const hours of [4, 8, 12, 16]) rotate(hours, 9);
    assert.ok("early" in rotate(17, 3));
    assert.deepEqual(rotate(40, 3), { primary: 6 });
    assert.deepEqual(names(), [0, 5, 6]);
  });

  test("gets a staged key after a killed rotation, without another rotation", () => {
    renameSync(join(directory, "0"), join(directory, "2"));
    assert.deepEqual(rotate(1), { primary: 2 });
    assert.deepEqual(names(), [0, 1, 2]);
  });
});
