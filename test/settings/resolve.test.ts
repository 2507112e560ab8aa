import assert from "node:assert/strict";
import { test } from "node:test";
import type { Layer } from "../../src/overlay/layer.ts";
import { type Part, parseParts } from "../../src/pillar/placeholder.ts";
import { type Json, valueAt } from "../../src/schema/json.ts";
import type { Wanted } from "../../src/schema/wanted.ts";
import { resolve, type Unresolved } from "../../src/settings/resolve.ts";
import type { Origin } from "../../src/settings/settings.ts";

const text: Wanted = { kind: "string" };
const secret: Wanted = { kind: "string", secret: true };

/** An image whose pillar holds `rows`: path, text, what is wanted there. */
function image(
  rows: readonly (readonly [path: string, text: string, wanted: Wanted])[],
  parameters: Readonly<Record<string, string>> = {},
): Unresolved {
  const pillar: { [key: string]: Json } = {};
  for (const [path, value] of rows) {
    const keys = path.split(".");
    const last = keys.pop() as string;
    let into = pillar;
    for (const key of keys) {
      into[key] ??= {};
      into = into[key] as { [key: string]: Json };
    }
    into[last] = value;
  }
  const placeholders = rows.map(([path, value, wanted]) => ({ path, parts: parseParts(value) as Part[], wanted }));
  const secrets = rows.flatMap(([path, , wanted]) => (wanted.secret ? [path] : []));
  const secretNames = placeholders
    .filter(({ wanted }) => wanted.secret)
    .flatMap(({ parts }) => parts.flatMap((part) => (typeof part === "string" ? [] : [part.name])));
  return { image: { name: "nova-controller" }, pillar, placeholders, secrets, secretNames, parameters };
}

const layer = (from: Origin["from"], given: Readonly<Record<string, string>>): Layer =>
  new Map(
    Object.entries(given).map(([name, value]) => [name, { text: value, origin: { from, place: `${from} ${name}` } }]),
  );

const environment = (given: Readonly<Record<string, string>>) => layer("environment", given);

for (const [title, given, wanted, value] of [
  ["a text", "a b", text, "a b"],
  ["a port", "3306", { kind: "port" }, 3306],
  ["an integer", "-1", { kind: "integer" }, -1],
  ["a number", "1.5", { kind: "number" }, 1.5],
  ["a boolean", "On", { kind: "boolean" }, true],
  ["a list", "a,b", { kind: "list", item: text }, ["a", "b"]],
  ["digits as text where text is wanted", "0123", text, "0123"],
  ["what looks like another parameter, as it is", "$A ${A} $$", text, "$A ${A} $$"],
  ["what would change a document, as it is", "x: [1]\t# {", text, "x: [1]\t# {"],
] as const) {
  test(`gives a value that is only a placeholder the type its field wants: ${title}`, () => {
    const settings = resolve(image([["a.b", "$A", wanted]]), [environment({ A: given })]);
    assert.ok(settings.ok);
    assert.deepEqual(valueAt(settings.value.values, "a.b"), value);
  });
}

test("fills several parameters into a text, and keeps literal dollars", () => {
  const settings = resolve(image([["url", "http://$H:${P}/$$x", text]]), [environment({ H: "h", P: "1" })]);
  assert.ok(settings.ok);
  assert.equal(settings.value.values["url"], "http://h:1/$x");
});

for (const [template, host, expected] of [
  ["ldap://$A", "fd00::1", "ldap://[fd00::1]"],
  ["ldap://$A:389/x", "::ffff:10.0.0.1", "ldap://[::ffff:10.0.0.1]:389/x"],
  ["ldap://user:pw@$A", "fd00::1", "ldap://user:pw@[fd00::1]"],
  ["ldap://[$A]", "fd00::1", "ldap://[fd00::1]"],
  ["ldap://$A", "[fd00::1]", "ldap://[fd00::1]"],
  ["ldap://$A", "db.example.org:389", "ldap://db.example.org:389"],
  ["ldap://db/$A", "a::b", "ldap://db/a::b"],
  ["$A", "fd00::1", "fd00::1"],
  ["$A", "[fd00::1]", "fd00::1"],
  ["$A", "[a,b]", "[a,b]"],
] as const) {
  test(`${template} with ${host} is ${expected}`, () => {
    const settings = resolve(image([["a", template, text]]), [environment({ A: host })]);
    assert.ok(settings.ok);
    assert.deepEqual(settings.value.values, { a: expected });
  });
}

test("a secret in brackets is unchanged", () => {
  const settings = resolve(image([["a", "$A", secret]]), [environment({ A: "[fd00::1]" })]);
  assert.ok(settings.ok);
  assert.deepEqual(settings.value.values, { a: "[fd00::1]" });
});

test("the message for a missing value names the similar one that is set", () => {
  const rows = [["a", "$A", text]] as const;
  const settings = resolve(image(rows), [], undefined, [], () => "AA");
  assert.ok(!settings.ok);
  assert.match(settings.diagnostics[0]?.what ?? "", /^A is not set \(but AA is\), required by a$/);
  assert.match(settings.diagnostics[0]?.fix ?? "", /^did you mean AA\? set A or/);
});

test("the strongest layer wins, and the overridden values are known, strongest first", () => {
  const layers = [layer("etcd", { A: "2" }), layer("etcd", { A: "3" }), environment({ A: "4" })];
  const settings = resolve(image([["a", "$A", text]], { A: "1" }), layers);
  assert.ok(settings.ok);
  assert.equal(settings.value.values["a"], "4");
  assert.deepEqual(settings.value.filled.get("a"), [
    {
      name: "A",
      origin: { from: "environment", place: "environment A" },
      overrode: [
        { from: "etcd", place: "etcd A" },
        { from: "etcd", place: "etcd A" },
        { from: "pillar", place: "parameters.A" },
      ],
    },
  ]);
});

for (const [title, layers, expected] of [
  ["the pillar alone", [], "1"],
  ["etcd for all over the pillar", [layer("etcd", { A: "2" })], "2"],
  ["etcd for this image over etcd for all", [layer("etcd", { A: "2" }), layer("etcd", { A: "3" })], "3"],
  ["what is missing in a layer falls through", [layer("etcd", { A: "2" }), layer("etcd", {}), environment({})], "2"],
] as const) {
  test(`precedence: ${title}`, () => {
    const settings = resolve(image([["a", "$A", text]], { A: "1" }), layers);
    assert.ok(settings.ok);
    assert.equal(settings.value.values["a"], expected);
  });
}

test("a list within the pillar is filled item by item, and the image is not modified", () => {
  const source: Unresolved = {
    ...image([]),
    pillar: { cache: { members: [{ host: "$H", port: 1 }] } },
    placeholders: [{ path: "cache.members.0.host", parts: [{ name: "H" }], wanted: text }],
  };
  const before = JSON.stringify(source);
  const settings = resolve(source, [environment({ H: "h" })]);
  assert.ok(settings.ok);
  assert.deepEqual(settings.value.values, { cache: { members: [{ host: "h", port: 1 }] } });
  assert.equal(JSON.stringify(source), before);
});

const places = () => ({
  files: ["block.yml", "nova.yml"],
  positions: { "database.host": [1, 12, 13], "database.port": [0, 13, 13] } as const,
  copied: { "api_database.host": "database.host" },
});

test("everything that is missing or does not fit is reported together, with place, wanting paths and ways to give it", () => {
  const asked = image([
    ["database.host", "$DB_HOST", text],
    ["api_database.host", "$DB_HOST", text],
    ["database.port", "$DB_PORT", { kind: "port" }],
    ["database.name", "$DB_NAME", text],
    ["database.user", "x$DB_USER", text],
  ]);
  const settings = resolve(asked, [environment({ DB_PORT: "http", DB_NAME: "", DB_USER: "a\nb" })], places);
  assert.ok(!settings.ok);
  const [missing, wrong, empty, control] = settings.diagnostics;
  assert.deepEqual(
    settings.diagnostics.map(({ code }) => code),
    ["parameter-missing", "parameter-wrong", "parameter-empty", "parameter-control"],
  );
  assert.equal(missing?.what, "DB_HOST is not set, required by database.host (nova.yml:12:13), api_database.host");
  assert.deepEqual(missing?.place, { kind: "document", file: "nova.yml", line: 12, column: 13 });
  for (const way of [
    "set DB_HOST or DB_HOST_FILE (a path) in the environment",
    "DB_HOST_FILE",
    "/plinth/nova-controller/DB_HOST",
    "/plinth/all/DB_HOST",
  ]) {
    assert.ok(missing?.fix.includes(way), way);
  }
  assert.equal(wrong?.what, 'DB_PORT is "http" and does not fit database.port (block.yml:13:13)');
  assert.equal(wrong?.fix, "give DB_PORT a port (1 to 65535)");
  assert.deepEqual(wrong?.place, { kind: "named", name: "environment variable environment DB_PORT" });
  assert.match(empty?.what ?? "", /^DB_NAME is set but empty/);
  assert.ok(!JSON.stringify(control).includes("a\\nb"));
});

test("what is missing only in a copy points to the original", () => {
  const settings = resolve(image([["api_database.host", "$X", text]]), [], places);
  assert.ok(!settings.ok);
  assert.deepEqual(settings.diagnostics[0]?.place, { kind: "document", file: "nova.yml", line: 12, column: 13 });
});

test("places are not looked up when nothing is wrong", () => {
  const settings = resolve(image([["a", "$A", text]]), [environment({ A: "1" })], () => assert.fail("looked up"));
  assert.ok(settings.ok);
});

for (const [title, wanted, given] of [
  ["a newline", text, "a\n"],
  ["a carriage return", text, "\r"],
  ["a NUL", text, "\0"],
  ["a newline for a port", { kind: "port" }, "1\n"],
] as const) {
  test(`refuses ${title}`, () => {
    const settings = resolve(image([["a", "$A", wanted]]), [environment({ A: given })]);
    assert.ok(!settings.ok);
    assert.equal(settings.diagnostics[0]?.code, "parameter-control");
  });
}

test("a filled text that fits no choice is an error of the whole text", () => {
  const asked = image([["a", "http$S", { kind: "string", choices: ["http", "https"] }]]);
  const settings = resolve(asked, [environment({ S: "x" })]);
  assert.ok(!settings.ok);
  assert.deepEqual(
    settings.diagnostics.map(({ code }) => code),
    ["text-wrong"],
  );
});

const hidden = "hunter2";
for (const [title, rows, given] of [
  ["of the wrong kind", [["a", "$S", { kind: "port", secret: true }]], { S: hidden }],
  ["with a newline", [["a", "$S", secret]], { S: `${hidden}\n` }],
  ["within a text", [["a", "x$S", { kind: "string", secret: true, choices: ["y"] }]], { S: hidden }],
  [
    "used for a port elsewhere",
    [
      ["a", "$S", secret],
      ["b", "$S", { kind: "port" }],
    ],
    { S: hidden },
  ],
  [
    "given to another parameter by mistake",
    [
      ["a", "$S", secret],
      ["b", "$P", { kind: "port" }],
    ],
    { S: hidden, P: `x${hidden}` },
  ],
] as const) {
  test(`no message shows a secret ${title}`, () => {
    const settings = resolve(image(rows), [environment(given)], places);
    assert.ok(!settings.ok);
    assert.ok(!JSON.stringify(settings.diagnostics).includes(hidden), JSON.stringify(settings.diagnostics));
  });
}

test("a very long value is cut in the message", () => {
  const settings = resolve(image([["a", "$A", { kind: "port" }]]), [environment({ A: "x".repeat(100_000) })]);
  assert.ok(!settings.ok);
  assert.ok((settings.diagnostics[0]?.what.length ?? 0) < 200);
});

test("knows which names fill a secret, and each parameter's text", () => {
  const settings = resolve(
    image([
      ["a", "$S", secret],
      ["b", "$P", { kind: "port" }],
    ]),
    [environment({ S: "s", P: "1" })],
  );
  assert.ok(settings.ok);
  assert.deepEqual([...settings.value.secretNames], ["S"]);
  assert.deepEqual([...settings.value.secrets], ["a"]);
  assert.deepEqual(Object.fromEntries(settings.value.parameters), { S: "s", P: "1" });
});
