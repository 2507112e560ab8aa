import assert from "node:assert/strict";
import { test } from "node:test";
import { type Explanation, explain } from "../../src/settings/explain.ts";
import type { Origin, Settings } from "../../src/settings/settings.ts";

const environment: Origin = { from: "environment", place: "DB_HOST" };
const own: Origin = { from: "pillar", place: "parameters.DB_HOST" };

const settings: Settings = {
  values: {
    database: { host: "db", password: "hunter2", port: 3306 },
    api_database: { host: "db" },
    cache: { members: [{ host: "m1" }] },
    filters: ["a", "b"],
    tenant: {},
    glance: null,
  },
  secrets: new Set(["database.password"]),
  secretNames: new Set(["DB_PASSWORD"]),
  filled: new Map([
    ["database.host", [{ name: "DB_HOST", origin: environment, overrode: [own] }]],
    ["database.password", [{ name: "DB_PASSWORD", origin: { from: "file", place: "/run/secrets/db" }, overrode: [] }]],
    ["filters.1", [{ name: "B", origin: { from: "etcd", place: "/plinth/all/B" }, overrode: [] }]],
  ]),
  parameters: new Map([["DB_PASSWORD", "hunter2"]]),
};
const places = {
  files: ["model/nodes/nova.yml", "model/classes/nova/controller.yml", "(automatic)"],
  positions: { "cache.members.0.host": [1, 20, 15], tenant: [2, 1, 1] },
  parameters: { DB_HOST: [0, 2, 3] },
  copied: { "api_database.host": "database.host" },
} as const;
const image = { component: "nova", role: "controller" };

const explained = (path: string): readonly Explanation[] => {
  const found = explain(settings, places, image, path);
  assert.ok(found.ok);
  return found.value;
};

for (const path of ["database.host", "nova.controller.database.host", "nova:controller:database:host"]) {
  test(`${path}: shows which parameter filled it, from where, and what that overrode`, () => {
    assert.deepEqual(explained(path), [
      {
        path: "database.host",
        value: '"db"',
        secret: false,
        parameters: [
          { name: "DB_HOST", origin: environment, overrode: [{ from: "pillar", place: "model/nodes/nova.yml:2:3" }] },
        ],
      },
    ]);
  });
}

for (const [title, path, value, origin] of [
  [
    "what stands in the pillar, by file, line and column",
    "cache.members.0.host",
    '"m1"',
    { from: "pillar", place: "model/classes/nova/controller.yml:20:15" },
  ],
  ["what the model itself says, by its name", "tenant", "{}", { from: "pillar", place: "(automatic)" }],
  ["a default", "database.port", "3306", { from: "default", place: "the schema's default" }],
  ["a copy, by what it copies", "api_database.host", '"db"', { from: "default", place: "the same as database.host" }],
  ["what is left out", "glance", "null", { from: "default", place: "the schema's default" }],
] as const) {
  test(`tells ${title}`, () => {
    assert.deepEqual(explained(path), [{ path, value, secret: false, origin, parameters: [] }]);
  });
}

test("a section is explained value by value, a list of texts in one", () => {
  assert.deepEqual(
    explained("database").map(({ path }) => path),
    ["database.host", "database.password", "database.port"],
  );
  assert.deepEqual(
    explained("filters").map(({ value, parameters }) => [value, parameters.map(({ name }) => name)]),
    [['["a","b"]', ["B"]]],
  );
  assert.ok(explained("nova.controller").length > 5);
});

test("secrets are masked, whatever path is asked for", () => {
  for (const path of ["database.password", "database", "nova.controller"]) {
    const text = JSON.stringify(explained(path));
    assert.ok(!text.includes("hunter2") && text.includes("********"), path);
  }
});

for (const [path, near] of [
  ["databse.host", "database"],
  ["database.hots", "database.host"],
  ["database.hots.deeper", "database.host"],
  ["zzz", ""],
] as const) {
  test(`${path} is unknown, and the nearest is named`, () => {
    const found = explain(settings, places, image, path);
    assert.ok(!found.ok);
    const [first] = found.diagnostics;
    assert.deepEqual([first?.code, first?.failure], ["explain-path-unknown", "usage"]);
    assert.equal(/did you mean (\S+)\?/.exec(first?.fix ?? "")?.[1] ?? "", near);
  });
}
