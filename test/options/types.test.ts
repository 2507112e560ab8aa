import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { At, Value } from "../../src/model/value.ts";
import { isRefusal } from "../../src/options/leaf.ts";
import type { OptionRecord } from "../../src/options/list.ts";
import { readListed } from "../../src/options/values.ts";
import { linesOf } from "../../src/render/splice.ts";
import { Unusable } from "../../src/render/value.ts";
import { judge, missingPython } from "../support/python.ts";

const at: At = { file: { path: "", lines: [""], position: () => ({ line: 1, column: 1 }) }, start: 0, end: 0 };
const of = (type: string, more: Partial<OptionRecord> = {}): OptionRecord => ({ group: "g", name: "n", type, ...more });

/** Types as lists have them, each with values that it must take. */
const types: readonly (readonly [OptionRecord, readonly string[]])[] = [
  [of("Int"), ["0", "-1", "65536"]],
  [of("Int", { min: 1, max: 10 }), ["1", "10"]],
  [of("Int", { choices: [4, 6] }), ["4"]],
  [of("Port"), ["0", "65535"]],
  [of("Float", { min: 0 }), ["0", "0.5", "1e3"]],
  [of("Bool"), ["yes", "True", "0"]],
  [of("IP"), ["192.0.2.1", "::", "::1", "fe80::1:2", "1:2:3:4:5:6:7:8", "::ffff:192.0.2.1"]],
  [of("HostAddress"), ["192.0.2.1", "::1", "host", "a-b.example.com", "host.", "a1.b2c"]],
  [of("Hostname"), ["host", "a-b.example.com"]],
  [of("HostDomain"), ["host_name", "192.0.2.1", "a_b.example.com"]],
  [of("URI"), ["http://h", "http://192.0.2.1:5000/v3?a=b#c", "https://[::1]:5000/", "rbd+x://h/a"]],
  [of("Str", { choices: ["iSCSI", "FC"], ignore_case: true }), ["iSCSI", "iscsi", "fc"]],
  [of("Str", { choices: ["a.b", "c"] }), ["a.b"]],
  [of("Str", { choices: ["", "a"] }), ["", "a"]],
  [of("Str", { regex: "^(hour|month)(@([0-9]+))?$" }), ["hour", "month@15"]],
  [of("Str", { regex: "b+" }), ["abc"]],
  [of("Str", { regex: "^[a-z]*$", max_length: 3 }), ["", "abc"]],
  [of("Str", { max_length: 3 }), ["", "a c"]],
  [of("List", { item: { type: "Int", min: 1, max: 65535 } }), ["1,2", "80"]],
  [of("List", { item: { type: "Str", choices: ["a", "b"] } }), ["a,b"]],
  [of("List", { bounds: true }), ["[a,b]", "[]"]],
  [of("List", { bounds: true, item: { type: "Int" } }), ["[1, 2]"]],
  [of("List", { item: { type: "Dict" } }), ["tftp:udp,ftp:tcp"]],
  [of("MultiStr", { item: { type: "Dict" } }), ["backend_id:a,san_ip:192.0.2.1"]],
  [of("MultiStr", { item: { type: "IP" } }), ["::1"]],
  [of("Dict"), ["a:b,c:d", "", "a:"]],
  [of("Dict", { item: { type: "Int" } }), ["a:1,b:2"]],
];

/** What somebody may write for any of them. */
const words = [
  ...["", " ", "0", "7", "-7", "010", "0x10", "1_000", "1e400", "nan", "inf", "3.5", "99999999999999999999"],
  ...["true", "maybe", "None", "a", "b", "A.B", "a,b", "a,b,", "[a,b]", "[", "a]", "a:b", "a:b,c", ":b", "a.b", "aXb"],
  ...[
    "300.1.1.1",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "[::1]",
    "fe80::1%eth0",
    "1::2::3",
    ":1",
    "1:2:3:4:5:6:7",
    "12345::",
  ],
  ...[
    "-host",
    "host-",
    "a..b",
    "ho st",
    "höst",
    "host_name",
    `${"a".repeat(64)}.b`,
    "a.".repeat(140),
    "1.2.3.host",
    "a.1",
  ],
  ...[
    "http://",
    "http:/h",
    "h:5000",
    "//h",
    "http://h h",
    "http://h:port/",
    "1http://h",
    "hour@",
    "xhour",
    "abcd",
    "ABC",
  ],
];

/** @returns the line that the file has then; nothing where the value is refused. */
function written(record: OptionRecord, text: string): string | undefined {
  const value: Value = { kind: "scalar", value: text, at };
  const read = readListed(value, record, "x");
  if (isRefusal(read)) return undefined;
  const lines = read.lines.map((line) => line.map((leaf) => ("is" in leaf ? leaf : assert.fail("a parameter"))));
  const texts = linesOf({ name: "n", path: "x", ...read, lines }, "oslo", {});
  return texts instanceof Unusable ? undefined : (texts[0]?.text ?? "");
}

const nameOf = ({ group: _, name: __, ...type }: OptionRecord): string => JSON.stringify(type);

describe("oslo.config takes each value that plinth takes for", { skip: missingPython("oslo_config") }, () => {
  for (const [record, good] of types) {
    test(nameOf(record), () => {
      const own = good.map((text) => [text, written(record, text)] as const);
      assert.deepEqual(
        own.filter(([, line]) => line === undefined),
        [],
        "plinth refuses what is right",
      );
      const taken = [...good, ...words].flatMap((text) => {
        const line = written(record, text);
        return line === undefined ? [] : [line];
      });
      const answers = judge<readonly boolean[]>(
        new URL("judges/read_types.py", import.meta.url),
        taken.map((line) => [record, line]),
      );
      assert.deepEqual(
        taken.filter((_, index) => !answers[index]),
        [],
        "oslo.config refuses what plinth takes",
      );
      assert.ok(taken.length < good.length + words.length || record.type === "MultiStr", "nothing is refused");
    });
  }
});
