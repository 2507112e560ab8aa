import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeOslo, parseOslo } from "../../src/render/oslo.ts";
import { Unusable } from "../../src/render/value.ts";
import type { Json } from "../../src/schema/json.ts";

test("values are written in oslo.config's dialect", () => {
  const rows: readonly (readonly [Json, string])[] = [
    ["nova", "nova"],
    ["", ""],
    [true, "true"],
    [16, "16"],
    ["pa$word", "pa$$word"],
    ["\\$", "\\\\$"],
    ["$(tenant_id)s", "$$(tenant_id)s"],
    [" blank ", '" blank "'],
    ['"quoted"', '""quoted""'],
    ['"', '"""'],
    ["it's", "it's"],
    ["a;b#c=d", "a;b#c=d"],
    [["a", "b"], "a,b"],
    [[], ""],
  ];
  for (const [value, text] of rows) assert.equal(encodeOslo(value, "whole"), text);
});

test("a value that oslo.config would read differently is refused, with the reason", () => {
  const rows: readonly (readonly [Json, "whole" | "part", RegExp])[] = [
    ["a\nb", "whole", /line break/],
    ["a\rb", "whole", /line break/],
    ["a\0b", "whole", /NUL/],
    ["\ud800", "whole", /Unicode/],
    [["a,b"], "whole", /comma/],
    [[" a"], "whole", /blank/],
    [["a", ""], "whole", /empty/],
    [Number.NaN, "whole", /finite/],
    [{ a: 1 }, "whole", /section/],
    [[null], "whole", /not set/],
    [" a", "part", /blank/],
    ['a"', "part", /quote/],
  ];
  for (const [value, position, reason] of rows) {
    const text = encodeOslo(value, position);
    assert.ok(text instanceof Unusable, String(value));
    assert.match(text.reason, reason);
  }
});

test("an oslo.config file is read with its sections, repeated keys, continuations and comments", () => {
  const text = [
    "early = 1",
    "[DEFAULT]",
    "# comment = x",
    "; comment = y",
    "debug: true",
    "connection = mysql://a:b$$c@d/e",
    "driver = one",
    "driver = two",
    "hosts = a,",
    "  b",
    "",
    "  orphan",
    "[vnc]",
    'name = " x "',
    "no assignment here",
    "empty =",
  ].join("\n");
  assert.deepEqual(
    parseOslo(text).map(({ section, option, value, line, lastLine }) => [section, option, value, line, lastLine]),
    [
      ["DEFAULT", "early", "1", 1, 1],
      ["DEFAULT", "debug", "true", 5, 5],
      ["DEFAULT", "connection", "mysql://a:b$c@d/e", 6, 6],
      ["DEFAULT", "driver", "one", 7, 7],
      ["DEFAULT", "driver", "two", 8, 8],
      ["DEFAULT", "hosts", "a,\nb", 9, 10],
      ["vnc", "name", " x ", 14, 14],
      ["vnc", "empty", "", 16, 16],
    ],
  );
});
