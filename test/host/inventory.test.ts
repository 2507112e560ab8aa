import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openDirectory } from "../../src/host/inventory/inventory.ts";
import { sizeLimit } from "../../src/model/document.ts";
import type { ModelSource } from "../../src/model/source.ts";
import { type OnDisk, refused, writeModel } from "../support/inventories.ts";
import { mustBe } from "../support/must-be.ts";
import { workDirectory } from "../support/plinth.ts";

const work = workDirectory();

const model = (files: OnDisk): string => writeModel(work, files);

const opened = (files: OnDisk): ModelSource => mustBe(openDirectory(model(files)));

/** Permissions bind everybody but root. */
function asNobody<T>(run: () => T): T {
  if (process.geteuid?.() !== 0) return run();
  process.seteuid?.(65534);
  try {
    return run();
  } finally {
    process.seteuid?.(0);
  }
}

test("files called .yml and .yaml are listed in one order, at any depth", () => {
  const source = opened({
    "nodes/b.yml": "",
    "nodes/a.yaml": "",
    "nodes/deep/er/c.yml": "",
    "nodes/B.yml": "",
    "nodes/readme.md": "",
    "nodes/x.yml.orig": "",
    "nodes/.hidden.yml": "",
  });
  assert.deepEqual(mustBe(source.list("nodes")), [".hidden.yml", "B.yml", "a.yaml", "b.yml", "deep/er/c.yml"]);
});

test("directories of version control and editors are left out, also several side by side", () => {
  const source = opened({
    "classes/.git/a.yml": "",
    "classes/.idea/b.yml": "",
    "classes/CVS/c.yml": "",
    "classes/SCCS/d.yml": "",
    "classes/CVSX/e.yml": "",
    "classes/sub/.svn/f.yml": "",
  });
  assert.deepEqual(mustBe(source.list("classes")), ["CVSX/e.yml"]);
});

test("links to files and directories are followed, within the model and out of it", () => {
  const shared = model({ "system/nova.yml": "parameters: {a: 1}\n" });
  const source = opened({
    "classes/system": `-> ${shared}/system`,
    "classes/b.yml": "-> a.yml",
    "classes/a.yml": "x: 1\n",
    "classes/twice/one": "-> ../leaf",
    "classes/twice/two": "-> ../leaf",
    "classes/leaf/l.yml": "",
  });
  assert.deepEqual(mustBe(source.list("classes")), [
    "a.yml",
    "b.yml",
    "leaf/l.yml",
    "system/nova.yml",
    "twice/one/l.yml",
    "twice/two/l.yml",
  ]);
  assert.equal(mustBe(source.read("classes/system/nova.yml")), "parameters: {a: 1}\n");
  assert.equal(mustBe(source.read("classes/b.yml")), "x: 1\n");
});

for (const [title, files, link, target] of [
  ["to the directory that it is in", { "classes/a/loop": "-> ." }, "classes/a/loop", "classes/a"],
  ["to a directory further up", { "classes/a/b/loop": "-> ../.." }, "classes/a/b/loop", "classes"],
  ["to a directory around all classes", { "classes/a/b/loop": "-> ../../.." }, "classes/a/b/loop", "classes"],
  [
    "through another link",
    { "classes/a/to-b": "-> ../../other", "other/to-a": "-> ../classes/a" },
    "classes/a/to-b/to-a",
    "classes/a",
  ],
] as const) {
  test(`the message for a link ${title} names its target`, () => {
    const base = model({ "classes/a/x.yml": "", ...files });
    const found = refused(mustBe(openDirectory(base)).list("classes"));
    const whats = found.map(({ what }) => what);
    assert.deepEqual(whats, [
      `the link ${base}/${link} leads back to ${base}/${target}, a directory that contains it: the model would never end`,
    ]);
  });
}

test("obstacles to listing are reported at once, and dangling links only when they are read", () => {
  const base = model({
    "classes/a/x.yml": "",
    "classes/a/loop": "-> ../a",
    "classes/b/loop": "-> ..",
    "classes/gone.yml": "-> nowhere.yml",
    "classes/self.yml": "-> self.yml",
    "classes/gone": "-> nowhere",
  });
  const whats = refused(mustBe(openDirectory(base)).list("classes")).map(({ code }) => code);
  assert.deepEqual(whats, ["model-link-loop", "model-link-loop"]);
});

test("the message for a dangling or circular link names its target", () => {
  const base = model({ "classes/gone.yml": "-> nowhere.yml", "classes/self.yml": "-> self.yml" });
  const source = mustBe(openDirectory(base));
  assert.deepEqual(mustBe(source.list("classes")), ["gone.yml", "self.yml"]);
  const [gone] = refused(source.read("classes/gone.yml"));
  assert.equal(gone?.what, `cannot follow the link ${base}/classes/gone.yml to nowhere.yml: no such file or directory`);
  const [self] = refused(source.read("classes/self.yml"));
  assert.equal(
    self?.what,
    `cannot follow the link ${base}/classes/self.yml to self.yml: too many symbolic links encountered`,
  );
});

test("listing stops at links that multiply without end", { timeout: 60_000 }, () => {
  const files: Record<string, string> = { "classes/0/x.yml": "" };
  for (let level = 1; level < 12; level++) {
    for (let link = 0; link < 10; link++) files[`classes/${level}/${link}`] = `-> ../${level - 1}`;
  }
  const [first, ...rest] = refused(opened(files).list("classes"));
  assert.deepEqual([first?.code, rest.length], ["model-too-many-files", 0]);
});

test("the message for an unreadable file names it, and how to allow reading", () => {
  const base = model({ "classes/open.yml": "", "classes/shut/x.yml": "", "classes/shut.yml": "" });
  for (const directory of [work, base]) chmodSync(directory, 0o755);
  chmodSync(join(base, "classes/shut"), 0o000);
  chmodSync(join(base, "classes/shut.yml"), 0o000);
  const source = mustBe(openDirectory(base));
  const [directory] = asNobody(() => refused(source.list("classes")));
  assert.equal(directory?.what, `cannot read the directory ${base}/classes/shut: permission denied`);
  const [file] = asNobody(() => refused(source.read("classes/shut.yml")));
  assert.equal(file?.what, `cannot read ${base}/classes/shut.yml: permission denied`);
  assert.match(file?.fix ?? "", /chmod/);
  chmodSync(join(base, "classes/shut"), 0o755);
});

test("the message for a missing or incomplete model says what a model is", () => {
  const base = model({ file: "" });
  for (const [path, what] of [
    [join(base, "nowhere"), `cannot open the model ${base}/nowhere: no such file or directory`],
    [join(base, "file"), `cannot open the model ${base}/file: it is no directory`],
  ] as const) {
    const [diagnostic] = refused(openDirectory(path));
    assert.equal(diagnostic?.what, what);
    assert.match(diagnostic?.fix ?? "", /--model DIR/);
  }
  const [missing] = refused(mustBe(openDirectory(base)).list("klasses"));
  assert.equal(missing?.what, `the model ${base} has no directory klasses`);
});

test("pipes, devices and directories called .yml are refused at once", { timeout: 10_000 }, () => {
  const base = model({
    "classes/zero.yml": "-> /dev/zero",
    "classes/directory.yml/": "",
    "classes/endless.yml": "-> /proc/self/environ",
  });
  execFileSync("mkfifo", [join(base, "classes/pipe.yml")]);
  const source = mustBe(openDirectory(base));
  assert.deepEqual(mustBe(source.list("classes")), ["endless.yml", "pipe.yml", "zero.yml"]);
  for (const [name, kind] of [
    ["zero", "a device"],
    ["pipe", "a named pipe"],
    ["directory", "a directory"],
  ]) {
    const [diagnostic] = refused(source.read(`classes/${name}.yml`));
    assert.equal(diagnostic?.what, `${base}/classes/${name}.yml is not a file but ${kind}`);
  }
  // Its size is said to be 0.
  assert.ok(mustBe(source.read("classes/endless.yml")).includes("PATH="));
});

test("a huge file is refused by its size, without being read", { timeout: 2000 }, () => {
  const base = model({ "classes/huge.yml": "" });
  truncateSync(join(base, "classes/huge.yml"), 64 * 1024 ** 3);
  const before = process.memoryUsage().rss;
  const [diagnostic] = refused(mustBe(openDirectory(base)).read("classes/huge.yml"));
  assert.equal(
    diagnostic?.what,
    `${base}/classes/huge.yml has 68719476736 bytes; a file of a model may have at most ${sizeLimit}`,
  );
  assert.ok(process.memoryUsage().rss - before < 50e6);
});

test("a byte that is not UTF-8 is reported with its line and column", () => {
  const source = opened({
    "classes/latin.yml": Buffer.from("a: 1\r\nß: 2\nname: Jürgen\n", "latin1"),
    "classes/mixed.yml": Buffer.concat([Buffer.from("a: 1\nbä: x"), Buffer.from([0xe2, 0x28]), Buffer.from("\n")]),
    "classes/wide.yml": Buffer.from("\ufeffa: 1\n", "utf16le"),
  });
  const [latin] = refused(source.read("classes/latin.yml"));
  assert.deepEqual(latin?.place, { kind: "document", file: `${source.base}/classes/latin.yml`, line: 2, column: 1 });
  const [mixed] = refused(source.read("classes/mixed.yml"));
  assert.deepEqual(mixed?.place, { kind: "document", file: `${source.base}/classes/mixed.yml`, line: 2, column: 6 });
  const [wide] = refused(source.read("classes/wide.yml"));
  assert.match(wide?.what ?? "", /looks like utf-16$/);
});

test("a byte order mark is not part of the text", () => {
  const source = opened({ "classes/a.yml": "\ufeffa: ä\n" });
  assert.equal(mustBe(source.read("classes/a.yml")), "a: ä\n");
});

test("a file name that is not UTF-8 is reported", () => {
  const base = model({});
  writeFileSync(Buffer.concat([Buffer.from(`${base}/classes/`), Buffer.from([0xff]), Buffer.from(".yml")]), "");
  const [diagnostic] = refused(mustBe(openDirectory(base)).list("classes"));
  assert.equal(diagnostic?.what, `the name of the file ${base}/classes/\ufffd.yml is not in UTF-8`);
});

test("the settings file is read if there is one", () => {
  assert.equal(mustBe(opened({}).config()), undefined);
  assert.equal(mustBe(opened({ "reclass-config.yml": "a: 1\n" }).config()), "a: 1\n");
  const [broken] = refused(opened({ "reclass-config.yml": "-> nowhere" }).config());
  assert.equal(broken?.code, "model-link-broken");
});

test("a file's address is absolute, and messages name it as the user did", () => {
  const base = model({});
  const source = mustBe(openDirectory(`${base}///`));
  assert.equal(source.base, base);
  assert.equal(source.uri("nodes/a.yml"), `yaml_fs://${base}/nodes/a.yml`);
  const here = mustBe(openDirectory("test/fixtures"));
  assert.equal(here.uri("nodes/a.yml"), `yaml_fs://${process.cwd()}/test/fixtures/nodes/a.yml`);
});

test("ten thousand files are listed in the time of their directories", { timeout: 20_000 }, () => {
  const base = model({});
  for (let directory = 0; directory < 100; directory++) {
    mkdirSync(join(base, `nodes/${directory}`));
    for (let file = 0; file < 100; file++)
      writeFileSync(join(base, `nodes/${directory}/n${directory}-${file}.yml`), "");
  }
  const source = mustBe(openDirectory(base));
  const start = performance.now();
  assert.equal(mustBe(source.list("nodes")).length, 10_000);
  assert.ok(performance.now() - start < 1000);
});
