import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openModel } from "../../src/model/model.ts";
import { type Files, memorySource } from "../support/model.ts";
import { mustBe } from "../support/must-be.ts";

/** What nothing refers to in a model that has these parameters in its one node, and these further files. */
function unreferred(parameters: string, more: Files = {}, set: Readonly<Record<string, string>> = {}) {
  const node = `classes: [usual]\nparameters:\n${parameters.replaceAll(/^/gm, "  ")}\n`;
  const usual = "parameters:\n  _param: {cpu_allocation_ratio: 8}\n  ratio: ${_param:cpu_allocation_ratio}\n";
  const files = { "nodes/n1.yml": node, "classes/usual.yml": usual, ...more };
  const model = mustBe(openModel(memorySource(files), { overrides: new Map(Object.entries(set)) }));
  mustBe(model.compile("n1"));
  return model.unreferred({ _param: ["release"], _port: ["image"] }, Object.keys(set).length > 0 ? undefined : ["n1"]);
}

/** Each in `_param` of the node unless it says otherwise, and what is told of, if anything. */
const cases: readonly (readonly [title: string, parameters: string, told: readonly string[], more?: Files])[] = [
  ["a slip of the pen", "_param: {cpu_alocation_ratio: 4}", ["_param:cpu_alocation_ratio"]],
  ["what is like nothing", "_param: {zzz: 4}", ["_param:zzz"]],
  ["a name that is referred to", "_param: {cpu_allocation_ratio: 4}", []],
  ["what plinth reads itself", "_param: {release: '2025.1'}", []],
  ["a replacement, and a constant", "_param: {~one: [1], =two: 2}", ["_param:one", "_param:two"]],
  ["what only another parameter refers to", "_param: {one: 1, cpu_allocation_ratio: '${_param:one}'}", []],
  ["a part of a text", "_param: {one: 1}\nurl: 'http://${_param:one}:80/'", []],
  ["a reference in a list", "_param: {one: 1}\nall: [{a: '${_param:one}'}]", []],
  ["below a key", "_param: {nova: {workers: 1, wrokers: 2}}\na: '${_param:nova:workers}'", ["_param:nova:wrokers"]],
  ["below a key that is taken as a whole", "_param: {nova: {workers: 1}}\na: '${_param:nova}'", []],
  ["all of it", "_param: {one: 1}\na: '${_param}'", []],
  ["a name that depends on another", "_param: {one_a: 1, two: 2}\nw: a\nx: '${_param:one_${w}}'", ["_param:two"]],
  ["a name of which nothing is known", "_param: {one: 1, two: 2}\nw: one\nx: '${_param:${w}}'", []],
  ["a path that another value holds", "_param: {one: 1, two: 2}\nw: '_param:one'\nx: '${${w}}'", []],
  ["what decides a query", "_param: {one: 1}\na: '$[ if exports:x == self:_param:one ]'", []],
  ["what is exported", "_param: {one: 1}", [], { "nodes/n2.yml": "exports: {x: '${_param:one}'}\n" }],
  ["a name of a class", "_param: {one: a}", [], { "nodes/n2.yml": "classes: ['x.${_param:one}']\n" }],
  ["an environment", "_param: {one: a}", [], { "nodes/n2.yml": "environment: ${_param:one}\n" }],
  [
    "what only a class refers to that no node has",
    "_param: {one: 1}",
    [],
    { "classes/c.yml": "parameters: {a: '${_param:one}'}\n" },
  ],
  ["what a class sets that no node has", "_param: {}", [], { "classes/c.yml": "parameters: {_param: {one: 1}}\n" }],
  ["nothing, where a file is broken that may refer to it", "_param: {one: 1}", [], { "classes/c.yml": "a: [" }],
  ["an escaped reference refers to nothing", "_param: {one: 1}\na: 'see \\${_param} for one'", ["_param:one"]],
  ["a port", "_port: {image: 1, imgae: 2}", ["_port:imgae"]],
  ["other keys are not reported", "_packages: {debian: [a]}\none: 1", []],
  [
    "other delimiters",
    "_param: {one: 1, two: 2}\na: '${_param/one}'\nratio: 1",
    ["_param/two", "_param/cpu_allocation_ratio"],
    {
      "reclass-config.yml": "delimiter: /\n",
      "classes/usual.yml": "parameters: {_param: {cpu_allocation_ratio: 8}}\n",
    },
  ],
];

describe("a model reports keys for references that nothing refers to", () => {
  for (const [title, parameters, told, more] of cases) {
    test(title, () => {
      const found = unreferred(parameters, more);
      assert.deepEqual(found.map(({ path }) => path).sort(), [...told].sort());
      for (const { severity } of found) assert.equal(severity, "warning");
    });
  }

  test("with the name that may be meant, and the place", () => {
    const [one] = unreferred("_param: {cpu_alocation_ratio: 4}");
    assert.match(one?.fix ?? "", /^did you mean _param:cpu_allocation_ratio\? /);
    assert.deepEqual(
      [one?.place?.kind === "document" && one.place.line, one?.what],
      [3, "nothing refers to _param:cpu_alocation_ratio"],
    );
  });

  test("once, though many files set it", () => {
    const found = unreferred("_param: {zzz: 1}", { "classes/usual.yml": "parameters: {_param: {zzz: 0}}\n" });
    assert.deepEqual(
      found.map(({ what }) => what),
      ["nothing refers to _param:zzz (set in 1 more place)"],
    );
  });

  test("at most twenty one by one, those that may be slips first", () => {
    const many = Array.from({ length: 25 }, (_, index) => `unlike_any_${String.fromCharCode(97 + index)}: 1`);
    const found = unreferred(`_param: {${many.join(", ")}, cpu_alocation_ratio: 4}`);
    assert.equal(found.length, 21);
    assert.equal(found[0]?.path, "_param:cpu_alocation_ratio");
    assert.match(found[20]?.what ?? "", /^nothing refers to 6 more: _param:unlike_any_t, /);
  });

  test("also of what the command line sets", () => {
    assert.deepEqual(
      unreferred("_param: {zzz: 1}", {}, { "_param:cpu_alocation_ratio": "1", "_param:cpu_allocation_ratio": "2" }).map(
        ({ path }) => path,
      ),
      ["_param:cpu_alocation_ratio"],
    );
  });
});
