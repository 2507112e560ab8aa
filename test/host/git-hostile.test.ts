import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { commit, git, makeRepository } from "../support/inventories.ts";
import { plinth, workDirectory } from "../support/plinth.ts";

/** Repositories made to run a program. Each program is a canary: it writes a file, and no file may appear. */

const work = workDirectory();

const model = {
  "model/nodes/n1.yml": "classes: [a]\n",
  "model/classes/a.yml": "parameters: {a: 1}\n",
};

/** A place of its own for one case, with a program that leaves a trace there. */
type Scene = { readonly place: string; readonly canary: string; readonly sang: () => string };

function scene(): Scene {
  const place = mkdtempSync(join(work, "scene-"));
  const [canary, trace] = [join(place, "canary"), join(place, "trace")];
  writeFileSync(canary, `#!/bin/sh\necho "$0 $*" >> ${trace}\nexit 1\n`, { mode: 0o755 });
  return {
    place,
    canary,
    sang: () => (existsSync(trace) ? execFileSync("cat", [trace], { encoding: "utf8" }) : ""),
  };
}

/** Settings that name a program, or lead to one. git asks one promisor after the other for what is missing. */
const settings = (canary: string): string => `
[core]
  repositoryFormatVersion = 1
  sshCommand = ${canary}
  gitProxy = ${canary}
  askPass = ${canary}
  fsmonitor = ${canary}
  pager = ${canary}
  editor = ${canary}
  alternateRefsCommand = ${canary}
  hooksPath = ${join(canary, "..")}
[protocol]
  allow = always
[protocol "ext"]
  allow = always
[credential]
  helper = !${canary}
[fetch]
  bundleURI = https://u@127.0.0.1:9/x
[extensions]
  partialClone = ssh
[remote "ssh"]
  url = ssh://nowhere.invalid/x
  promisor = true
[remote "upload"]
  url = /
  uploadpack = ${canary}
  promisor = true
[remote "external"]
  url = ext::${canary} %S
  promisor = true
[remote "proxy"]
  url = git://127.0.0.1:9/x
  promisor = true
[remote "password"]
  url = https://u@127.0.0.1:9/x
  promisor = true
[pager]
  ls-tree = ${canary}
  rev-parse = ${canary}
  rev-list = ${canary}
  cat-file = ${canary}
  for-each-ref = ${canary}
[alias]
  rev-parse = !${canary}
  ls-tree = !${canary}
[filter "spy"]
  clean = ${canary}
  smudge = ${canary}
  process = ${canary}
  required = true
[diff]
  external = ${canary}
[diff "spy"]
  textconv = ${canary}
[log]
  showSignature = true
[gpg]
  program = ${canary}
`;

/** Gives a repository these settings, and takes its blobs away, so that git has to fetch them. */
function spoil(gitDirectory: string, lines: string): void {
  writeFileSync(join(gitDirectory, "config.included"), `${lines}\n`);
  appendFileSync(join(gitDirectory, "config"), "[include]\n  path = config.included\n");
  const ids = git(gitDirectory, "ls-tree", "-r", "HEAD").split("\n");
  for (const line of ids) {
    const id = line.split(/\s/)[2] as string;
    rmSync(join(gitDirectory, "objects", id.slice(0, 2), id.slice(2)), { force: true });
  }
}

/** A git directory with a commit of a model, loose objects and all. */
function gitDirectory(place: string, prefix = ""): string {
  const files = Object.fromEntries(Object.entries(model).map(([path, text]) => [path.replace("model/", prefix), text]));
  const made = makeRepository(place, { ...files, ".gitattributes": "* filter=spy diff=spy\n" });
  return join(made, ".git");
}

/** Where a hostile repository can be, and the model whose revisions are then asked for. */
const places: Readonly<Record<string, (scene: Scene, lines: string) => string>> = {
  "a clone whose model/ holds a bare repository": ({ place }, lines) => {
    const evil = gitDirectory(place);
    spoil(evil, lines);
    const inner = Object.fromEntries(["HEAD", "config", "config.included"].map((name) => [name, join(evil, name)]));
    const outer = makeRepository(place, model);
    for (const [name, from] of Object.entries(inner)) cpSync(from, join(outer, "model", name));
    for (const name of ["objects", "refs"]) cpSync(join(evil, name), join(outer, "model", name), { recursive: true });
    commit(outer, { "model/refs/keep": "", "model/refs/heads/keep": "" });
    const clone = join(place, "clone");
    git(place, "clone", "--quiet", outer, clone);
    return join(clone, "model");
  },
  "a bare repository with a commondir": ({ place }, lines) => {
    const evil = gitDirectory(place);
    spoil(evil, lines);
    const outer = makeRepository(place, model);
    cpSync(evil, join(outer, "model", "common"), { recursive: true });
    writeFileSync(join(outer, "model/commondir"), "common\n");
    cpSync(join(evil, "HEAD"), join(outer, "model/HEAD"));
    return join(outer, "model");
  },
  "a directory that is a bare repository and in no other": ({ place }, lines) => {
    const evil = gitDirectory(place);
    spoil(evil, lines);
    for (const directory of ["nodes", "classes"]) mkdirSync(join(evil, directory));
    return evil;
  },
  "an unpacked archive with a .git": ({ place }, lines) => {
    const evil = gitDirectory(place, "model/");
    spoil(evil, lines);
    return join(evil, "../model");
  },
  "a .git file in model/ that leads elsewhere": ({ place }, lines) => {
    const evil = gitDirectory(place);
    spoil(evil, lines);
    const outer = makeRepository(place, model);
    cpSync(evil, join(outer, "model/data"), { recursive: true });
    writeFileSync(join(outer, "model/.git"), "gitdir: data\n");
    return join(outer, "model");
  },
  "a submodule that is a partial clone": ({ place }, lines) => {
    const shared = makeRepository(place, { "s.yml": "parameters: {s: 1}\n" });
    const outer = makeRepository(place, model);
    git(outer, "submodule", "--quiet", "add", shared, "model/classes/shared");
    commit(outer, {});
    spoil(join(outer, ".git/modules/model/classes/shared"), lines);
    return join(outer, "model");
  },
  "objects that are taken from a hostile repository": ({ place }, lines) => {
    const evil = gitDirectory(place, "model/");
    spoil(evil, lines);
    const outer = makeRepository(place, {});
    const id = git(evil, "rev-parse", "HEAD");
    writeFileSync(join(outer, ".git/objects/info/alternates"), `${join(evil, "objects")}\n`);
    git(outer, "update-ref", "refs/heads/main", id);
    appendFileSync(join(outer, ".git/config"), lines);
    return join(outer, "model");
  },
};

/** Every way in which a model's repository is read. */
const readings: readonly ((model: string) => readonly string[])[] = [
  (directory) => ["model", "diff", "HEAD", "--model", directory],
  (directory) => ["model", "diff", "HEAD", "HEAD", "--model", directory, "--json"],
  (directory) => ["model", "diff", "main", "--model", directory, "--names"],
  (directory) => ["model", "diff", "nowhere", "--model", directory],
];

for (const [where, make] of Object.entries(places)) {
  test(`no program runs: ${where}`, () => {
    const set = scene();
    const directory = make(set, settings(set.canary));
    mkdirSync(join(directory, "nodes"), { recursive: true });
    mkdirSync(join(directory, "classes"), { recursive: true });
    for (const hook of ["post-index-change", "reference-transaction", "fsmonitor-watchman"]) {
      cpSync(set.canary, join(set.place, hook));
    }
    for (const reading of readings) {
      const words = reading(directory);
      const { status, log } = plinth(words);
      assert.ok(status === 0 || log.some(({ code }) => code !== undefined), words.join(" "));
    }
    const build = spawnSync(
      process.execPath,
      ["images/build.ts", "--model", directory, "--since", "HEAD", "--dry-run"],
      {
        encoding: "utf8",
      },
    );
    assert.notEqual(build.status, null);
    assert.equal(set.sang(), "");
  });
}

test("the traps of these tests work: a plain call of git triggers each", () => {
  const set = scene();
  const evil = gitDirectory(set.place);
  spoil(evil, settings(set.canary));
  const blob = git(evil, "ls-tree", "-r", "--format=%(objectname)", "HEAD").split("\n")[0] as string;
  spawnSync("git", ["-C", evil, "cat-file", "-p", blob], { env: { PATH: process.env["PATH"] ?? "" } });
  for (const sign of [/nowhere\.invalid/, /upload|canary '\/'/, /127\.0\.0\.1 9/]) assert.match(set.sang(), sign);
});

test("a bare repository among the model's files is ignored in favour of the one around it", () => {
  const set = scene();
  const directory = (places["a clone whose model/ holds a bare repository"] as (typeof places)[string])(set, "");
  writeFileSync(join(directory, "classes/a.yml"), "parameters: {a: 2}\n");
  const { status, stdout, stderr } = plinth(["model", "diff", "HEAD", "--model", directory]);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /a: 1 → 2/);
});

test("a partial clone gives what it has, and reports what it lacks", () => {
  const origin = makeRepository(work, model);
  git(origin, "config", "uploadpack.allowFilter", "true");
  commit(origin, { "model/classes/a.yml": "parameters: {a: 2}\n" });
  const clone = join(mkdtempSync(join(work, "partial-")), "clone");
  git(work, "clone", "--quiet", "--filter=blob:none", `file://${origin}`, clone);
  const directory = join(clone, "model");
  assert.equal(plinth(["model", "diff", "HEAD", "--model", directory]).status, 0);
  const { status, log } = plinth(["model", "diff", "HEAD~1", "--model", directory]);
  const missing = log.find(({ code }) => code === "git-object-missing");
  assert.ok(missing, JSON.stringify(log));
  assert.notEqual(status, 0);
  // What the message advises helps.
  const [, where = "", words = ""] = /git -C (\S+) ([a-z -]+)/.exec(missing.fix ?? "") ?? [];
  git(where, ...words.trim().split(" "));
  assert.match(plinth(["model", "diff", "HEAD~1", "--model", directory]).stdout, /a: 1 → 2/);
});

test("legitimate layouts are read: worktrees, separate git directories, shared objects, replaced commits", () => {
  const origin = makeRepository(work, model);
  commit(origin, { "model/classes/a.yml": "parameters: {a: 2}\n" });
  const place = mkdtempSync(join(work, "honest-"));
  git(origin, "worktree", "add", "--quiet", join(place, "worktree"));
  git(work, "clone", "--quiet", "--separate-git-dir", join(place, "apart.git"), origin, join(place, "apart"));
  git(work, "clone", "--quiet", "--shared", origin, join(place, "shared"));
  git(work, "clone", "--quiet", origin, join(place, "replaced"));
  const replaced = join(place, "replaced");
  git(replaced, "replace", git(replaced, "rev-parse", "HEAD~1"), git(replaced, "rev-parse", "HEAD"));
  for (const name of readdirSync(place).filter((each) => !each.endsWith(".git"))) {
    const directory = join(place, name, "model");
    const { status, stdout, stderr } = plinth(["model", "diff", "HEAD~1", "--model", directory]);
    assert.equal(status, 0, `${name}: ${stderr}`);
    assert.match(stdout, /a: 1 → 2/, name);
  }
});
