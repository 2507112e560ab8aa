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
  /** What `make binary` leaves, made at a commit; code caches are others each time. */
  function made(commit: string, change: Readonly<Record<string, string>> = {}) {
    const folder = folderOf({
      "tree/bin/plinth": "carrier",
      "tree/lib/libc.so.6": "libc",
      "tree/program/node-24-abc/start.cjs": `start of ${commit}`,
      "tree/program/node-24-abc/start.cache": `cache ${folders}`,
      "tree/share/t.conf": "template",
      "scripts/binary.ts": "script",
      ...change,
    });
    return { tree: join(folder, "tree"), scripts: join(folder, "scripts") };
  }
  const digestsOf = (commit: string, change?: Readonly<Record<string, string>>) => ({
    carrier: plinthDigest("carrier", made(commit, change), commit),
    program: plinthDigest("program", made(commit, change), commit),
  });
  const same = digestsOf("abc");

  test("is the same at another commit that changed none of its parts", () => {
    assert.deepEqual(digestsOf("def-modified"), same);
  });
  const changes: readonly (readonly [path: string, half: "carrier" | "program"])[] = [
    ["tree/bin/plinth", "carrier"],
    ["tree/lib/libc.so.6", "carrier"],
    ["tree/program/node-24-abc/start.cjs", "program"],
    ["tree/program/node-24-abc/more.cjs", "program"],
    ["tree/share/t.conf", "program"],
    ["scripts/binary.ts", "program"],
  ];
  for (const [path, half] of changes) {
    test(`is another, of the ${half} alone, when ${path} changed`, () => {
      const other = digestsOf("abc", { [path]: "changed" });
      assert.deepEqual(
        (["carrier", "program"] as const).filter((each) => other[each] !== same[each]),
        [half],
      );
    });
  }
  test("is the same with other lists of options, which no image carries", () => {
    const list = "tree/share/config-templates/options/nova-2025.1.json";
    assert.deepEqual(digestsOf("abc", { [list]: "one" }), digestsOf("abc", { [list]: "two" }));
  });
  test("is another at each commit where nobody knows the commit", () => {
    const of = (commit: string): string => plinthDigest("program", made(commit), undefined);
    assert.notEqual(of("abc"), of("def"));
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
    { ...inputs, plinth: "" },
    { ...inputs, base: "sha256:c" },
    { ...inputs, arguments: { PACKAGES: "a", BASE: "x" } },
    { ...inputs, labels: {} },
  ];
  for (const other of others) {
    test(`is another for ${JSON.stringify(other)}`, () => assert.notEqual(fingerprint(other), fingerprint(inputs)));
  }
});
