import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "../../src/diagnostics/nearest.ts";

const rows: readonly (readonly [title: string, name: string, known: readonly string[], found: string | undefined])[] = [
  ["a letter left out", "databse", ["message_queue", "database"], "database"],
  ["two letters in turn are one edit", "prot", ["pro", "port"], "pro"],
  ["the nearest of several", "SERVICE_HOTS", ["SERVICE_PORT", "SERVICE_HOST"], "SERVICE_HOST"],
  ["of two as near the first", "aab", ["aac", "aad"], "aac"],
  ["any case", "DEBUG", ["debug"], "debug"],
  ["at both ends of a long name", "xome_longer_key_nam", ["some_longer_key_name"], "some_longer_key_name"],
  ["what is too far away is none", "abc", ["xyz", "abcdef"], undefined],
  ["nothing is near where nothing is known", "abc", [], undefined],
  ["an empty name", "", ["ab", "abc"], "ab"],
];
for (const [title, name, known, found] of rows) {
  test(`the name that was meant: ${title}`, () => assert.equal(nearest(name, known), found));
}
