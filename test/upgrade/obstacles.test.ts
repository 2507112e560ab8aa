import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Seen } from "../../src/upgrade/driver.ts";
import { obstaclesOf, refusals, schemaObstacles } from "../../src/upgrade/obstacles.ts";
import { readRecord } from "../../src/upgrade/record.ts";
import { begun, done, plan, recordOf } from "./sample.ts";

const seen = (name: string, image: string, state = "running"): readonly [string, Seen] => [
  name,
  { name, image, state },
];
/** The cloud before. */
const old = new Map([
  seen("one-api", "p/one-api:1"),
  seen("one-api-2", "p/one-api:1"),
  seen("one-worker", "p/one-worker:1"),
  seen("one-old", "p/one-old:1"),
  seen("database", "p/database:1"),
]);
const without = (name: string) => new Map([...old].filter(([one]) => one !== name));
const other = (name: string, image: string, state?: string) => new Map([...old, seen(name, image, state)]);
const rolling = recordOf(begun, { what: "phase begun", phase: "one-roll" });

describe("an obstacle stops an upgrade:", () => {
  const cases: readonly (readonly [what: string, seen: typeof old, record: string, codes: readonly string[]])[] = [
    ["nothing, where all is as the older release has it", old, "", []],
    ["a container that does not exist", without("one-api-2"), "", ["upgrade-container-absent"]],
    [
      "a container that does not run",
      other("one-worker", "p/one-worker:1", "exited"),
      "",
      ["upgrade-container-absent"],
    ],
    ["not one that this upgrade was replacing when it was killed", without("one-api-2"), rolling, []],
    ["not one that it was restarting", other("one-api", "p/one-api:2", "exited"), rolling, []],
    ["a missing container that is not upgraded", without("database"), "", ["upgrade-container-absent"]],
    ["an image of neither release", other("one-api", "p/one-api:0"), "", ["upgrade-container-strange"]],
    [
      "all that is wrong, at once",
      new Map([...without("one-worker"), seen("one-api", "x:1")]),
      "",
      ["upgrade-container-strange", "upgrade-container-absent"],
    ],
    [
      "that it was done already",
      new Map([
        seen("one-api", "p/one-api:2"),
        seen("one-api-2", "p/one-api:2"),
        seen("one-worker", "p/one-worker:2"),
        seen("one-new", "p/one-new:2"),
        seen("database", "p/database:1"),
      ]),
      "",
      ["upgrade-done-already"],
    ],
    [
      "another upgrade that is under way",
      old,
      recordOf({ ...begun, to: "3" }, ...done("images")),
      ["upgrade-other-under-way"],
    ],
    [
      "not another upgrade that has ended",
      old,
      recordOf({ ...begun, from: "0", to: "1" }, ...done("images"), { what: "ended", on: "1" }),
      [],
    ],
  ];
  for (const [what, containers, record, codes] of cases) {
    test(what, () => {
      const found = obstaclesOf(plan, readRecord(record), containers);
      assert.deepEqual(
        found.map(({ code }) => code),
        codes,
      );
    });
  }
});

const undone = { what: "phase undone", phase: "one-expand", seconds: 1 } as const;

describe("a database at another schema than the plan begins with", () => {
  const expected = [{ component: "one", database: "one", revisions: ["b", "a"] }];
  const cases: readonly (readonly [
    what: string,
    has: readonly string[] | undefined,
    record: string,
    refused: boolean,
  ])[] = [
    ["is refused", ["c"], "", true],
    ["is refused where it notes none", [], "", true],
    ["is none where the order differs only", ["a", "b"], "", false],
    [
      "is fine once a phase of its component was begun",
      ["c"],
      recordOf(begun, { what: "phase begun", phase: "one-expand" }),
      false,
    ],
    [
      "is fine once its component's phase was begun and undone",
      ["c"],
      recordOf(begun, ...done("one-expand"), undone, { what: "ended", on: "1" }),
      false,
    ],
    [
      "is fine in the second upgrade after that, too",
      ["c"],
      recordOf(begun, ...done("one-expand"), undone, { what: "ended", on: "1" }, begun, { what: "ended", on: "1" }),
      false,
    ],
    [
      "is refused once the upgrade has ended on the other release",
      ["c"],
      recordOf(begun, ...done("one-expand"), { what: "ended", on: "2" }),
      true,
    ],
    [
      "is refused after an upgrade of another pair",
      ["c"],
      recordOf({ ...begun, from: "0", to: "1" }, ...done("one-expand"), { what: "ended", on: "1" }),
      true,
    ],
    ["is not looked for where there is no such database", undefined, "", false],
  ];
  for (const [what, has, record, refused] of cases) {
    test(what, () => {
      const schemas = new Map(has === undefined ? [] : [["one", has] as const]);
      const found = schemaObstacles(plan, readRecord(record), expected, schemas);
      assert.deepEqual(
        found.map(({ code }) => code),
        refused ? ["upgrade-schema-strange"] : [],
      );
    });
  }
});

test("options of the model that the later release refuses are reported with their place", () => {
  const said = {
    image: "one-api",
    file: "/etc/one.conf",
    section: "DEFAULT",
    option: "old",
    value: "1",
    follows: false,
  };
  const own = [{ path: "_options:one.conf:DEFAULT:old", place: "model/nodes/one-api.yml:3:5" }];
  const affected = [true, false].map((refused) => ({ ...said, own, refused, change: { kind: "setting" } as const }));
  const [one, ...others] = refusals({ ...plan, affected });
  assert.deepEqual(others, []);
  assert.match(one?.what ?? "", /^2 refuses the option DEFAULT old of .* at model\/nodes\/one-api\.yml:3:5$/);
});
