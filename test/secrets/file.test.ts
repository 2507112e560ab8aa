/** Secrets as manifests: what other readers of YAML make of them, and what is read back. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { load } from "js-yaml";
import { pathOf, readSecretText, secretText } from "../../src/secrets/file.ts";
import { encode, newSecret, type SecretObject } from "../../src/secrets/object.ts";
import type { WantedSecret } from "../../src/secrets/wanted.ts";

const keys: WantedSecret = { name: "keystone-fernet-keys", namespaces: ["no"], holds: { kind: "keys" } };
/** Names that YAML would take for something else, and text that no quotes of its own could hold. */
const secret: SecretObject = newSecret("1e3", "no", keys, { "0": encode(`": {}\n# 'x'`), "1": encode("") }, 7);

describe("a Secret as a manifest", () => {
  test("is the same to another reader of YAML", () => {
    assert.deepEqual(load(secretText(secret)), secret);
  });

  test("has a path of its namespace and name", () => {
    assert.equal(pathOf(secret.metadata), "no/keystone-fernet-keys-secret.yml");
  });

  const texts: readonly (readonly [title: string, change: (text: string) => string, reads: boolean])[] = [
    ["as it was written", (text) => text, true],
    [
      "decrypted by SOPS, which indents by four and leaves quotes out",
      (text) =>
        text.replace(/^data:\n(?: .*\n)+/m, (data) => data.replace(/^ {2}/gm, "    ").replace(/: "(.+)"/g, ": $1")),
      true,
    ],
    [
      "encrypted by SOPS",
      (text) => text.replace(/: "[^"]*"$/gm, ": ENC[AES256_GCM,data:Zm9v,iv:YmFy,tag:eA==,type:str]"),
      false,
    ],
    ["of other fields", (text) => text.replace("\ndata:", "\nstringData:"), false],
    ["empty", () => "", false],
  ];
  for (const [title, change, reads] of texts) {
    test(`${title} is ${reads ? "read back" : "sealed"}`, () => {
      const read = readSecretText(change(secretText(secret)), secret.metadata);
      assert.deepEqual(read === "sealed" ? read : read.data, reads ? secret.data : "sealed");
    });
  }
});
