import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { sha1 } from "../../../src/host/health/mysql-login.ts";

test("SHA-1 equals OpenSSL's for every length around its blocks", () => {
  for (let length = 0; length < 200; length++) {
    const bytes = randomBytes(length);
    assert.deepEqual(sha1(bytes), createHash("sha1").update(bytes).digest(), `${length} bytes`);
  }
});
