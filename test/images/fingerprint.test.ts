import assert from "node:assert/strict";
import { chmodSync, mkdirSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { contextDigest, fingerprint, type Inputs, plinthDigest, withoutCodeCache } from "../../images/fingerprint.ts";
import { workFolder } from "../support/plinth.ts";

const work = workFolder();
let folders = 0;

/** A folder with these files; a text that begins with `->` is a link. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = join(work, String(folders++));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    if (text.startsWith("->")) symlinkSync(text.slice(2), join(folder, path));
    else writeFileSync(join(folder, path), text);
  }
  return folder;
}

const usual = { Dockerfile: "FROM x", "rootfs/etc/a": "one", "rootfs/b": "->etc/a" };

describe("the digest of a context", () => {
  const same = contextDigest(folderOf(usual));
  test("is the same for the same, wherever and whenever it was made", () => {
    const again = folderOf(usual);
    utimesSync(join(again, "Dockerfile"), 1, 1);
    assert.equal(contextDigest(again), same);
  });

  const changes: readonly (readonly [title: string, change: (folder: string) => void])[] = [
    ["a file's contents", (folder) => writeFileSync(join(folder, "rootfs/etc/a"), "two")],
    ["a file's mode", (folder) => chmodSync(join(folder, "rootfs/etc/a"), 0o755)],
    ["a folder's mode", (folder) => chmodSync(join(folder, "rootfs/etc"), 0o700)],
    ["a new empty folder", (folder) => mkdirSync(join(folder, "rootfs/empty"))],
    ["a file that is gone", (folder) => unlinkSync(join(folder, "rootfs/etc/a"))],
    [
      "where a link leads",
      (folder) => {
        unlinkSync(join(folder, "rootfs/b"));
        symlinkSync("etc/c", join(folder, "rootfs/b"));
      },
    ],
  ];
  for (const [title, change] of changes) {
    test(`is another for ${title}`, () => {
      const folder = folderOf(usual);
      change(folder);
      assert.notEqual(contextDigest(folder), same);
    });
  }

  test("passes over the code cache of a baked image, and over nothing else of it", () => {
    const bakedOf = (cache: string, name: string, details: string): string =>
      contextDigest(
        folderOf({ "rootfs/etc/plinth/image.json": `${JSON.stringify({ name, templateCache: cache })}\n${details}\n` }),
      );
    assert.equal(bakedOf("AAAA", "n", "{}"), bakedOf("BBBB", "n", "{}"));
    assert.notEqual(bakedOf("AAAA", "n", "{}"), bakedOf("AAAA", "m", "{}"));
    assert.notEqual(bakedOf("AAAA", "n", "{}"), bakedOf("AAAA", "n", '{"more":1}'));
    assert.equal(withoutCodeCache('{"a":1,"templateCache":"x"}'), '{"a":1}');
  });
});

describe("the digest of plinth", () => {
  /** What `make binary` leaves, made at a commit; the program itself is another one each time. */
  function made(commit: string, change: Readonly<Record<string, string>> = {}) {
    const folder = folderOf({
      "tree/bin/plinth": `program ${folders}`,
      "tree/share/t.conf": "template",
      "stage/node": "node",
      "stage/start.cjs": `start of ${commit}`,
      "stage/start.cache": `cache ${folders}`,
      "scripts/binary.ts": "script",
      ...change,
    });
    // The program is put together last.
    utimesSync(join(folder, "tree/bin/plinth"), 4e9, 4e9);
    return { tree: join(folder, "tree"), stage: join(folder, "stage"), scripts: join(folder, "scripts") };
  }
  const same = plinthDigest(made("abc"), "abc");

  test("is the same at another commit that changed none of its parts", () => {
    assert.equal(plinthDigest(made("def-modified"), "def-modified"), same);
  });
  for (const path of ["tree/share/t.conf", "stage/node", "stage/start.cjs", "scripts/binary.ts"]) {
    test(`is another when ${path} changed`, () => {
      assert.notEqual(plinthDigest(made("abc", { [path]: "changed" }), "abc"), same);
    });
  }
  test("is the program's own where the parts are newer, or nobody knows the commit", () => {
    const later = made("abc");
    utimesSync(join(later.tree, "bin/plinth"), 1, 1);
    assert.notEqual(plinthDigest(later, "abc"), plinthDigest(made("abc"), "abc"));
    assert.notEqual(plinthDigest(made("abc"), undefined), plinthDigest(made("abc"), undefined));
    const alone = made("abc");
    assert.notEqual(plinthDigest({ ...alone, stage: join(alone.tree, "none") }, "abc"), same);
  });
});

describe("a fingerprint", () => {
  const inputs: Inputs = {
    context: "c",
    plinth: "p",
    base: "sha256:b",
    arguments: { PACKAGES: "a b", BASE: "x" },
    labels: { title: "t" },
  };
  test("does not depend on the order of arguments", () => {
    const turned = { ...inputs, arguments: { BASE: "x", PACKAGES: "a b" } };
    assert.equal(fingerprint(turned), fingerprint(inputs));
    assert.match(fingerprint(inputs), /^sha256:[0-9a-f]{64}$/);
  });
  const others: readonly Inputs[] = [
    { ...inputs, context: "d" },
    { ...inputs, plinth: undefined },
    { ...inputs, base: "sha256:c" },
    { ...inputs, arguments: { PACKAGES: "a", BASE: "x" } },
    { ...inputs, labels: {} },
  ];
  for (const other of others) {
    test(`is another for ${JSON.stringify(other)}`, () => assert.notEqual(fingerprint(other), fingerprint(inputs)));
  }
});
