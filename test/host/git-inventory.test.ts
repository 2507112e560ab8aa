import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { openRevision } from "../../src/host/inventory/git-inventory.ts";
import { openDirectory } from "../../src/host/inventory/inventory.ts";
import type { ModelSource } from "../../src/model/source.ts";
import { commit, git, makeRepository, refused } from "../support/inventories.ts";
import { mustBe } from "../support/must-be.ts";
import { plinth, workDirectory } from "../support/plinth.ts";

const work = workDirectory();

/** All that a source gives: its files' texts by their paths, or the codes of what is in the way. */
function contents(source: ModelSource): Readonly<Record<string, unknown>> {
  const config = source.config();
  const all: Record<string, unknown> = { config: config.ok ? config.value : config.diagnostics[0]?.code };
  for (const directory of ["nodes", "classes"]) {
    const files = source.list(directory);
    if (!files.ok) all[directory] = files.diagnostics.map(({ code }) => code);
    else {
      for (const file of files.value) {
        const text = source.read(`${directory}/${file}`);
        all[`${directory}/${file}`] = text.ok ? text.value : text.diagnostics[0]?.code;
      }
    }
  }
  return all;
}

/** git itself is the judge: what `git archive` writes of the revision, read as a directory. */
function checkedOut(repository: string, revision: string, directory: string): ModelSource {
  const place = mkdtempSync(join(work, "archive-"));
  const archive = join(place, "archive.tar");
  git(repository, "archive", "--output", archive, revision);
  execFileSync("tar", ["-xf", archive, "-C", place]);
  return mustBe(openDirectory(join(place, directory)));
}

const first = {
  "model/nodes/n1.yml": "classes: [a]\n",
  "model/nodes/deep/n2.yaml": "classes: [a, b.c]\n",
  "model/nodes/notes.txt": "no node",
  "model/classes/a.yml": "parameters: {ä: 1}\r\n",
  "model/classes/b/c.yml": "-> ../a.yml",
  "model/classes/.git-like/x.yml": "",
  "model/classes/CVS/x.yml": "",
  "model/classes/linked": "-> b",
  "model/classes/shared": "-> ../../shared",
  "model/classes/bytes.yml": Buffer.from([0x61, 0xff]),
  "model/classes/empty.yml": "",
  "model/classes/gone.yml": "-> nowhere.yml",
  "model/classes/name with blank\nand newline.yml": "x: 1\n",
  "model/reclass-config.yml": "compose_node_name: true\n",
  "shared/s.yml": "parameters: {s: 1}\n",
  "other/file": "text",
};

test("a revision reads like its checked-out files, including links and odd names", () => {
  const repository = makeRepository(work, first);
  git(repository, "tag", "one");
  commit(repository, { "model/nodes/n3.yml": "", "model/classes/a.yml": "parameters: {a: 2}\n" }, "model/nodes/deep");
  for (const revision of ["one", "HEAD", "main", "HEAD~1", git(repository, "rev-parse", "--short", "HEAD")]) {
    const source = mustBe(openRevision(join(repository, "model"), revision));
    assert.deepEqual(contents(source), contents(checkedOut(repository, revision, "model")), revision);
  }
});

test("the working tree is neither read nor touched", () => {
  const repository = makeRepository(work, first);
  writeFileSync(join(repository, "model/classes/a.yml"), "changed: yes\n");
  writeFileSync(join(repository, "model/nodes/new.yml"), "");
  const before = git(repository, "status", "--porcelain");
  const source = mustBe(openRevision(join(repository, "model"), "HEAD"));
  assert.equal(mustBe(source.read("classes/a.yml")), "parameters: {ä: 1}\r\n");
  assert.ok(!mustBe(source.list("nodes")).includes("new.yml"));
  assert.equal(git(repository, "status", "--porcelain"), before);
});

test("a model can be the repository itself, also a bare one", () => {
  const repository = makeRepository(work, { "nodes/n.yml": "a: 1\n", "classes/c.yml": "" });
  const bare = join(work, "bare.git");
  git(work, "clone", "--quiet", "--bare", repository, bare);
  for (const base of [repository, bare]) {
    const source = mustBe(openRevision(base, "main"));
    assert.deepEqual(mustBe(source.list("nodes")), ["n.yml"]);
    assert.equal(mustBe(source.read("nodes/n.yml")), "a: 1\n");
    assert.equal(mustBe(source.config()), undefined);
  }
});

test("a revision has a model that the working tree no longer has", () => {
  const repository = makeRepository(work, first);
  commit(repository, {}, "model");
  assert.ok(!existsSync(join(repository, "model")));
  const source = mustBe(openRevision(join(repository, "model"), "HEAD~1"));
  assert.equal(mustBe(source.list("nodes")).length, 2);
  const [gone] = refused(openRevision(join(repository, "model"), "HEAD"));
  assert.equal(gone?.what, `there is no directory ${repository}/model in revision HEAD`);
});

test("messages name a file as git does: REVISION:PATH", () => {
  const repository = makeRepository(work, first);
  const source = mustBe(openRevision(`${repository}/model/`, "HEAD"));
  assert.equal(source.base, `HEAD:${repository}/model`);
  const [bytes] = refused(source.read("classes/bytes.yml"));
  assert.deepEqual(bytes?.place, {
    kind: "document",
    file: `HEAD:${repository}/model/classes/bytes.yml`,
    line: 1,
    column: 2,
  });
});

test("a link that loops, or leads out of the repository, is an error when it is used", () => {
  const repository = makeRepository(work, {
    "nodes/n.yml": "",
    "classes/a/loop": "-> ../../classes",
    "classes/b/out": "-> /etc",
    "classes/b/up": "-> ../../../elsewhere",
    "classes/c/absolute.yml": "-> /etc/hostname",
    "classes/c/self.yml": "-> self.yml",
  });
  const source = mustBe(openRevision(repository, "HEAD"));
  assert.deepEqual(mustBe(source.list("nodes")), ["n.yml"]);
  const base = `HEAD:${repository}`;
  assert.deepEqual(
    refused(source.list("classes")).map(({ what }) => what),
    [
      `the link ${base}/classes/a/loop leads back to ${base}/classes, a directory that contains it: the model would never end`,
      `the link ${base}/classes/b/out leads to /etc, outside the repository, so no revision contains it`,
      `the link ${base}/classes/b/up leads to ../../../elsewhere, outside the repository, so no revision contains it`,
    ],
  );
  assert.deepEqual(mustBe(source.list("classes/c")), ["absolute.yml", "self.yml"]);
  assert.equal(refused(source.read("classes/c/absolute.yml"))[0]?.code, "model-link-outside");
  assert.match(refused(source.read("classes/c/self.yml"))[0]?.what ?? "", /too many symbolic links/);
});

test("classes in a submodule are those of the commit that the revision names", () => {
  const system = makeRepository(work, { "nova.yml": "parameters: {v: 1}\n" });
  const repository = makeRepository(work, { "nodes/n.yml": "", "classes/own.yml": "" });
  git(repository, "submodule", "--quiet", "add", system, "classes/system");
  commit(repository, {});
  commit(system, { "nova.yml": "parameters: {v: 2}\n", "new.yml": "" });
  git(join(repository, "classes/system"), "pull", "--quiet", "origin", "main");
  commit(repository, {});

  const source = (revision: string, base = repository) => mustBe(openRevision(base, revision));
  assert.deepEqual(mustBe(source("HEAD~1").list("classes")), ["own.yml", "system/nova.yml"]);
  assert.equal(mustBe(source("HEAD~1").read("classes/system/nova.yml")), "parameters: {v: 1}\n");
  assert.deepEqual(mustBe(source("HEAD").list("classes")), ["own.yml", "system/new.yml", "system/nova.yml"]);
  assert.equal(mustBe(source("HEAD").read("classes/system/nova.yml")), "parameters: {v: 2}\n");

  const clone = join(work, "without-submodules");
  git(work, "clone", "--quiet", repository, clone);
  const [missing] = refused(source("HEAD", clone).list("classes"));
  assert.match(
    missing?.what ?? "",
    /^classes\/system is a git submodule, and its commit [0-9a-f]{40} is not checked out here$/,
  );
  assert.match(missing?.fix ?? "", /git submodule update --init/);
});

test("an unknown revision names the nearest branch or tag", () => {
  const repository = makeRepository(work, first);
  git(repository, "tag", "release-2025.1");
  const [unknown] = refused(openRevision(join(repository, "model"), "release-2025.2"));
  assert.equal(unknown?.what, `the repository of ${repository}/model has no revision release-2025.2`);
  assert.match(unknown?.fix ?? "", /did you mean release-2025\.1\?/);
  for (const odd of ["--help", "-x", "HEAD~100", "nowhere", "HEAD:model", "a b", "^HEAD"]) {
    assert.equal(refused(openRevision(repository, odd))[0]?.code, "revision-unknown", odd);
  }
});

test("the error for a shallow clone, as CI makes it, says how to get more", () => {
  const repository = makeRepository(work, first);
  commit(repository, { "model/nodes/n4.yml": "" });
  const clone = join(work, "shallow");
  git(work, "clone", "--quiet", "--depth", "1", `file://${repository}`, clone);
  const [unknown] = refused(openRevision(join(clone, "model"), "HEAD~1"));
  assert.match(unknown?.fix ?? "", /git fetch --unshallow/);
});

test("a directory outside of any repository is reported as such", () => {
  const directory = mkdtempSync(join(work, "plain-"));
  assert.equal(
    refused(openRevision(directory, "HEAD"))[0]?.what,
    `${directory} is not in a git repository, so it has no revisions`,
  );
});

test("plinth does not bypass git's distrust of another user's repository", {
  skip: process.geteuid?.() !== 0 && "needs root",
}, () => {
  const repository = makeRepository(work, first);
  execFileSync("chown", ["-R", "65534:65534", repository]);
  const [distrust] = refused(openRevision(join(repository, "model"), "HEAD"));
  assert.equal(distrust?.code, "git-not-owned");
  assert.match(distrust?.fix ?? "", new RegExp(`safe\\.directory ${repository}$`));
});

/** Compares a model with a revision of it, as whoever has this environment. */
const diffOf = (model: string, env: Readonly<Record<string, string>>) =>
  plinth(["model", "diff", "HEAD", "--model", model], { env });

test("the error says so if git is not installed", () => {
  const { log } = diffOf(join(makeRepository(work, first), "model"), { PATH: "/nonexistent" });
  assert.equal(log.at(-1)?.code, "git-not-there");
});

test("the model's own repository is read inside a hook, where git names another in the environment", () => {
  const model = join(makeRepository(work, first), "model");
  const straight = diffOf(model, {});
  const hook = diffOf(model, { GIT_DIR: "/nonexistent/.git", GIT_INDEX_FILE: "/nonexistent/.git/index" });
  assert.deepEqual([straight.status, hook.status], [0, 0], straight.stderr + hook.stderr);
  assert.equal(hook.stdout, straight.stdout);
});

test("no program that the repository names runs", () => {
  const repository = makeRepository(work, { ...first, ".gitattributes": "*.yml diff=spy filter=spy\n" });
  const trace = join(work, "trace");
  const spy = join(work, "spy");
  writeFileSync(spy, `#!/bin/sh\necho "$0" >> ${trace}\ncat\n`);
  chmodSync(spy, 0o755);
  for (const setting of ["diff.spy.textconv", "filter.spy.smudge", "core.fsmonitor", "core.pager", "pager.ls-tree"]) {
    git(repository, "config", setting, spy);
  }
  mkdirSync(join(repository, ".git/hooks"), { recursive: true });
  for (const hook of ["post-checkout", "post-index-change", "reference-transaction"]) {
    writeFileSync(join(repository, ".git/hooks", hook), `#!/bin/sh\necho ${basename(hook)} >> ${trace}\n`);
    chmodSync(join(repository, ".git/hooks", hook), 0o755);
  }
  contents(mustBe(openRevision(join(repository, "model"), "HEAD")));
  assert.ok(!existsSync(trace));
});

test("a huge file of a revision is refused by its size", () => {
  const repository = makeRepository(work, { "nodes/n.yml": "", "classes/huge.yml": Buffer.alloc(5_000_000, "#") });
  const source = mustBe(openRevision(repository, "HEAD"));
  assert.deepEqual(mustBe(source.list("classes")), ["huge.yml"]);
  assert.match(refused(source.read("classes/huge.yml"))[0]?.what ?? "", /has 5000000 bytes/);
});

test("a few processes read five thousand files of a revision", { timeout: 60_000 }, () => {
  const files = Object.fromEntries(
    Array.from({ length: 5000 }, (_, number) => [`nodes/n${number}.yml`, `n: ${number}\n`]),
  );
  const repository = makeRepository(work, { ...files, "classes/c.yml": "" });
  const start = performance.now();
  assert.equal(Object.keys(contents(mustBe(openRevision(repository, "HEAD")))).length, 5002);
  assert.ok(performance.now() - start < 3000);
});
