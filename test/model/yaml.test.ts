import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { valueJson } from "../../src/model/json.ts";
import { modelFile } from "../../src/model/place.ts";
import { Float, type Scalar, Stamp } from "../../src/model/scalar.ts";
import type { At, Value } from "../../src/model/value.ts";
import { valueYaml } from "../../src/model/yaml.ts";
import { missingPython } from "../support/python.ts";
import { random } from "../support/random.ts";

const at: At = { file: modelFile("test", ""), start: 0, end: 0 };

type Plain = Scalar | readonly Plain[] | { readonly [key: string]: Plain };

function asValue(plain: Plain): Value {
  if (Array.isArray(plain)) return { kind: "sequence", items: plain.map(asValue), at };
  if (plain === null || typeof plain !== "object" || plain instanceof Float || plain instanceof Stamp) {
    return { kind: "scalar", value: plain as Scalar, at };
  }
  const entries = Object.entries(plain).map(([key, value]) => [key, { keyAt: at, value: asValue(value) }] as const);
  return { kind: "mapping", entries: new Map(entries), at };
}

const yaml = (plain: Plain): string => valueYaml(asValue(plain));

/** What PyYAML reads, by both of its readers: reclass takes the one in C where it is there. */
const readers = `
import json, sys, yaml
for document, wanted in json.load(sys.stdin):
    for loader in (yaml.SafeLoader, yaml.CSafeLoader):
        try:
            got = yaml.load(document, Loader=loader)
        except Exception as error:
            got = "error: " + str(error)
        if json.dumps(got, default=str) != json.dumps(json.loads(wanted)):
            print(json.dumps([loader.__name__, document, got, wanted]))
`;

function readsBack(plain: readonly Plain[]): void {
  const asked = plain.map((each) => [yaml(each), valueJson(asValue(each))]);
  const judged = spawnSync("/usr/bin/python3", ["-c", readers], {
    input: JSON.stringify(asked),
    encoding: "utf8",
    maxBuffer: 1e9,
  });
  assert.equal(judged.status, 0, judged.stderr);
  assert.equal(judged.stdout.slice(0, 4000), "");
}

const noJudge = missingPython("yaml");

/** Texts that YAML 1.1, or a careless writer of it, would take for something else. */
const tricky = [
  ..."yes No ON off true False null NULL ~ y N = << <<< - -- --- ... . .. ? : # & * ! | > % @ ` ' \" { } [ ] , \\".split(
    " ",
  ),
  ..."010 0o7 08 0b1 0b_ 0x1f 1_000 12:30 12:30:45 1:2 1.10 2025.1 1e5 1.e5 1.0e+5 .5 -.5 +.5 .inf -.Inf .NaN".split(
    " ",
  ),
  ..."2001-01-01 2001-1-1 2016-13-45 +1 -1 0 00 1__ 190:20:30.15 1. +12e03 0.1.2 10.0.0.1 10.0.0.0/24 fe80::1 ::1".split(
    " ",
  ),
  ...["", " ", "  ", " a", "a ", "a: b", "a:", ":a", "a #b", "a#b", "a# b", "- a", "? a", "-a", "-1a", "!tag", "&a b"],
  ...[
    "*a",
    "%TAG",
    "@a",
    "`a",
    "'a'",
    '"a"',
    "it's",
    "{a: 1}",
    "[1]",
    "a, b",
    "a\tb",
    "\ta",
    "a\t",
    "2001-01-01 10:00:00",
  ],
  ...[
    "a\nb",
    "a\nb\n",
    "a\n\nb\n",
    "a\n",
    "\na",
    "a\n\n",
    " a\nb",
    "a\n b",
    "a \nb",
    "a\n\tb\n",
    "a\r\nb",
    "a\rb",
    "\n",
  ],
  ...[
    "--- a\nb",
    "# a\nb",
    "a: b\nc: d",
    "a\n--- b",
    "${_param:release}",
    "$(tenant)s",
    "mysql://$USER:${pw}@h:3306/n",
  ],
  ...[
    "ä",
    "日本語",
    "😀",
    "é: è",
    "\u0000",
    "\u001b[0m",
    "\u007f",
    "\u0085",
    "a\u0085b",
    "\u00a0",
    "a\u00a0",
    "\u00ad",
  ],
  ...[
    "\u2028",
    "a\u2029b",
    "\ufeff",
    "a\ufeff",
    "\ufffe",
    "\uffff",
    "\ufffd",
    "\u200b",
    "x".repeat(5000),
    "'".repeat(900),
  ],
];

test("texts read back as the same texts, as values, keys and items", { skip: noJudge }, () => {
  readsBack(
    tricky.flatMap((text) => [
      text,
      { [text]: text },
      [text, [text, [text]]],
      [{ [text]: [text], after: { [text]: {} } }],
    ]),
  );
});

test("a version in quotes stays a text, one without stays a number", () => {
  assert.equal(yaml({ release: "2025.1", ratio: new Float(2025.1, "2025.10") }), "release: '2025.1'\nratio: 2025.1\n");
});

test("numbers, dates and empty things read back as what they are", { skip: noJudge }, () => {
  const floats = [0, -0, 1, 1.5, 1e16, 1e-5, 1.25e300, 5e-324, -2.5e-7, 123456789.125];
  readsBack([
    null,
    true,
    false,
    0,
    -17,
    12345,
    floats.map((value) => new Float(value, "")),
    { date: new Stamp("2001-01-01", "2001-01-01"), time: new Stamp("2001-01-01 10:00:00+01:00", "") },
    {},
    [],
    { a: {}, b: [], c: [{}, [], [[]], null], d: { e: { f: [] } } },
  ]);
  assert.equal(yaml([new Float(1, ""), new Float(1e16, ""), 10n ** 30n]), `- 1.0\n- 1.0e+16\n- ${10n ** 30n}\n`);
  assert.equal(
    yaml([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((each) => new Float(each, ""))),
    "- .inf\n- -.inf\n",
  );
});

test("random trees of odd texts read back the same", { skip: noJudge }, () => {
  const { below, pick } = random(3);
  const letters = [
    ..."ab01.:-+eE_x#'\"\\ \n\t~=<!&*?|>{}[],%@`yT/$()é😀",
    "\r",
    "\u0085",
    "\u2028",
    "\u0000",
    "\u007f",
  ];
  const word = (): string =>
    below(4) === 0 ? pick(tricky) : Array.from({ length: below(9) }, () => pick(letters)).join("");
  const tree = (depth: number): Plain => {
    const kind = depth > 4 ? 0 : below(6);
    if (kind === 1) return Array.from({ length: below(4) }, () => tree(depth + 1));
    if (kind === 2 || kind === 3) {
      return Object.fromEntries(Array.from({ length: below(4) }, () => [word(), tree(depth + 1)]));
    }
    return kind === 4 ? below(1000) : word();
  };
  readsBack(Array.from({ length: 3000 }, () => tree(0)));
});

test("the output is readable: quotes only where needed, and block style for texts of several lines", () => {
  assert.equal(
    yaml({
      _param: { release: "2025.1", host: "10.0.0.1", url: "http://${_param:host}:5000/v3" },
      nova: { controller: { workers: 8, list: ["a", { name: "b", on: true }, ["c", "d"]], none: null } },
      motd: "Welcome\n\n  to nova\n",
      cut: "one\ntwo",
    }),
    `_param:
  release: '2025.1'
  host: 10.0.0.1
  url: http://\${_param:host}:5000/v3
nova:
  controller:
    workers: 8
    list:
      - a
      - name: b
        'on': true
      - - c
        - d
    none: null
motd: |
  Welcome

    to nova
cut: |-
  one
  two
`,
  );
});
