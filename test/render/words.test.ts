import assert from "node:assert/strict";
import { test } from "node:test";
import { type Encode, type Position, Unusable } from "../../src/render/value.ts";
import {
  encodeHaproxy,
  encodeLibvirt,
  encodeMysql,
  encodeRabbitmq,
  encodeSh,
  encodeUwsgi,
} from "../../src/render/words.ts";
import type { Json } from "../../src/schema/json.ts";

/** What is refused has no text. That readers take the texts for what was meant is shown by hostile.test.ts. */
const rows: readonly (readonly [name: string, Encode, Json, Position, text?: string])[] = [
  ["sh", encodeSh, "rabbit@localhost", "whole", "rabbit@localhost"],
  ["sh", encodeSh, "a b", "whole", "'a b'"],
  ["sh", encodeSh, "it's $HOME", "part", "'it'\\''s $HOME'"],
  ["sh", encodeSh, 4, "whole", "4"],
  ["MariaDB", encodeMysql, "128M", "whole", "128M"],
  ["MariaDB", encodeMysql, "a # b", "whole", '"a # b"'],
  ["MariaDB", encodeMysql, 'a"b\\', "whole", '"a\\"b\\\\"'],
  ["MariaDB", encodeMysql, "a b", "part"],
  ["MariaDB", encodeMysql, "é".repeat(1000), "whole"],
  ["RabbitMQ", encodeRabbitmq, "[::1]:5672", "whole", "[::1]:5672"],
  ["RabbitMQ", encodeRabbitmq, "a b", "whole"],
  ["RabbitMQ", encodeRabbitmq, "a#b", "whole"],
  ["RabbitMQ", encodeRabbitmq, "$(a.b)", "whole"],
  ["RabbitMQ", encodeRabbitmq, "encrypted:x", "whole"],
  ["RabbitMQ", encodeRabbitmq, 1e-7, "whole"],
  ["HAProxy", encodeHaproxy, "10.0.0.1:80", "part", "10.0.0.1:80"],
  ["HAProxy", encodeHaproxy, '/a b#"c"', "part", `'/a b#"c"'`],
  ["HAProxy", encodeHaproxy, "it's", "part", "'it'\\''s'"],
  ["libvirt", encodeLibvirt, "0.0.0.0", "whole", '"0.0.0.0"'],
  ["libvirt", encodeLibvirt, 'a"b', "whole", `'a"b'`],
  ["libvirt", encodeLibvirt, 1, "whole", "1"],
  ["libvirt", encodeLibvirt, true, "whole", "1"],
  ["libvirt", encodeLibvirt, `"'`, "whole"],
  ["libvirt", encodeLibvirt, "a", "part"],
  ["libvirt", encodeLibvirt, 1.5, "whole"],
  ["uWSGI", encodeUwsgi, "[::]:5000", "whole", "[::]:5000"],
  ["uWSGI", encodeUwsgi, 'a b "d"', "whole", 'a b "d"'],
  ["uWSGI", encodeUwsgi, "a; b # c", "whole"],
  ["uWSGI", encodeUwsgi, " a", "whole"],
  ["uWSGI", encodeUwsgi, "50%", "whole"],
  ["uWSGI", encodeUwsgi, "$(HOME)", "whole"],
  ["uWSGI", encodeUwsgi, "@(file)", "whole"],
];

for (const [name, encode, value, position, text] of rows) {
  test(`${name}: ${JSON.stringify(value).slice(0, 30)} as ${position === "part" ? "a part" : "a whole"} is ${text === undefined ? "refused" : "written"}`, () => {
    const written = encode(value, position);
    if (text === undefined) assert.ok(written instanceof Unusable, String(written));
    else assert.equal(written, text);
  });
}

for (const [name, encode] of new Map(rows.map(([name, encode]) => [name, encode]))) {
  test(`${name}: anything but a single text is refused`, () => {
    for (const value of [null, ["a"], { a: "b" }, "a\nb", "a\tb", "a\u0085b", "a\ud800", Number.NaN]) {
      assert.ok(encode(value, "whole") instanceof Unusable, JSON.stringify(value));
    }
  });
}
