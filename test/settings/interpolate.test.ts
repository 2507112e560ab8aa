import assert from "node:assert/strict";
import { test } from "node:test";
import { interpolate, references } from "../../src/settings/interpolate.ts";

const values = { port: 8774, bind: { host: "h", ipv6: "fd00::1" }, list: [{ a: true }], none: null };

for (const [text, expected] of [
  ["no reference", "no reference"],
  ["{port}", "8774"],
  ["http://{bind.host}:{port}/v3", "http://h:8774/v3"],
  ["{list.0.a}", "true"],
  ["http://{[bind.ipv6]}:{port}/v3", "http://[fd00::1]:8774/v3"],
  ["http://{[bind.host]}:{port}/v3", "http://h:8774/v3"],
  ["--listen={bind.ipv6}", "--listen=fd00::1"],
  ["{ port } {} {Port}", "{ port } {} {Port}"],
] as const) {
  test(`${text} becomes ${expected}`, () => assert.equal(interpolate(text, values), expected));
}

for (const text of ["{none}", "{[none]}", "{bind}", "{nowhere}", "{bind.host.deeper}"]) {
  test(`${text} is a bug, which baking an image detects`, () =>
    assert.throws(() => interpolate(text, values), /names no scalar setting/));
}

test("a value that looks like a reference stays as it is", () =>
  assert.equal(interpolate("{a}", { a: "{b} $& $1", b: "x" }), "{b} $& $1"));

test("names the paths that a text refers to", () => assert.deepEqual(references("{[a.b]}:{c} {}"), ["a.b", "c"]));
