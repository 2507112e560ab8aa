import assert from "node:assert/strict";
import { test } from "node:test";
import type { Result } from "../../src/diagnostics/diagnostic.ts";
import { placeText } from "../../src/diagnostics/frame.ts";
import { compilePillar, type Pillar } from "../../src/pillar/compile.ts";
import { type PillarNode, readPillar } from "../../src/pillar/pillar.ts";
import { pointOf } from "../../src/pillar/place.ts";
import { compiledNode, nodeFile, nodeName } from "../support/pillar.ts";

const compileNode = (node: PillarNode): Result<Pillar> => {
  const read = readPillar(node);
  return read.ok ? compilePillar(read.value) : read;
};

const secret = "hunter2";

/** A controller whose parts stand in three files, as a model has them. */
const inClasses = (changes: Readonly<Record<string, string>>) =>
  compiledNode({
    [`nodes/${nodeName}.yml`]: "classes: [nova, database]\nparameters:\n  nova: {controller: {version: kilo}}\n",
    "classes/nova.yml": `parameters:
  nova:
    controller:
      database: \${_block:database}
      message_queue: {host: $MQ_HOST, password: $MQ_PASSWORD}
      identity:
        host: $ID_HOST
        password: $ID_PASSWORD
`,
    "classes/database.yml": `parameters:
  _block:
    database:
      host: $DB_HOST
      password: $DB_PASSWORD
`,
    ...changes,
  });

test("each mistake has its place in the file that wrote the value, file by file, each in the order of its lines", () => {
  const compiled = compileNode(
    inClasses({
      "classes/database.yml":
        "parameters:\n  _block:\n    database:\n      prot: 1\n      host: ''\n      password: $P\n",
      [`nodes/${nodeName}.yml`]:
        "classes: [nova, database]\nparameters:\n  nova: {controller: {version: kilo, workers: x}}\n",
    }),
  );
  assert.ok(!compiled.ok);
  assert.deepEqual(
    compiled.diagnostics.map(({ code, place }) => [code, place?.kind === "document" && placeText(place)]),
    [
      ["key-unknown", { at: "/model/classes/database.yml:4:7", frame: "4 |       prot: ...\n  |       ^" }],
      ["value-empty", { at: "/model/classes/database.yml:5:13", frame: "5 |       host: ''\n  |             ^" }],
      [
        "value-wrong",
        {
          at: `${nodeFile}:3:47`,
          frame:
            "3 |   nova: {controller: {version: kilo, workers: x}}\n  |                                               ^",
        },
      ],
    ],
  );
});

for (const line of ["      prot:", '      "prot":', "      ~prot:"]) {
  test(`of the line of an unknown key, ${line.trim()} is shown and no more`, () => {
    const above = "parameters:\n  _block:\n    database:\n      host: $DB_HOST\n      password: $P\n";
    const compiled = compileNode(inClasses({ "classes/database.yml": `${above}${line} ${secret}\n` }));
    assert.ok(!compiled.ok);
    assert.deepEqual(
      compiled.diagnostics.map(({ code, place }) => [code, place?.kind === "document" && place.source]),
      [["key-unknown", `${line} ...`]],
    );
  });
}

test("a missing value has its place at the key of its section, in whichever file", () => {
  const compiled = compileNode(
    inClasses({ "classes/database.yml": "parameters:\n  _block:\n    database:\n      host: $DB_HOST\n" }),
  );
  assert.ok(!compiled.ok);
  const [first] = compiled.diagnostics;
  assert.deepEqual([first?.code, first?.what], ["key-missing", "database.password is missing"]);
  assert.equal(first?.place?.kind === "document" && first.place.file, "/model/classes/nova.yml");
});

test("a value's place is the file that wrote it, not the one that refers to it", () => {
  const compiled = compileNode(inClasses({}));
  assert.ok(compiled.ok);
  const { positions } = compiled.value;
  assert.deepEqual(
    ["version", "database.host", "identity.host"].map((path) => positions[path] && pointOf(positions[path])),
    [
      { file: nodeFile, line: 3, column: 32 },
      { file: "/model/classes/database.yml", line: 4, column: 13 },
      { file: "/model/classes/nova.yml", line: 7, column: 15 },
    ],
  );
});

for (const [title, database] of [
  ["beside a mistake in the same line of a class", `{password: ${secret}, port: x}`],
  ["where its key there tells nothing", `{host: "\\n", password: "\${_param:first}"}`],
  [
    "in the line of a text that a reference brought in",
    `{host: h, password: "\${_param:first}", port: "\${_param:second}"}`,
  ],
] as const) {
  test(`no message shows a secret ${title}`, () => {
    const compiled = compileNode(
      inClasses({
        "classes/database.yml": `parameters:\n  _param: {first: ${secret}, second: x}\n  _block:\n    database: ${database}\n`,
      }),
    );
    assert.ok(!compiled.ok);
    assert.ok(!JSON.stringify(compiled.diagnostics).includes(secret), JSON.stringify(compiled.diagnostics, null, 1));
  });
}
