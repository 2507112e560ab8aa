import assert from "node:assert/strict";
import { test } from "node:test";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import { compileNode, type Files } from "../support/model.ts";

/** What is said beyond "it is not there", where a slip is common. */

const told = (files: Files): readonly Diagnostic[] => {
  const given = compileNode({ "nodes/n1.yml": "", ...files }, "n1");
  return given.ok ? given.warnings : given.diagnostics;
};

for (const [title, files, what, fix] of [
  [
    "in init.yml, .sub is a class beside its directory",
    { "nodes/n1.yml": "classes: [x]", "classes/x/init.yml": "classes: [.sub]", "classes/x/sub.yml": "" },
    ".sub means the class sub here, in the file of x, and there is no classes/sub.yml",
    "write x.sub, which exists; each dot goes up one level from the name of the file's own class (of x/init.yml that is x, not x.init)",
  ],
  [
    "two dots too many",
    { "nodes/n1.yml": "classes: [x.y.z]", "classes/x/y/z.yml": "classes: [..sub]", "classes/x/y/sub.yml": "" },
    "..sub means the class x.sub here, in the file of x.y.z, and there is no classes/x/sub.yml",
    "write x.y.sub, which exists; each dot goes up one level from the name of the file's own class",
  ],
  [
    "nothing of that name",
    { "nodes/n1.yml": "classes: [x.y]", "classes/x/y.yml": "classes: [.sub]" },
    ".sub means the class x.sub here, in the file of x.y, and there is no classes/x/sub.yml",
    "add the class x.sub, or write the whole name; each dot goes up one level from the name of the file's own class",
  ],
] as const) {
  test(`a relative class name says what it means and what is there: ${title}`, () => {
    const [diagnostic] = told(files);
    assert.equal(diagnostic?.code, "class-relative-unknown");
    assert.equal(diagnostic.what, what);
    assert.equal(diagnostic.fix, fix);
    assert.equal(diagnostic.place?.kind, "document");
  });
}

for (const [mapping, hints] of [
  ["a/* c", 1],
  ["/^a\\/n/ c", 1],
  ["'a/b*' c", 1],
  ["n* c", 0],
  ["n* c/d", 0],
  ["/^(a\\/)?n/ c", 0],
  ["/n|a\\/b/ c", 0],
] as const) {
  test(`a mapping of paths gets a hint where names are matched: ${mapping}`, () => {
    const config = (more: string): Files => ({
      "reclass-config.yml": `class_mappings: [${JSON.stringify(mapping)}]\nignore_class_notfound: true\nignore_class_notfound_warning: false\n${more}`,
    });
    const hinted = (files: Files) => told(files).filter(({ code }) => code === "mapping-of-path");
    assert.equal(hinted(config("")).length, hints);
    assert.equal(hinted(config("class_mappings_match_path: true\n")).length, 0);
  });
}

for (const uri of ["../other", "a/../../other", "..", "/srv/nodes", "~/nodes", "~other/nodes"]) {
  for (const setting of ["nodes_uri", "classes_uri"]) {
    test(`${setting}: ${uri} leads out of the model`, () => {
      const [diagnostic] = told({ "reclass-config.yml": `${setting}: ${uri}\n` });
      assert.equal(diagnostic?.code, "directory-outside");
      assert.equal(diagnostic.what, `${setting} (${uri}) is outside the model`);
    });
  }
}

for (const setting of ["storage_type: yaml_git", "storage_type: mixed"]) {
  test(`${setting} is refused`, () => {
    assert.equal(told({ "reclass-config.yml": setting })[0]?.code, "storage-unsupported");
  });
}

test("an unknown setting is named with the nearest that there is", () => {
  const [diagnostic] = told({ "reclass-config.yml": "compose_node_names: true\n" });
  assert.equal(diagnostic?.code, "setting-unknown");
  assert.match(diagnostic.fix, /compose_node_name\b/);
});
