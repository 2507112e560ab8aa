import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { releases, upgradesFrom } from "../../src/openstack/releases.ts";
import { checkPair } from "../../src/upgrade/pair.ts";

const supported = [
  ["kilo", "liberty"],
  ["2025.1", "2025.2"],
  ["2025.1", "2026.1"],
  ["2025.2", "2026.1"],
  ["2026.1", "2026.2"],
] as const;

const refused = [
  ["2026.1", "2026.1", "upgrade-same", /of 2026\.1 already/],
  ["2026.1", "2025.1", "upgrade-backwards", /2025\.1 is older than 2026\.1/],
  ["2025.2", "2025.1", "upgrade-backwards", /older/],
  ["2025.1", "2026.2", "upgrade-skips", /2025\.1 → 2026\.1 → 2026\.2/],
  ["2025.2", "2026.2", "upgrade-skips", /2026\.1 lies between, and 2025\.2 is no SLURP release/],
  ["zed", "2025.1", "upgrade-skips", /zed → 2023\.1 → 2024\.1 → 2025\.1; plinth has no images of 2023\.1, 2024\.1/],
  ["zed", "2026.1", "upgrade-skips", /zed is no SLURP release/],
  ["liberty", "zed", "upgrade-skips", /liberty → mitaka → /],
  ["kilo", "zed", "upgrade-skips", /kilo is no SLURP release/],
  ["kilo", "2026.2", "upgrade-skips", /2025\.1 → 2026\.1 → 2026\.2/],
] as const;

describe("a pair of releases", () => {
  for (const [from, to] of supported) {
    test(`${from} → ${to} is supported`, () => assert.equal(checkPair(from, to).ok, true));
  }

  for (const [from, to, code, says] of refused) {
    test(`${from} → ${to} is refused: ${code}`, () => {
      const checked = checkPair(from, to);
      assert.ok(!checked.ok);
      const [diagnostic, ...more] = checked.diagnostics;
      assert.deepEqual([diagnostic?.code, diagnostic?.failure, more], [code, "usage", []]);
      assert.match(`${diagnostic?.what}. ${diagnostic?.fix}`, says);
    });
  }

  test("every pair that can be built is either in these tables or follows from them", () => {
    const names = releases.filter((row) => row.supported).map(({ name }) => name);
    const pairs = names.flatMap((from) => names.filter((to) => checkPair(from, to).ok).map((to) => [from, to]));
    assert.deepEqual(pairs, supported);
  });

  test("a SLURP release leads to the next one and to the next SLURP release, any other to the next one only", () => {
    const ways = ["yoga", "zed", "2023.1", "2023.2", "2024.1", "2024.2", "2026.1", "2026.2"].map(upgradesFrom);
    assert.deepEqual(ways, [
      ["zed"],
      ["2023.1"],
      ["2023.2", "2024.1"],
      ["2024.1"],
      ["2024.2", "2025.1"],
      ["2025.1"],
      ["2026.2"],
      [],
    ]);
  });
});
