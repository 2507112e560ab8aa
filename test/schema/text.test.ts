import assert from "node:assert/strict";
import { test } from "node:test";
import type { StringField } from "../../src/schema/field.ts";
import * as texts from "../../src/schema/text.ts";
import { readText, type Wanted, wantedOf } from "../../src/schema/wanted.ts";

type Row = readonly [field: StringField, taken: readonly string[], refused: readonly string[]];

const rows: readonly Row[] = [
  [
    texts.host("host"),
    ["db", "db.example.org", "host_name", "10.0.0.1", "::", "::1", "fd00::10.0.0.1", "fe80::1%eth0", "[2001:db8::1]"],
    [
      "db/evil?x=1",
      "a@b",
      "host:80",
      "host:1,other:2",
      "a b",
      "-x",
      ".x",
      "a#b",
      "http://a",
      "[::1]:80",
      "*",
      "fd00::1 x",
      "a\tb",
    ],
  ],
  [texts.hostOrAll("host"), ["*", "::", "db"], ["*.example.org", "a,b", "**"]],
  [texts.hostPattern("host"), ["*", ".example.org", "localhost", "[::1]"], ["*.example.org", "a b", "a/b"]],
  [texts.domainName("domain"), ["novalocal", "example.org."], ["a b", "a,b", "-a", "a/b"]],
  [texts.word("word"), ["cell1", "br-int", "a.b_c"], ["-x", "--name", "a b", "a:b", "a,b", "a/b", "é"]],
  [texts.databaseName("name"), ["nova_api", "nova-1"], ["nova?x=1", "a.b", "a`b", "a/b", "a b", "a#b"]],
  [texts.path("path"), ["/var/lib/nova", "/a b", "/"], ["var", "--rotate", "-x", "~/x", "/a\tb", ""]],
  [
    texts.pathOfUrl("path", { empty: true }),
    ["", "/v2.1", "/v1/$(tenant_id)s", "/v1/%(tenant_id)s", "/a//b/"],
    ["v2", "/a b", "/a?b", "/a#b", '/a"b', "/a\\b"],
  ],
  [
    texts.baseUrl("url"),
    ["http://cloud.example.org", "https://cloud:6080/console/", "http://[fd00::1]:6080"],
    [
      "ftp://a",
      "http://a@b",
      "http://a?b",
      "http://a/#b",
      "http://a b",
      "javascript:alert(1)",
      "http://",
      "x http://a",
    ],
  ],
  [
    texts.ovsdbConnection("connection"),
    ["tcp:127.0.0.1:6640", "ssl:[fd00::1]:6640", "unix:/run/openvswitch/db.sock"],
    ["tcp:a:1,tcp:b:2", "tcp:a", "a:1", "unix:run", "tcp:a:1 x", "ptcp:1:a"],
  ],
  [texts.uuid("uuid"), ["0f3c1d2e-aaaa-bbbb-cccc-0123456789ab"], ["x0f3c1d2e-aaaa-bbbb-cccc-0123456789ab", "0f3c1d2e"]],
];

for (const [field, taken, refused] of rows) {
  test(`a ${field.doc} is ${field.pattern?.[1]}`, () => {
    const takes = (text: string): boolean => readText(text, wantedOf(field) as Wanted).ok;
    assert.deepEqual(
      taken.filter((text) => !takes(text)),
      [],
    );
    assert.deepEqual(refused.filter(takes), []);
  });
}
