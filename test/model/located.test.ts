import assert from "node:assert/strict";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import { placeText } from "../../src/diagnostics/frame.ts";
import { inventoryMessage } from "../../src/host/inventory/inventory-messages.ts";
import { modelMessage } from "../../src/model/messages.ts";
import { commit, git, makeRepository, writeModel } from "../support/inventories.ts";
import { compileNode } from "../support/model.ts";
import { type Ended, plinth, type Surroundings, workDirectory } from "../support/plinth.ts";

const work = workDirectory();

/** Stands before what a message has to point to, and is no part of the file. */
const mark = "@@";

type Row = {
  readonly code: string;
  /** What makes it the one or the other, where a code has several rows. */
  readonly title?: string;
  /** `n1` is a node's file, `config` the settings, another word a class. One of them has the mark. */
  readonly files: Readonly<Record<string, string>>;
  readonly path?: string;
  /** The node that wanted it; `n1` where nothing else is said, null for what is wrong for all nodes. */
  readonly node?: string | null;
  /** The verb and its words, before --model; `show n1` where nothing else is said. */
  readonly words?: readonly string[];
};

const pathOf = (word: string): string => {
  if (word === "config") return "reclass-config.yml";
  return /^n\d+$/.test(word) ? `nodes/${word}.yml` : `classes/${word}.yml`;
};

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("");

const tens = (item: string): string => Array(10).fill(item).join(", ");

const deep = (levels: number): string => `${"{a: ".repeat(levels)}1${"}".repeat(levels)}`;

/** Every message of the model's catalog that is about a line. */
const rows: readonly Row[] = [
  {
    code: "file-too-nested",
    files: { n1: `parameters:\n  x: ${"{a: ".repeat(300)}@@${deep(3)}${"}".repeat(300)}\n` },
    path: "x",
  },
  {
    code: "file-too-nested",
    title: "by aliases",
    files: {
      n1: `parameters:\n  a0: &a0 [${tens("x")}]\n${lines(4, (at) => `  a${at + 1}: &a${at + 1} [${tens(`*a${at}`)}]\n`)}  a5: [${"*a4, ".repeat(7)}*a4@@, *a4, *a4]\n`,
    },
    path: "a5",
  },
  { code: "yaml-broken", files: { n1: "parameters:\n  keystone:\n    a: @@`x`\n" }, path: "keystone:a" },
  { code: "yaml-second-document", files: { n1: "parameters: {}\n@@---\nclasses: []\n" } },
  { code: "yaml-alias-unknown", files: { n1: "parameters:\n  a: {b: @@*x}\n" }, path: "a:b" },
  {
    code: "yaml-alias-unknown",
    title: "in a merge key",
    files: { n1: "parameters:\n  a:\n    <<: @@*x\n" },
    path: "a",
  },
  { code: "yaml-key-not-text", files: { n1: "parameters:\n  a:\n    @@[x, y]: 1\n" }, path: "a" },
  { code: "yaml-merge-wrong", files: { n1: "parameters:\n  a:\n    @@<<: 1\n" }, path: "a" },
  { code: "yaml-tag-unknown", files: { n1: "parameters:\n  a: [x, @@!y z]\n" }, path: "a:1" },
  { code: "yaml-number-wrong", files: { n1: "parameters:\n  a:\n    day: @@2001-13-45\n" }, path: "a:day" },
  { code: "text-joined", title: "an item", files: { n1: "parameters:\n  l:\n    @@-a\n" }, path: "l" },
  { code: "text-joined", title: "a key", files: { n1: "parameters:\n  l:\n    @@a:b\n" }, path: "l" },
  { code: "reference-odd", files: { n1: "parameters:\n  a: {b: @@$_param:x}\n" }, path: "a:b" },
  { code: "key-twice", files: { n1: "parameters:\n  nova: {}\n  @@nova: {}\n" }, path: "nova" },
  {
    code: "key-twice",
    title: "in a class",
    files: { n1: "classes: [c]\n", c: "parameters:\n  l:\n  - {a: 1, @@'a': 2}\n" },
    path: "l:0:a",
  },
  { code: "section-unknown", files: { n1: "classes: [c]\n", c: "@@paramters:\n  a: 1\n" }, path: "paramters" },
  { code: "config-not-mapping", files: { n1: "", config: "@@- x\n" }, node: null },
  {
    code: "setting-unknown",
    files: { n1: "", config: "storage_type: yaml_fs\n@@compose_node_names: true\n" },
    path: "compose_node_names",
    node: null,
  },
  {
    code: "setting-wrong",
    files: { n1: "", config: "@@compose_node_name: 'false'\n" },
    path: "compose_node_name",
    node: null,
  },
  {
    code: "prefix-idle",
    files: { n1: "", config: "@@dict_key_override_prefix: '~~'\n" },
    path: "dict_key_override_prefix",
    node: null,
  },
  {
    code: "directory-outside",
    files: { n1: "", config: "storage_type: yaml_fs\n@@nodes_uri: ../other\n" },
    path: "nodes_uri",
    node: null,
  },
  {
    code: "storage-unsupported",
    files: { n1: "", config: "@@storage_type: yaml_git\n" },
    path: "storage_type",
    node: null,
  },
  {
    code: "directories-overlap",
    files: { n1: "", config: "@@classes_uri: nodes/classes\n" },
    path: "classes_uri",
    node: null,
  },
  {
    code: "mapping-wrong",
    files: { n1: "", config: "class_mappings:\n- n* a\n- @@/(/ b\n" },
    path: "class_mappings:1",
    node: null,
  },
  {
    code: "mapping-of-path",
    files: { n1: "", config: "class_mappings:\n- n* a\n- @@a/* a\n", a: "" },
    path: "class_mappings:1",
    node: null,
  },
  {
    code: "pattern-slow",
    files: {
      n1: `classes: [${"a".repeat(40)}b]\n`,
      config: "ignore_class_notfound: true\n@@ignore_class_notfound_regexp: ^(a+)+$\n",
    },
    path: "ignore_class_notfound_regexp",
  },
  {
    code: "pattern-wrong",
    files: { n1: "", config: "@@ignore_class_notfound_regexp: '('\n" },
    path: "ignore_class_notfound_regexp",
    node: null,
  },
  { code: "class-unknown", files: { n1: "classes: [c]\n", c: "classes:\n- d\n- @@gone\n", d: "" }, path: "classes:1" },
  {
    code: "class-unknown",
    title: "of class_mappings",
    files: { n1: "", config: "class_mappings: [@@n* gone]\n" },
    path: "class_mappings:0",
  },
  {
    code: "class-relative-unknown",
    files: { n1: "classes: [x.y]\n", "x/y": "classes:\n- @@.sub\n" },
    path: "classes:0",
  },
  {
    code: "class-skipped",
    files: { n1: "classes: [@@gone]\n", config: "ignore_class_notfound: true\n" },
    path: "classes:0",
  },
  {
    code: "class-cycle",
    files: { n1: "classes: [c]\n", c: "classes: [d]\n", d: "classes: [@@c]\n" },
    path: "classes:0",
  },
  {
    code: "class-deep",
    files: {
      n1: "classes: [c0]\n",
      ...Object.fromEntries(
        Array.from({ length: 310 }, (_, at) => [`c${at}`, `classes: [${at === 299 ? "@@" : ""}c${at + 1}]\n`]),
      ),
      c310: "",
    },
    path: "classes:0",
  },
  { code: "class-name-wrong", files: { n1: "classes: [c]\n", c: "classes:\n- @@a/b\n" }, path: "classes:0" },
  { code: "class-reference-missing", files: { n1: "classes: [c, @@'a.${x}']\n", c: "" }, path: "classes:1" },
  {
    code: "class-reference-deep",
    files: { n1: "classes: [c, @@'a.${x}']\n", c: "parameters: {x: '${y}', y: 1}\n" },
    path: "classes:1",
  },
  { code: "file-not-mapping", files: { n1: "classes: [c]\n", c: "@@- x\n" } },
  { code: "section-wrong", files: { n1: "parameters:\n  @@- x\n" }, path: "parameters" },
  { code: "section-wrong", title: "an item", files: { n1: "classes:\n- a\n- @@b: c\n", a: "" }, path: "classes:1" },
  { code: "section-wrong", title: "applications", files: { n1: "applications: @@x\n" }, path: "applications" },
  { code: "section-wrong", title: "environment", files: { n1: "environment: @@[x]\n" }, path: "environment" },
  { code: "reference-open", files: { n1: "parameters:\n  keys: {~a: @@'${b'}\n" }, path: "keys:a" },
  { code: "reference-empty", files: { n1: "parameters:\n  keys:\n  - @@${}\n" }, path: "keys:0" },
  {
    code: "reference-nested",
    files: { n1: `parameters:\n  a: @@'${"${a:".repeat(120)}${"}".repeat(120)}'\n` },
    path: "a",
  },
  { code: "query-open", files: { n1: "parameters:\n  a: {=b: @@'$[ exports:a'}\n" }, path: "a:b" },
  { code: "query-wrong", files: { n1: "parameters:\n  a: @@'$[ if ]'\n" }, path: "a" },
  { code: "query-in-export", files: { n1: "exports:\n  a:\n    b: @@$[ exports:c ]\n" }, path: "exports:a:b" },
  {
    code: "reference-missing",
    files: { n1: "parameters:\n  keystone:\n    server:\n      host: @@${_param:db}\n" },
    path: "keystone:server:host",
  },
  {
    code: "reference-skipped",
    files: { n1: "classes: [c]\nparameters: {a: {key: 1}}\n", c: "parameters: {a: {key: @@'${b}'}}\n" },
    path: "a:key",
  },
  { code: "reference-cycle", files: { n1: "parameters:\n  a: @@${b}\n  b: ${a}\n" }, path: "a" },
  {
    code: "result-too-large",
    files: {
      n1: `parameters:\n  a0: xxxxxxxxxx\n${lines(60, (at) => `  a${at + 1}: ${at === 21 ? "@@" : ""}'\${a${at}}\${a${at}}'\n`)}`,
    },
    path: "a22",
  },
  {
    code: "merge-wrong",
    files: { n1: "classes: [c]\nparameters:\n  auth:\n    keys: @@[1]\n", c: "parameters: {auth: {keys: {a: 1}}}\n" },
    path: "auth:keys",
  },
  {
    code: "constant-changed",
    files: { n1: "classes: [c]\nparameters:\n  a: {b: @@2}\n", c: "parameters: {a: {=b: 1}}\n" },
    path: "a:b",
  },
  {
    code: "query-failed",
    files: { n1: "parameters:\n  all: [@@'$[ exports:a ]']\n", n2: "exports: {a: '${nope}'}\n" },
    path: "all:0",
  },
  {
    code: "result-too-deep",
    files: {
      n1: `parameters:\n${lines(800, (at) => `  a${at}: ${at === 200 ? "@@" : ""}{x: '\${a${at + 1}}'}\n`)}  a800: {x: 1}\n`,
    },
    path: "a200",
  },
];

/** Those that are about a name, a directory or a file as a whole: where they are is told by it. */
type Named = {
  readonly code: string;
  readonly title?: string;
  readonly skip?: string | false;
  /** @returns how it ended, and where it is said to be. */
  readonly run: () => {
    readonly ended: Ended;
    readonly at: string | undefined;
    readonly node?: string;
    readonly path?: string;
  };
};

const show = (base: string, node = "n1", as: Surroundings = {}): Ended =>
  plinth(["model", "show", node, "--model", base], as);
const diff = (base: string, revision: string, as: Surroundings = {}): Ended =>
  plinth(["model", "diff", revision, "--model", base], as);
const model = (files: Parameters<typeof writeModel>[1]): string => writeModel(work, files);
const nobody = 65_534;
/** A user who may not read what root may. */
const unprivileged: Surroundings = { uid: nobody, gid: nobody };
const onlyAsRoot = process.geteuid?.() === 0 ? false : "only root can become somebody else";

const open = (base: string): string => {
  chmodSync(work, 0o755);
  chmodSync(base, 0o755);
  return base;
};

const named: readonly Named[] = [
  {
    code: "name-twice",
    run() {
      const base = model({ "nodes/a/n1.yml": "", "nodes/b/n1.yml": "" });
      return { ended: show(base), at: `${base}/nodes/b/n1.yml` };
    },
  },
  {
    code: "node-unknown",
    run() {
      const base = model({});
      return { ended: show(base), at: base };
    },
  },
  {
    code: "path-unknown",
    title: "for show",
    run() {
      const base = model({ "nodes/n1.yml": "parameters: {a: 1}\n" });
      return { ended: plinth(["model", "show", "n1", "a:b", "--model", base]), at: "n1", node: "n1", path: "a:b" };
    },
  },
  {
    code: "path-unknown",
    title: "for explain",
    run() {
      const base = model({ "nodes/n1.yml": "parameters: {a: 1}\n" });
      return { ended: plinth(["model", "explain", "n1", "a:b", "--model", base]), at: "n1", node: "n1", path: "a:b" };
    },
  },
  { code: "model-not-there", run: () => ({ ended: show("/nowhere"), at: "/nowhere" }) },
  {
    code: "model-directory-missing",
    run() {
      const base = model({ "reclass-config.yml": "nodes_uri: hosts\n" });
      return { ended: show(base), at: base };
    },
  },
  {
    code: "model-directory-unreadable",
    skip: onlyAsRoot,
    run() {
      const base = open(model({ "classes/shut/": "", "nodes/n1.yml": "" }));
      chmodSync(join(base, "classes/shut"), 0o700);
      return { ended: show(base, "n1", unprivileged), at: `${base}/classes/shut` };
    },
  },
  {
    code: "model-link-loop",
    run() {
      const base = model({ "classes/a/b/": "" });
      symlinkSync("..", join(base, "classes/a/b/up"));
      return { ended: show(base), at: `${base}/classes/a/b/up` };
    },
  },
  {
    code: "model-link-broken",
    run() {
      const base = model({ "nodes/n1.yml": "-> gone.yml" });
      return { ended: show(base), at: `${base}/nodes/n1.yml`, node: "n1" };
    },
  },
  {
    code: "model-file-unreadable",
    skip: onlyAsRoot,
    run() {
      const base = open(model({ "nodes/n1.yml": "" }));
      chmodSync(join(base, "nodes/n1.yml"), 0o600);
      return { ended: show(base, "n1", unprivileged), at: `${base}/nodes/n1.yml`, node: "n1" };
    },
  },
  {
    code: "model-file-odd",
    run() {
      const base = model({ "nodes/n1.yml": "classes: [c]\n", "classes/c.yml/": "", "nodes/n2.yml": "-> /dev/null" });
      return { ended: show(base, "n2"), at: `${base}/nodes/n2.yml`, node: "n2" };
    },
  },
  {
    code: "model-file-too-large",
    run() {
      const base = model({ "nodes/n1.yml": `# ${"x".repeat(4 * 1024 * 1024)}\n` });
      return { ended: show(base), at: `${base}/nodes/n1.yml`, node: "n1" };
    },
  },
  {
    code: "model-file-not-utf8",
    run() {
      const base = model({ "nodes/n1.yml": Buffer.from("parameters:\n  a: \xe4\n", "latin1") });
      return { ended: show(base), at: `${base}/nodes/n1.yml:2:6`, node: "n1" };
    },
  },
  {
    code: "model-name-not-utf8",
    run() {
      const base = model({});
      writeFileSync(Buffer.concat([Buffer.from(`${base}/nodes/`), Buffer.from([0xe4]), Buffer.from(".yml")]), "");
      return { ended: show(base), at: `${base}/nodes/\ufffd.yml` };
    },
  },
  {
    code: "model-too-many-files",
    run() {
      const base = model({});
      for (let at = 0; at < 9; at++) {
        mkdirSync(join(base, `f${at}`));
        for (const side of ["l", "r"]) symlinkSync(`../f${at + 1}`, join(base, `f${at}/${side}`));
      }
      mkdirSync(join(base, "f9"));
      for (let at = 0; at < 500; at++) writeFileSync(join(base, `f9/${at}`), "");
      symlinkSync("../f0", join(base, "classes/all"));
      return { ended: show(base), at: `${base}/classes` };
    },
  },
  {
    code: "git-not-there",
    run() {
      const base = model({});
      return { ended: diff(base, "HEAD", { env: { PATH: "/nowhere" } }), at: undefined };
    },
  },
  {
    code: "git-failed",
    run() {
      const repository = makeRepository(work, { "nodes/n1.yml": "", "classes/c.yml": "" });
      writeFileSync(join(repository, ".git/config"), "[core\n");
      return { ended: diff(repository, "HEAD"), at: repository };
    },
  },
  {
    code: "git-no-repository",
    run() {
      const base = model({});
      return { ended: diff(base, "HEAD"), at: base };
    },
  },
  {
    code: "git-not-owned",
    skip: onlyAsRoot,
    run() {
      const repository = open(makeRepository(work, { "nodes/n1.yml": "", "classes/c.yml": "" }));
      return { ended: diff(repository, "HEAD", unprivileged), at: repository };
    },
  },
  {
    code: "revision-unknown",
    run() {
      const repository = makeRepository(work, { "nodes/n1.yml": "", "classes/c.yml": "" });
      return { ended: diff(repository, "gone"), at: repository };
    },
  },
  {
    code: "revision-without-model",
    run() {
      const repository = makeRepository(work, { "readme.md": "" });
      commit(repository, { "m/nodes/n1.yml": "", "m/classes/c.yml": "" });
      return { ended: diff(join(repository, "m"), "HEAD~1"), at: join(repository, "m") };
    },
  },
  {
    code: "model-link-outside",
    run() {
      writeFileSync(join(work, "outside.yml"), "");
      const repository = makeRepository(work, { "nodes/n1.yml": `-> ${work}/outside.yml`, "classes/c.yml": "" });
      return { ended: diff(repository, "HEAD"), at: `HEAD:${repository}/nodes/n1.yml`, node: "n1" };
    },
  },
  {
    code: "git-object-missing",
    run() {
      const origin = makeRepository(work, { "nodes/n1.yml": "", "classes/c.yml": "parameters: {a: 2}\n" });
      git(origin, "config", "uploadpack.allowFilter", "true");
      commit(origin, { "classes/c.yml": "parameters: {a: 1}\n" });
      const clone = `${origin}-partial`;
      git(work, "clone", "--quiet", "--filter=blob:none", `file://${origin}`, clone);
      return { ended: diff(clone, "HEAD~1"), at: clone };
    },
  },
  {
    code: "submodule-not-there",
    run() {
      const inner = makeRepository(work, { "c.yml": "" });
      const repository = makeRepository(work, { "nodes/n1.yml": "classes: [shared.c]\n", "classes/a.yml": "" });
      git(repository, "submodule", "--quiet", "add", inner, "classes/shared");
      commit(repository, {});
      git(repository, "submodule", "--quiet", "deinit", "--force", "classes/shared");
      return { ended: diff(repository, "HEAD"), at: "classes/shared" };
    },
  },
];

/** Where the mark stands, and the files without it. */
function placed(files: Row["files"]): { readonly files: Record<string, string>; readonly at: string } {
  const found: string[] = [];
  const plain = Object.entries(files).map(([word, text]): [string, string] => {
    const before = text.slice(0, Math.max(0, text.indexOf(mark)));
    const ownLines = before.split("\n");
    if (text.includes(mark)) found.push(`${pathOf(word)}:${ownLines.length}:${(ownLines.at(-1) as string).length + 1}`);
    return [pathOf(word), text.replace(mark, "")];
  });
  assert.equal(found.length, 1, "one place is marked");
  return { files: Object.fromEntries(plain), at: found[0] as string };
}

for (const { code, title, files: marked, path, node = "n1", words = ["show", "n1"] } of rows) {
  test(`${code}${title ? `, ${title}` : ""}, is told with file, line, column, path and node`, () => {
    const { files, at } = placed(marked);
    const base = writeModel(work, files);
    const shown = plinth(["model", ...words, "--model", base]);
    const found = shown.log.filter((line) => line.code === code);
    assert.deepEqual(
      found.map((line) => [line["at"], line["path"], line["node"]]),
      [[`${base}/${at}`, path, node ?? undefined]],
      shown.stderr,
    );
    for (const { msg, fix } of found) assert.ok(msg !== "" && fix !== "");
    // check looks at all nodes, and says it to people.
    const { stderr } = plinth(["model", "check", "--model", base], { env: { PLINTH_LOG_FORMAT: "text" } });
    const facts = [
      `at=${base}/${at}`,
      ...(path === undefined ? [] : [`path=${path}`]),
      ...(node === null ? [] : [`node=${node}`]),
    ];
    const told = stderr.split("\n").filter((line) => line.includes(`(code=${code} `));
    assert.ok(
      told.some((line) => facts.every((fact) => line.includes(fact))),
      `${facts.join(" ")} in\n${stderr}`,
    );
  });
}

for (const { code, title, skip = false, run } of named) {
  test(`${code}${title ? `, ${title}` : ""}, is told with what it is about`, { skip }, () => {
    const { ended, at, node, path } = run();
    const found = ended.log.filter((line) => line.code === code);
    assert.deepEqual(
      found.map((line) => [line["at"], line["node"], line["path"]]),
      [[at, node, path]],
      ended.stderr,
    );
  });
}

/** The directory's files end at as many bytes: whoever gives texts directly meets this limit. */
test("file-too-large is reported where the file exceeds the limit", () => {
  const given = compileNode({ "nodes/n1.yml": `# ${"x".repeat(100)}\n`.repeat(42_000) }, "n1");
  assert.ok(!given.ok);
  const [found] = given.diagnostics as readonly [Diagnostic];
  assert.equal(found.code, "file-too-large");
  // 103 characters a line.
  assert.equal(
    found.place && placeText(found.place).at,
    `/model/nodes/n1.yml:${Math.floor((4 * 1024 * 1024) / 103) + 1}:${((4 * 1024 * 1024) % 103) + 1}`,
  );
});

/** No file that is read is long enough: three classes hold one chain. */
test("reference-deep is reported at the reference that exceeds the limit", () => {
  const key = (at: number): string => `k${at.toString(36)}`;
  const each = 180_000;
  const part = (from: number): string =>
    `parameters:\n${lines(each, (at) => `  ${key(from + at)}: \${${key(from + at + 1)}}\n`)}`;
  const given = compileNode(
    {
      "nodes/n1.yml": `classes: [c0, c1, c2]\nparameters: {${key(3 * each)}: 1}\n`,
      "classes/c0.yml": part(0),
      "classes/c1.yml": part(each),
      "classes/c2.yml": part(2 * each),
    },
    "n1",
  );
  assert.ok(!given.ok);
  const [found, ...more] = given.diagnostics as readonly [Diagnostic];
  assert.deepEqual(more, []);
  const { code, path, node, place } = found;
  assert.deepEqual([code, path, node], ["reference-deep", key(500_000), "n1"]);
  // Behind the line of `parameters:`.
  assert.equal(place && placeText(place).at, `/model/classes/c2.yml:${500_000 - 2 * each + 2}:10`);
});

test("every message of the model's catalogs is in these tables", () => {
  // What nothing refers to has a file of its own: unreferred.test.ts.
  const elsewhere = ["file-too-large", "reference-deep", "parameter-unreferred", "parameters-unreferred"];
  const known = new Set([...[...rows, ...named].map(({ code }) => code), ...elsewhere]);
  const all = [...Object.keys(modelMessage.entries), ...Object.keys(inventoryMessage.entries)];
  assert.deepEqual(
    all.filter((code) => !known.has(code)),
    [],
    "messages without a row",
  );
  assert.deepEqual(
    [...known].filter((code) => !all.includes(code)),
    [],
    "rows without a message",
  );
});
