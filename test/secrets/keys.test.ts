/** Keys in a Secret, rotated: which keys there are then, and when none are. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rotateSecret } from "../../src/secrets/keys.ts";
import { type SecretObject, stagedAnnotation } from "../../src/secrets/object.ts";
import type { Rotation } from "../../src/secrets/rotation.ts";

const minute = 60_000;
const hour = 60 * minute;
const born = Date.UTC(2026, 0, 1);
const rotation: Rotation = { keep: 3, lifetimeMs: 12 * hour, settleMs: 5 * minute };

const keyOf = (name: string): string => Buffer.from(name).toString("base64");

/** @param staged hours after `born` by the number of the key; left out, the Secret has no note of it. */
function secretWith(
  staged: Readonly<Record<string, number>>,
  more: Partial<SecretObject["metadata"]> = {},
): SecretObject {
  const notes = Object.fromEntries(Object.entries(staged).map(([key, hours]) => [key, born + hours * hour]));
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: "keystone-fernet-keys",
      namespace: "cloud",
      resourceVersion: "7",
      labels: { kept: "yes" },
      annotations: { [stagedAnnotation]: JSON.stringify(notes), other: "stays" },
      ...more,
    },
    type: "Opaque",
    data: Object.fromEntries(Object.keys(staged).map((key) => [key, keyOf(`key ${key}`)])),
  };
}

const rotate = (secret: SecretObject, hours: number, by = rotation) =>
  rotateSecret(secret, by, "fresh", born + hours * hour);

describe("keys in a Secret", () => {
  test("make the staged one primary on rotation, and stage a new one; the rest of the Secret stays", () => {
    const before = secretWith({ 0: 0, 1: 0 });
    const rotated = rotate(before, 1);
    assert.ok("secret" in rotated);
    assert.equal(rotated.primary, 2);
    assert.deepEqual(rotated.secret.data, { "0": keyOf("fresh"), "1": keyOf("key 1"), "2": keyOf("key 0") });
    const { metadata, type } = rotated.secret;
    assert.deepEqual(JSON.parse(metadata.annotations?.[stagedAnnotation] ?? ""), { 0: born + hour, 1: born, 2: born });
    assert.deepEqual(
      [metadata.resourceVersion, metadata.labels, metadata.annotations?.["other"], type],
      ["7", { kept: "yes" }, "stays", "Opaque"],
    );
  });

  test("are not rotated before every pod has the staged one, which would sign what others cannot read", () => {
    assert.deepEqual(rotate(secretWith({ 0: 0, 1: 0 }), 1 / 60), { unsettled: { stagedMs: minute } });
    assert.deepEqual(rotate(secretWith({ 0: 0, 1: 0 }), 1 / 60, { ...rotation, keep: 9 }), {
      unsettled: { stagedMs: minute },
    });
  });

  test("stay while their tokens are valid, and are removed afterwards", () => {
    const secret = secretWith({ 0: 1, 1: 0, 2: 0 });
    assert.deepEqual(rotate(secret, 2), { early: { key: 1, signedMs: hour } });
    const later = rotate(secret, 14);
    assert.ok("secret" in later);
    assert.deepEqual(later.secret.data, { "0": keyOf("fresh"), "2": keyOf("key 2"), "3": keyOf("key 0") });
  });

  test("get a staged one where that is missing, and no other primary one", () => {
    const rotated = rotate(secretWith({ 1: 0, 2: 0 }), 1);
    assert.ok("secret" in rotated);
    assert.equal(rotated.primary, 2);
    assert.deepEqual(rotated.secret.data, { "0": keyOf("fresh"), "1": keyOf("key 1"), "2": keyOf("key 2") });
  });

  test("beside other entries of the Secret leave those alone", () => {
    const secret = secretWith({ 0: 0, 1: 0 });
    const rotated = rotate({ ...secret, data: { ...secret.data, "01": "b25l", note: "dHdv" } }, 1);
    assert.ok("secret" in rotated);
    assert.deepEqual([rotated.secret.data?.["01"], rotated.secret.data?.["note"]], ["b25l", "dHdv"]);
  });

  const iso = (hours: number): string => new Date(born + hours * hour).toISOString();
  const unnoted: readonly (readonly [title: string, metadata: Partial<SecretObject["metadata"]>])[] = [
    ["that somebody else made", { annotations: {}, creationTimestamp: iso(1) }],
    [
      "changed since by somebody else",
      { annotations: {}, creationTimestamp: iso(0), managedFields: [{ time: iso(1) }] },
    ],
    ["with a note that is not JSON", { annotations: { [stagedAnnotation]: "{" }, creationTimestamp: iso(1) }],
    [
      "with a note of something else",
      { annotations: { [stagedAnnotation]: '{"0":"x","1":null}' }, creationTimestamp: iso(1) },
    ],
  ];
  for (const [title, metadata] of unnoted) {
    test(`${title} count as staged when the Secret was changed last`, () => {
      const secret = secretWith({ 0: 0, 1: 0, 2: 0 }, metadata);
      assert.deepEqual(rotate(secret, 1), { unsettled: { stagedMs: 0 } });
      assert.deepEqual(rotate(secret, 12), { early: { key: 1, signedMs: 11 * hour } });
      assert.ok("secret" in rotate(secret, 13));
    });
  }

  test("count as of now if a wrong clock dated them in the future", () => {
    assert.deepEqual(rotate(secretWith({ 0: 99, 1: 0 }), 1), { unsettled: { stagedMs: 0 } });
  });

  test("are three after a month of daily rotation, and none is removed while its tokens are valid", () => {
    let secret = secretWith({ 0: 0, 1: 0 });
    const signed = new Map<string, number>();
    for (let day = 1; day <= 30; day++) {
      const primary = String(Math.max(...Object.keys(secret.data ?? {}).map(Number)));
      signed.set(secret.data?.[primary] ?? "", day * 24);
      const rotated = rotateSecret(secret, rotation, `fresh ${day}`, born + day * 24 * hour);
      assert.ok("secret" in rotated);
      secret = rotated.secret;
      const left = new Set(Object.values(secret.data ?? {}));
      for (const [key, until] of signed) assert.ok(left.has(key) || day * 24 - until >= 12, `day ${day}: ${key}`);
    }
    assert.deepEqual(Object.keys(secret.data ?? {}), ["0", "30", "31"]);
  });
});
