import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { BakedOptions } from "../../src/baked/baked.ts";
import type { Dialect } from "../../src/openstack/component.ts";
import { changedOptions } from "../../src/render/changes.ts";
import { dialects } from "../../src/render/dialects.ts";
import { diffFiles } from "../../src/render/diff.ts";
import { splice } from "../../src/render/splice.ts";

/** Dialect, a text, and what its reader finds: section, option, line, and the value as the line has it. */
const read: readonly (readonly [Dialect, string, readonly (readonly [string, string, number, string])[]])[] = [
  [
    "oslo",
    "[A]\na = 1\nb: 2\n  3\n# c = 4",
    [
      ["A", "a", 1 + 1, "1"],
      ["A", "b", 3, "2"],
    ],
  ],
  [
    "uwsgi",
    "[uwsgi]\nmaster = true\n;x = 1\nenv = A=b",
    [
      ["uwsgi", "master", 2, "true"],
      ["uwsgi", "env", 4, "A=b"],
    ],
  ],
  [
    "mysql",
    "[mysqld]\nskip-ssl\nport=3306\n!include x",
    [
      ["mysqld", "skip-ssl", 2, ""],
      ["mysqld", "port", 3, "3306"],
    ],
  ],
  ["rabbitmq", "a.b = c\n# d = e", [["", "a.b", 1, "c"]]],
  ["libvirt", 'user = "x"', [["", "user", 1, '"x"']]],
  [
    "sh",
    "export A=b\nC='d e'",
    [
      ["", "A", 1, "b"],
      ["", "C", 2, "'d e'"],
    ],
  ],
  [
    "haproxy",
    "global\nmaxconn 7\ndefaults\ntimeout client 5s\nlisten a b\n  server x 1.2.3.4:5 check",
    [
      ["global", "maxconn", 2, "7"],
      ["defaults", "timeout client", 4, "5s"],
      ["listen a b", "server x", 6, "1.2.3.4:5 check"],
    ],
  ],
  [
    "json",
    '{\n"a": "b: {",\n"c": [\n{"d": 1, "e": "f"},\n{"d": 2}\n]\n}',
    [
      ["", "a", 2, '"b: {",'],
      ["c.0", "d", 4, '1, "e": "f"},'],
      ["c.0", "e", 4, '"f"},'],
      ["c.1", "d", 5, "2}"],
    ],
  ],
  [
    "python",
    'A = "x"\nB = {\n"c": 1,\n}\nif A == 2: pass',
    [
      ["", "A", 1, '"x"'],
      ["", "B", 2, "{"],
      ["B", "c", 3, "1,"],
    ],
  ],
  [
    "yaml",
    '"a:b": "c"\nd:\n  e: f # g\n  h: |\n    text\n    k: not\n- 1\n',
    [
      ["", "a:b", 1, '"c"'],
      ["", "d", 2, ""],
      ["d", "e", 3, "f # g"],
      ["d", "h", 4, "|"],
    ],
  ],
  ["text", "a = b", []],
];

describe("a file is read as its program reads it:", () => {
  for (const [dialect, text, found] of read) {
    test(dialect, () => {
      const lines = text.split("\n");
      const shown = dialects[dialect]
        .read(text)
        .filter(({ section }) => dialect !== "yaml" || !section.startsWith("d.h"))
        .map(({ section, option, line, column }) => [section, option, line, lines[line - 1]?.slice(column)]);
      assert.deepEqual(shown, found);
    });
  }

  test("a secret of a file that was there before is masked in every dialect, and what changed is told by name", () => {
    for (const [dialect, before, after, name] of [
      ["json", '{"user": "a",\n"password": "hunter2"}', '{"user": "b",\n"password": "x"}', "password"],
      ["yaml", "user: a\npassword: hunter2\n", "user: b\npassword: x\n", "password"],
      ["haproxy", "userlist u\npassword hunter2\n", "userlist u\npassword x\n", "[userlist u] password"],
      ["rabbitmq", "default_pass = hunter2\n", "default_pass = x\n", "default_pass"],
      ["mysql", "[client]\npassword=hunter2\n", "[client]\npassword=x\n", "[client] password"],
      ["python", 'SECRET_KEY = "hunter2"\n', 'SECRET_KEY = "x"\n', "SECRET_KEY"],
    ] as const) {
      const file = {
        path: "/f",
        template: "f",
        text: after,
        masked: after,
        options: [],
        reads: [],
        dialect,
        replaced: [],
      };
      const diff = diffFiles(before, file);
      assert.doesNotMatch(diff, /hunter2/, dialect);
      assert.match(diff, /\*{8}/, dialect);
      assert.ok(changedOptions(before, file).includes(name), `${dialect}: ${changedOptions(before, file)}`);
    }
  });
});

/** Dialect, what a template wrote, what the model says (section, option, lines), and what comes of both. */
const spliced: readonly (readonly [string, Dialect, string, BakedOptions, string])[] = [
  [
    "a section that the template repeats",
    "oslo",
    "[a]\nx = 1\n[b]\n[a]\nx = 2\ny = 3",
    [{ section: "a", options: [{ name: "x", path: "p", text: ["x = 9"] }] }],
    "[a]\nx = 9\n[b]\n[a]\ny = 3",
  ],
  [
    "a comment that looks like the option",
    "oslo",
    "[a]\n# x = 1\n;x = 2",
    [{ section: "a", options: [{ name: "x", path: "p", text: ["x = 9"] }] }],
    "[a]\n# x = 1\n;x = 2\nx = 9",
  ],
  [
    "a name that begins like the option's",
    "oslo",
    "[a]\nxy = 1",
    [{ section: "a", options: [{ name: "x", path: "p", text: ["x = 9"] }] }],
    "[a]\nxy = 1\nx = 9",
  ],
  [
    "an option before which empty lines end a section",
    "oslo",
    "[a]\nx = 1\n\n\n[b]\ny = 2\n",
    [{ section: "a", options: [{ name: "z", path: "p", text: ["z = 9"] }] }],
    "[a]\nx = 1\nz = 9\n\n\n[b]\ny = 2\n",
  ],
  [
    "an option that repeats",
    "oslo",
    "[a]\nx = 1\ny = 2\nx = 3",
    [{ section: "a", options: [{ name: "x", path: "p", text: ["x = 8", "x = 9"] }] }],
    "[a]\nx = 8\nx = 9\ny = 2",
  ],
  [
    "names with - and _ in my.cnf",
    "mysql",
    "[mysqld]\nmax-connections = 1",
    [{ section: "mysqld", options: [{ name: "max_connections", path: "p", text: ["max_connections = 9"] }] }],
    "[mysqld]\nmax_connections = 9",
  ],
  [
    "the longest of HAProxy's keywords",
    "haproxy",
    "defaults\ntimeout client 1s\ntimeout server 2s",
    [
      {
        section: "defaults",
        options: [
          { name: "timeout", path: "p", text: [] },
          { name: "timeout client", path: "q", text: ["timeout client 9s"] },
        ],
      },
    ],
    "defaults\ntimeout client 9s",
  ],
  [
    "a file without sections",
    "rabbitmq",
    "a.b = 1\nc = 2",
    [
      {
        section: "",
        options: [
          { name: "a.b", path: "p", text: [] },
          { name: "d", path: "q", text: ["d = 3"] },
        ],
      },
    ],
    "c = 2\nd = 3",
  ],
  [
    "a file that is empty",
    "uwsgi",
    "",
    [{ section: "uwsgi", options: [{ name: "a", path: "p", text: ["a = 1"] }] }],
    "\n\n[uwsgi]\na = 1",
  ],
];

describe("the model's options are written in the right place:", () => {
  for (const [what, dialect, draft, said, result] of spliced) {
    test(what, () =>
      assert.equal(
        splice(draft, said, dialect, ({ text = [] }) => text),
        result,
      ),
    );
  }
});
