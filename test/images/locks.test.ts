import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { buildLock, lockPath, locksDirectory, lockText, parseLock, readLock } from "../../images/locks.ts";
import { normalized } from "../../scripts/lock/constraints.ts";
import { additions, overrides, pythonComponents, pythonComponentsOf } from "../../src/openstack/python.ts";
import { releases } from "../../src/openstack/releases.ts";

const locked = releases.flatMap(({ name, sources }) => (sources?.pypi ? [name] : []));

/** Orders versions by their numbers, as far as rows have them: 25.7 before 27. */
function compare(one: string, other: string): number {
  const [left, right] = [one, other].map((text) => text.split(".").map(Number)) as [number[], number[]];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** @returns whether a version lies in a range such as `>=25.3,<25.4`; an empty one holds all. */
function holds(range: string, version: string): boolean {
  return range.split(",").every((part) => {
    const [, sign, bound = ""] = /^(>=|<)([\d.]+)$/.exec(part) ?? [];
    assert.ok(sign !== undefined || part === "", range);
    return part === "" || (sign === ">=" ? compare(version, bound) >= 0 : compare(version, bound) < 0);
  });
}

for (const release of locked) {
  for (const component of [buildLock, ...pythonComponentsOf(release)]) {
    test(`the lock of ${component} in ${release} is of its row, exact, and with a hash for each package`, () => {
      const read = readLock(release, component);
      assert.ok(read.ok, JSON.stringify(read));
      const { text, lock } = read.value;
      assert.equal(lockText(release, component, lock), text);
      assert.doesNotMatch(text, /https?:|@/);
      const names = lock.packages.map(({ name }) => name);
      assert.deepEqual(names, [...new Set(names)].sort());
      for (const { name, hashes } of lock.packages) assert.ok(hashes.length > 0, name);
      for (const name of lock.built) assert.ok(names.includes(name), name);
      const versionOf = (name: string) => lock.packages.find((one) => one.name === normalized(name))?.version;
      const row = pythonComponents[component];
      if (row) assert.ok(holds(row.versions[release] ?? "", versionOf(row.distribution) ?? ""), row.distribution);
      for (const asked of lock.asked.split(" ")) {
        const [, name = "", range = ""] = /^([\w.-]+)(?:\[\w+\])?(.*)$/.exec(asked) ?? [];
        const version = versionOf(name);
        assert.ok(version !== undefined && holds(range, version), `${asked}: ${version}`);
      }
    });

    test(`the lock of ${component} in ${release} has what upstream's constraints pin, but for the overrides`, () => {
      const read = readLock(release, component);
      assert.ok(read.ok);
      const lines = readFileSync(join(locksDirectory, release, "upper-constraints.txt"), "utf8").split("\n");
      const pinned = Map.groupBy(
        lines.flatMap((line) => {
          const [, name, version] = /^([\w.-]+)===([^;\s]+)/.exec(line) ?? [];
          return name && version ? [[normalized(name), version] as const] : [];
        }),
        ([name]) => name,
      );
      const own = new Map(overrides.filter((row) => row.release === release).map((row) => [row.name, row.version]));
      for (const { name, version } of read.value.lock.packages) {
        const other = [...own].find(([overridden]) => normalized(overridden) === name)?.[1];
        if (other !== undefined) assert.ok(holds(other, version), `${name} ${version}`);
        else if (pinned.has(name))
          assert.ok(
            pinned.get(name)?.some(([, pin]) => pin === version),
            `${name} ${version}`,
          );
      }
    });
  }

  test(`no lock of ${release} is of a component that the release does not have`, () => {
    const known = new Set([...pythonComponentsOf(release), buildLock, "upper-constraints"]);
    const names = readdirSync(join(locksDirectory, release)).map((file) => file.replace(/\.txt$/, ""));
    assert.deepEqual(names.sort(), [...known].sort());
  });
}

test("every row names an existing component or release", () => {
  for (const { asks, for: components } of additions) {
    for (const component of components) assert.ok(component in pythonComponents, `${asks}: ${component}`);
  }
  for (const { name, release } of overrides) assert.ok(locked.includes(release), name);
});

describe("a lock that does not match the current rows is refused", () => {
  const directory = mkdtempSync(join(tmpdir(), "plinth-locks-"));
  after(() => rmSync(directory, { recursive: true }));
  const release = locked[0] as string;
  const path = lockPath(release, "nova", directory);
  const changed = (change: (text: string) => string) => {
    rmSync(join(directory, release), { recursive: true, force: true });
    cpSync(join(locksDirectory, release), join(directory, release), { recursive: true });
    writeFileSync(path, change(readFileSync(path, "utf8")));
    return readLock(release, "nova", directory);
  };

  for (const [title, change, code] of [
    ["another range", (text: string) => text.replace(/^(# asked: nova)\S+/m, "$1>=1,<2"), "lock-older"],
    ["without an addition", (text: string) => text.replace(" PyMySQL", ""), "lock-older"],
    ["another override", (text: string) => text.replace(/^# overrides: .*/m, "# overrides: six>=9"), "lock-older"],
    ["other constraints", (text: string) => text.replace(/sha256:[0-9a-f]/, "sha256:x"), "lock-older"],
    ["another Python", (text: string) => text.replace(/^# python: .*/m, "# python: 3.14"), "lock-older"],
    ["no head at all", (text: string) => text.replace(/^#.*\n/gm, ""), "lock-older"],
    ["a package without a hash", (text: string) => `${text}six==1.17.0\n`, "lock-line-wrong"],
    ["a version that is not exact", (text: string) => text.replace("amqp==", "amqp>="), "lock-line-wrong"],
    ["an address", (text: string) => `${text}six @ https://host.example/six.whl\n`, "lock-line-wrong"],
    ["an option of pip's", (text: string) => `--index-url https://host.example/\n${text}`, "lock-line-wrong"],
    ["a weak hash", (text: string) => text.replace(/--hash=sha256:[0-9a-f]{64}/, "--hash=md5:00"), "lock-line-wrong"],
  ] as const) {
    test(title, () => {
      const read = changed(change);
      assert.deepEqual(read.ok ? [] : read.diagnostics.map((one) => one.code), [code]);
    });
  }

  test("none at all", () => {
    const read = readLock(release, "nova", join(directory, "nowhere"));
    assert.deepEqual(read.ok ? [] : read.diagnostics.map((one) => one.code), ["lock-missing"]);
  });

  test("the lock of the repository is accepted", () => assert.ok(changed((text) => text).ok));
});

test("what is written is read back unchanged", () => {
  const lock = {
    ...{ asked: "nova>=1,<2", overrides: "none", constraints: "sha256:00", python: "3.13", built: ["ovs"] },
    packages: [
      { name: "nova", version: "1.0", hashes: ["0".repeat(64), "f".repeat(64)] },
      { name: "ovs", version: "3.5.1", hashes: ["a".repeat(64)] },
    ],
  };
  assert.deepEqual(parseLock(lockText("2026.1", "nova", lock)), lock);
});
