import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { describe, test } from "node:test";
import { type PackageIndex, packageIndex, type Secrets, withSecrets } from "../../images/index.ts";

const global = "[global]\nindex-url = https://user:word@index.example/simple\ncert = /etc/ca.crt\n";

const cases: readonly (readonly [
  title: string,
  environment: Readonly<Record<string, string>>,
  files: readonly string[],
  index: PackageIndex,
])[] = [
  ["nothing is said: PyPI", {}, [], {}],
  ["pip's configuration", {}, [global], { address: "https://user:word@index.example/simple", ca: "/etc/ca.crt" }],
  ["its section for installing", {}, ["[install]\nindex_url: https://b.example\n"], { address: "https://b.example" }],
  [
    "the last of its files",
    {},
    [global, "[global]\nindex-url=https://b.example\n"],
    { address: "https://b.example", ca: "/etc/ca.crt" },
  ],
  ["another section is not of installing", {}, ["[search]\nindex-url = https://b.example\n"], {}],
  [
    "a variable of pip's over its files",
    { PIP_INDEX_URL: "https://c.example" },
    [global],
    { address: "https://c.example", ca: "/etc/ca.crt" },
  ],
  [
    "a variable of uv's over those of pip",
    { UV_DEFAULT_INDEX: "https://d.example", PIP_INDEX_URL: "https://c.example" },
    [],
    { address: "https://d.example" },
  ],
  [
    "an empty variable counts as unset",
    { PIP_INDEX_URL: "", PIP_CERT: "" },
    [global],
    { address: "https://user:word@index.example/simple", ca: "/etc/ca.crt" },
  ],
  ["pip's own certificates before OpenSSL's", { PIP_CERT: "/a.crt", SSL_CERT_FILE: "/b.crt" }, [], { ca: "/a.crt" }],
  ["an index on this machine, which no build reaches", { PIP_INDEX_URL: "http://127.0.0.1:3141/root/pypi" }, [], {}],
];

describe("the index that a build takes Python packages from", () => {
  for (const [title, environment, files, index] of cases) {
    test(title, () => assert.deepEqual(packageIndex(environment, files), index));
  }

  test("is in a file that only its owner can read, while the build runs", async () => {
    const address = "https://user:word@index.example/simple";
    const seen = await withSecrets({ address, ca: "/etc/ca.crt" }, async (secrets: Secrets) => {
      const { index = "" } = secrets;
      assert.equal(readFileSync(index, "utf8"), `${address}\n`);
      assert.equal(statSync(index).mode & 0o777, 0o600);
      assert.equal(secrets["ca"], "/etc/ca.crt");
      return index;
    });
    assert.ok(!existsSync(seen));
    await assert.rejects(
      withSecrets({ address }, () => Promise.reject(new Error("the build failed"))),
      /the build failed/,
    );
    assert.deepEqual(await withSecrets({}, async (secrets) => secrets), {});
  });
});
