import assert from "node:assert/strict";
import { chmodSync, mkdirSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { contextDigest, fingerprint, type Inputs, plinthDigest, withoutCodeCache } from "../../images/fingerprint.ts";
import { workDirectory } from "../support/plinth.ts";

const work = workDirectory();
let directories = 0;

/** A directory with these files; a text that begins with `->` is a link. */
function directoryOf(files: Readonly<Record<string, string>>): string {
  const directory = join(work, String(directories++));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(directory, path, ".."), { recursive: true });
    if (text.startsWith("->")) symlinkSync(text.slice(2), join(directory, path));
    else writeFileSync(join(directory, path), text);
  }
  return directory;
}

const usual = { Dockerfile: "FROM x", "rootfs/etc/a": "one", "rootfs/b": "->etc/a" };

describe("the digest of a context", () => {
  const same = contextDigest(directoryOf(usual));
  test("is the same for the same, wherever and whenever it was made", () => {
    const again = directoryOf(usual);
    utimesSync(join(again, "Dockerfile"), 1, 1);
    assert.equal(contextDigest(again), same);
  });

  const changes: readonly (readonly [title: string, change: (directory: string) => void])[] = [
    ["a file's contents", (directory) => writeFileSync(join(directory, "rootfs/etc/a"), "two")],
    ["a file's mode", (directory) => chmodSync(join(directory, "rootfs/etc/a"), 0o755)],
    ["a directory's mode", (directory) => chmodSync(join(directory, "rootfs/etc"), 0o700)],
    ["a new empty directory", (directory) => mkdirSync(join(directory, "rootfs/empty"))],
    ["a file that is gone", (directory) => unlinkSync(join(directory, "rootfs/etc/a"))],
    [
      "where a link leads",
      (directory) => {
        unlinkSync(join(directory, "rootfs/b"));
        symlinkSync("etc/c", join(directory, "rootfs/b"));
      },
    ],
  ];
  for (const [title, change] of changes) {
    test(`is another for ${title}`, () => {
      const directory = directoryOf(usual);
      change(directory);
      assert.notEqual(contextDigest(directory), same);
    });
  }

  test("ignores the code cache of a baked image, and nothing else of it", () => {
    const bakedOf = (cache: string, name: string, details: string): string =>
      contextDigest(
        directoryOf({
          "rootfs/etc/plinth/image.json": `${JSON.stringify({ name, templateCache: cache })}\n${details}\n`,
        }),
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
    const directory = directoryOf({
      "tree/bin/plinth": "carrier",
      "tree/lib/libc.so.6": "libc",
      "tree/program/node-24-abc/start.cjs": `start of ${commit}`,
      "tree/program/node-24-abc/start.cache": `cache ${directories}`,
      "tree/share/t.conf": "template",
      "scripts/binary.ts": "script",
      ...change,
    });
    return { tree: join(directory, "tree"), scripts: join(directory, "scripts") };
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
  test("changes with every build if the commit is unknown", () => {
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
