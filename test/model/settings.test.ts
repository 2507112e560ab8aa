import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { createContext, Script } from "node:vm";
import { compileNode, type Files, type Given } from "../support/model.ts";
import { comparable, startJudge, withoutReclass } from "../support/reclass.ts";

const room: { work: () => unknown } = { work: () => undefined };
const context = createContext(room);
const script = new Script("work()");

/** Ends what hangs: a test's own timeout would wait for it. */
function within<T>(ms: number, work: () => T): T {
  room.work = work;
  return script.runInContext(context, { timeout: ms }) as T;
}

const compiled = (files: Files, node = "n1"): Given => within(5000, () => compileNode(files, node));

const codesOf = (given: Given): readonly string[] =>
  given.ok ? [] : [...new Set(given.diagnostics.map(({ code }) => code))];

/** Something of all that settings have to do with. */
const inventory: Files = {
  "nodes/n1.yml": `classes: [a, 'v.\${ver}', .rel]
applications: [x, ~y]
environment: prod
parameters:
  s: {n: 1, ~o: {p: 2}, =c: 3}
  t: 'one \${s:n} two \\\${s:n} \\\\\${s:n} %s:n% \${s:n\${'
  r: \${s}
  l: [1, \${ver}]
  e: '$ { } ~ = : \\ % [ ]'
  q: $[ exports:x ]
exports: {x: 1}
`,
  "classes/a.yml": "applications: [y]\nparameters: {ver: one, s: {n: 0, o: {z: 1}}, '~l': [0], gone: '${nope}'}\n",
  "classes/v/one.yml": "parameters: {gone: 1}\n",
  "classes/rel.yml": "parameters: {rel: true}\n",
};

const texts = [
  "",
  " ",
  "x",
  "~",
  "=",
  "${",
  "}",
  "$",
  "\\",
  ":",
  "%",
  "(",
  "[",
  "/",
  "/(/ c",
  "😀",
  "a".repeat(20_000),
];
const pairs = [
  ["", ""],
  ["%", ""],
  ["", "%"],
  ["%", "%"],
  ["${", "${"],
  ["${", "$"],
  ["$", "${"],
  ["$[", "]"],
  ["}", "${"],
  ["\\", "\\"],
  ["\\${", "}"],
  [":", ":"],
  ["😀", "😀"],
  ["a".repeat(20_000), "b"],
  [1, 2],
  ["%"],
  ["%", "%", "%"],
];
const others = [0, 1, -1, 1.5, true, false, null, [], {}, { a: 1 }, [[]], [null], [""], "2001-01-01"];

const settings = [
  "storage_type",
  "inventory_base_uri",
  "nodes_uri",
  "classes_uri",
  "output",
  "pretty_print",
  "no_refs",
  "group_errors",
  "class_mappings",
  "class_mappings_match_path",
  "compose_node_name",
  "default_environment",
  "automatic_parameters",
  "scalar_parameters",
  "ignore_class_notfound",
  "ignore_class_notfound_regexp",
  "ignore_class_notfound_warning",
  "ignore_overwritten_missing_references",
  "strict_constant_parameters",
  "inventory_ignore_failed_node",
  "inventory_ignore_failed_render",
  "allow_scalar_over_dict",
  "allow_scalar_over_list",
  "allow_list_over_scalar",
  "allow_dict_over_scalar",
  "allow_none_override",
  "delimiter",
  "escape_character",
  "dict_key_override_prefix",
  "dict_key_constant_prefix",
  "reference_sentinels",
  "export_sentinels",
  "no_such_setting",
];

const withSettings = (given: object, files: Files = inventory): Files => ({
  "reclass-config.yml": JSON.stringify(given),
  ...files,
});

/** Runs what may throw or hang. @returns why it is wrong, if it is. */
function problem(given: object): string | undefined {
  try {
    const result = compiled(withSettings(given));
    const nameless = result.ok ? undefined : result.diagnostics.find(({ what, fix }) => what === "" || fix === "");
    return nameless && "a diagnostic says nothing";
  } catch (error) {
    return (error as Error).message;
  }
}

describe("any setting gives a value or an error", () => {
  for (const name of settings) {
    test(name, () => {
      const found = [...texts, ...pairs, ...others].flatMap((value) => {
        const found = problem({ [name]: value, ignore_class_notfound: name !== "ignore_class_notfound" });
        return found === undefined ? [] : [`${JSON.stringify(value).slice(0, 100)}: ${found}`];
      });
      assert.deepEqual(found, []);
    });
  }

  test("all signs alike, or one within the other", () => {
    const signs = ["%", "$", "${", "}", "\\", ":", "~", "="];
    const found = signs.flatMap((one) =>
      signs.flatMap((other) => {
        const all = {
          delimiter: one,
          escape_character: other,
          reference_sentinels: [one, other],
          export_sentinels: [other, one],
          dict_key_override_prefix: one,
          dict_key_constant_prefix: other,
        };
        const found = problem(all) ?? problem({ ...all, export_sentinels: [one, other], delimiter: other });
        return found === undefined ? [] : [`${one} ${other}: ${found}`];
      }),
    );
    assert.deepEqual(found, []);
  });
});

describe("signs that would be everywhere are errors", () => {
  for (const given of [
    { delimiter: "" },
    { escape_character: "" },
    { reference_sentinels: ["", "}"] },
    { reference_sentinels: ["${", ""] },
    { export_sentinels: ["", ""] },
  ]) {
    test(JSON.stringify(given), () => assert.deepEqual(codesOf(compiled(withSettings(given))), ["setting-wrong"]));
  }
});

const slow = `${"a".repeat(40)}b`;

for (const [title, given, node] of [
  ["a mapping's regular expression", { class_mappings: ["/^(a+)+$/ c"] }, ""],
  ["one with a back-reference", { class_mappings: ["/^(a|aa)+\\\\1$/ c"] }, ""],
  [
    "the one that says which classes may be missing",
    { ignore_class_notfound: true, ignore_class_notfound_regexp: "^(a+)+$" },
    `classes: [${slow}]\n`,
  ],
] as const) {
  test(`${title} that would take for ever is one error for all nodes, with its line`, () => {
    const others = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`nodes/${slow}${index}.yml`, node]));
    const files = {
      [`nodes/${slow}.yml`]: node,
      "classes/c.yml": "",
      ...others,
      "reclass-config.yml": JSON.stringify(given),
    };
    const begin = performance.now();
    const result = compiled(files, slow);
    assert.ok(!result.ok);
    const [{ code = "", what = "", place } = {}] = result.diagnostics;
    assert.equal(code, "pattern-slow");
    assert.match(what, /\(a/);
    assert.ok(place?.kind === "document" && place.file.endsWith("reclass-config.yml") && place.line === 1);
    assert.ok(performance.now() - begin < 4500);
  });
}

const skip = withoutReclass();
const judge = skip ? undefined : startJudge();
after(() => judge?.stop());

const keys = "parameters: {a: {k: 1, l: [1]}, '~a': {k: 2}, '=b': 1, '%c': 1, '~~d': {x: 1}, éa: 1}\n";
const stars = `${"*a".repeat(20)}*b c`;

for (const [title, given, files] of [
  ["an empty prefix", { dict_key_override_prefix: "" }, { "nodes/n1.yml": keys }],
  ["two empty prefixes", { dict_key_override_prefix: "", dict_key_constant_prefix: "" }, { "nodes/n1.yml": keys }],
  ["a prefix of two characters", { dict_key_override_prefix: "~~" }, { "nodes/n1.yml": keys }],
  ["another prefix", { dict_key_override_prefix: "%" }, { "nodes/n1.yml": keys }],
  ["both prefixes alike", { dict_key_constant_prefix: "~" }, { "nodes/n1.yml": keys }],
  ["a prefix outside ASCII", { dict_key_override_prefix: "é" }, { "nodes/n1.yml": keys }],
  [
    "sentinels of one character",
    { reference_sentinels: ["<", ">"] },
    { "nodes/n1.yml": "parameters: {a: '<b>x', b: 1}\n" },
  ],
  ["a delimiter of two characters", { delimiter: "::" }, { "nodes/n1.yml": "parameters: {a: '${b::c}', b: {c: 1}}\n" }],
  ["another escape", { escape_character: "^" }, { "nodes/n1.yml": "parameters: {a: '^${b}x${b}', b: 1}\n" }],
  [
    "a pattern in which groups repeat, that ends",
    { class_mappings: ["/^(n+)+1/ c"] },
    { "nodes/n1.yml": "", "classes/c.yml": "parameters: {a: 1}\n" },
  ],
  [
    "a back-reference",
    { class_mappings: ["/^(n)\\\\1*1/ c"] },
    { "nodes/n1.yml": "", "classes/c.yml": "parameters: {a: 1}\n" },
  ],
  [
    "look-ahead and look-behind",
    { class_mappings: ["/^(?=n)(?!x)n(?<=n)1/ c"] },
    { "nodes/n1.yml": "", "classes/c.yml": "parameters: {a: 1}\n" },
  ],
  ["twenty asterisks", { class_mappings: [stars] }, { [`nodes/n1.yml`]: "", "classes/c.yml": "parameters: {a: 1}\n" }],
] as const) {
  test(`${title}: as reclass does`, { skip }, async () => {
    const all = withSettings(given, files);
    const judged = await judge?.ask(all, "n1");
    const result = compiled(all);
    assert.ok(judged);
    assert.equal(result.ok, judged.ok, JSON.stringify(result.ok ? judged : result.diagnostics));
    if (result.ok && judged.ok) assert.deepEqual(comparable(result.json), comparable(judged.json));
  });
}

test("many asterisks are matched in no time", () => {
  const given = { class_mappings: [stars] };
  const begin = performance.now();
  const name = "a".repeat(200);
  assert.ok(compiled({ ...withSettings(given, {}), [`nodes/${name}.yml`]: "", "classes/c.yml": "" }, name).ok);
  assert.ok(performance.now() - begin < 1000);
});
