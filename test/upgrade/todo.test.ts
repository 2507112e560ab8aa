import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isUnderWay, type Progressed, readRecord } from "../../src/upgrade/record.ts";
import { backSteps, left, stepsOf, undoing } from "../../src/upgrade/todo.ts";
import { begun, done, phases, plan, recordOf } from "./sample.ts";

const must = (text: string): Progressed => {
  const read = readRecord(text);
  assert.ok(read);
  return read;
};

const names = (phase: string): readonly string[] =>
  stepsOf(phases.find(({ id }) => id === phase) as (typeof phases)[0], plan).map(({ name }) => name);

describe("what a phase consists of", () => {
  const cases: readonly (readonly [phase: string, steps: readonly string[]])[] = [
    ["images", ["images"]],
    ["backup", ["backup"]],
    ["one-expand", ["job one-expand"]],
    // Services side by side, containers of one service one after the other, and what is gone last.
    ["one-roll", ["replace one-api one-worker one-new", "replace one-api-2", "remove one-old"]],
    ["one-unpin", ["restart one-api", "restart one-api-2"]],
  ];
  for (const [phase, steps] of cases) test(phase, () => assert.deepEqual(names(phase), steps));

  test("lists the images of the later release, each once", () => {
    const [step] = stepsOf(phases[0] as (typeof phases)[0], plan);
    assert.ok(step?.do === "images");
    assert.deepEqual(step.images, ["p/one:2", "p/one-api:2", "p/one-worker:2", "p/one-new:2"]);
  });
});

describe("what is left to do", () => {
  const step = (phase: string, step: string) => ({ what: "step done", phase, step }) as const;
  const all = phases.map(({ id }) => id);
  const cases: readonly (readonly [
    what: string,
    record: string,
    until: string | undefined,
    left: readonly string[],
  ])[] = [
    ["everything, where nothing was noted", "", undefined, all],
    ["everything, where it was begun only", recordOf(begun), undefined, all],
    [
      "what comes after phases that are done",
      recordOf(begun, ...done("images"), ...done("backup")),
      undefined,
      all.slice(2),
    ],
    [
      "a phase that was begun and not done",
      recordOf(begun, ...done("images"), { what: "phase begun", phase: "backup" }),
      undefined,
      all.slice(1),
    ],
    ["nothing behind --until", recordOf(begun, ...done("images")), "one-expand", ["backup", "one-expand"]],
    [
      "the phases that were undone since, too",
      recordOf(begun, ...done("images"), ...done("backup"), { what: "phase undone", phase: "backup", seconds: 1 }),
      undefined,
      all.slice(1),
    ],
    [
      "as if a half line were not there: its writer was killed",
      `${recordOf(begun, ...done("images"))}\n{"what":"phase do`,
      undefined,
      all.slice(1),
    ],
  ];
  for (const [what, record, until, expected] of cases) {
    test(what, () =>
      assert.deepEqual(
        left(plan, readRecord(record), until).map(({ phase }) => phase.id),
        expected,
      ),
    );
  }

  test("a finished step is not repeated, and the next one of its phase follows", () => {
    const record = recordOf(
      begun,
      { what: "phase begun", phase: "one-roll" },
      step("one-roll", "replace one-api one-worker one-new"),
    );
    const roll = left(plan, readRecord(record)).find(({ phase }) => phase.id === "one-roll");
    assert.deepEqual(
      roll?.steps.map(({ name }) => name),
      ["replace one-api-2", "remove one-old"],
    );
  });

  test("a phase that was undone starts again with its first step", () => {
    const record = recordOf(
      ...[begun, { what: "phase begun", phase: "one-expand" } as const, step("one-expand", "job one-expand")],
      { what: "phase undone", phase: "one-expand", seconds: 1 },
    );
    const expand = left(plan, readRecord(record)).find(({ phase }) => phase.id === "one-expand");
    assert.deepEqual(
      expand?.steps.map(({ name }) => name),
      ["job one-expand"],
    );
  });
});

describe("the way back", () => {
  test("undoes phases from the last to the first, including an unfinished one", () => {
    const record = must(
      recordOf(begun, ...done("images"), ...done("one-expand"), { what: "phase begun", phase: "one-roll" }),
    );
    const found = undoing(plan, record);
    assert.ok("phases" in found);
    assert.deepEqual(
      found.phases.map(({ phase }) => phase.id),
      ["one-roll", "one-expand", "images"],
    );
  });

  test("of a phase runs its job first, then replaces services in the opposite order, and removes what appeared", () => {
    const roll = phases.find(({ id }) => id === "one-roll") as (typeof phases)[0];
    assert.deepEqual(
      backSteps(roll).map(({ name }) => name),
      ["job one-versions", "replace one-old one-worker one-api-2", "replace one-api", "remove one-new"],
    );
  });

  test("is refused once an irreversible phase has begun, whether it ended or not", () => {
    const found = undoing(
      plan,
      must(recordOf(begun, ...done("one-roll"), { what: "phase begun", phase: "one-contract" })),
    );
    assert.ok("tooLate" in found);
    assert.equal(found.tooLate.id, "one-contract");
  });
});

describe("whether an upgrade is under way", () => {
  const cases: readonly (readonly [what: string, record: string, is: boolean])[] = [
    ["not without a record", "", false],
    ["not before its first phase", recordOf(begun), false],
    ["from its first phase on", recordOf(begun, { what: "phase begun", phase: "images" }), true],
    ["not when it has ended", recordOf(begun, ...done("images"), { what: "ended", on: "2" }), false],
    [
      "not when all of it was undone",
      recordOf(
        begun,
        ...done("images"),
        { what: "phase undone", phase: "images", seconds: 1 },
        { what: "ended", on: "1" },
      ),
      false,
    ],
    [
      "when the next one has begun",
      recordOf(
        begun,
        ...done("images"),
        { what: "ended", on: "2" },
        { ...begun, from: "2", to: "3" },
        { what: "phase begun", phase: "images" },
      ),
      true,
    ],
  ];
  for (const [what, record, is] of cases) test(what, () => assert.equal(isUnderWay(readRecord(record)), is));

  test("names who began and who continues, and finished steps stay finished", () => {
    const read = must(recordOf(begun, ...done("images"), { ...begun, by: "another" }));
    assert.deepEqual([read.by, [...read.done.keys()]], [["somebody", "another"], ["images"]]);
  });

  test("an upgrade after one that has ended begins with nothing done", () => {
    const read = must(recordOf(begun, ...done("images"), { what: "ended", on: "2" }, begun));
    assert.equal(read.done.size, 0);
  });
});
