/** Documents for the comparison with PyYAML: every corner of the syntax, and mutations of what people write. */

/** Scalars of every style, by what could follow them. */
const scalars: readonly string[] = [
  "a",
  "a b",
  "a\n  b",
  "a\n\n  b",
  "'a'",
  "'a\n  b'",
  "'a\n\n\n  b'",
  "'it''s'",
  '"a"',
  '"a\n  b"',
  '"a\\\n  b"',
  '"a  \n\n  b"',
  '"a\\tb\\x41\\u00e9\\U0001F600\\N\\_\\L\\P\\e\\0"',
  '"\\ud83d\\ude00"',
  '"\\U00110000"',
  '"\\\'"',
  '"\\z"',
  '"\\/"',
];

const headers = ["|", ">"].flatMap((style) =>
  ["", "-", "+", "1", "2", "-1", "+1", "1-", "2+", "-0", "0", "3-", "-+", "9"].map((rest) => `${style}${rest}`),
);

const bodies: readonly string[] = [
  "",
  "\n",
  "\n\n\n",
  "  a",
  "  a\n",
  "  a\n\n",
  "  a\n\n\n",
  "  a\n  b",
  "  a\n\n  b\n",
  "   a\n  b\n",
  "  a\n   b\n  c\n",
  "  a\n\n   b\n\n\n  c",
  "\n  a\n",
  "\n   \n  a",
  "    \n  a\n",
  "  a\n ",
  "  a\n  ",
  "  a\n   ",
  "  a\n\t",
  "  a\n  \t",
  "\ta\n",
  "  \ta\n",
  "  a # no comment\n",
  "  a\n# comment\n",
  "  a\n # comment\n",
  "  a\n  # text\n",
  " a",
  "a\n",
  "  - a\n  - b\n\n",
  "  a\u0085  b\n",
  "  a\u2028  b\u2029",
  "  a\r\n  b\r\n",
  "  a\r  b",
];

const between = ["", " ", "\t", " # c", "#c", " #"];
const around: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `k: ${text}`,
  (text) => `- ${text}`,
  (text) => `k:\n  l: ${text}`,
  (text) => `- - k: ${text}`,
  (text) => `? ${text}`,
  (text) => `--- ${text}`,
];
const endings = [
  "",
  "\n",
  "\n\n",
  " ",
  " \n",
  "\t",
  "\n ",
  "\n\t\n",
  "\n...\n",
  "\n---\n",
  "\nk2: v",
  "\nk2: v\n",
  "\n- v\n",
  "\r\n",
  "\r",
];

/** Every style with every header, body and ending. */
export function* blockDocuments(): Generator<string> {
  for (const wrap of around) {
    for (const header of headers) {
      for (const body of bodies) {
        yield wrap(`${header}\n${body}`);
        yield `${wrap(`${header}\n${body}`)}x: 1\n`;
      }
      for (const gap of between) yield wrap(`${header}${gap}\n  a\n`);
    }
  }
}

export function* scalarDocuments(): Generator<string> {
  for (const wrap of around) {
    for (const scalar of scalars) {
      for (const ending of endings) yield `${wrap(scalar)}${ending}`;
      for (const gap of between) yield `${wrap(scalar)}${gap}\nk2: v\n`;
    }
  }
}

/** What a line may begin with, be made of and end with: all of it in twos and threes. */
const pieces = [
  ..."a : - ? , [ ] { } # & * ! | > ' \" % @ ` = ~ . $ \\".split(" "),
  " ",
  "\n",
  "\t",
  "\r",
  "\u0085",
  "\u2028",
  "\ufeff",
  "\u0000",
  "\u007f",
  "\u00a0",
  "😀",
  "---",
  "...",
  "- ",
  "? ",
  ": ",
  "a: ",
  "a:",
  "<<: ",
  "!!str ",
  "!!",
  "!",
  "!x ",
  "&a ",
  "*a",
  "%YAML 1.1\n",
  "%TAG ! x\n",
  "\n  ",
  "\n\n",
  "b",
  "1",
];

export function* shortDocuments(): Generator<string> {
  for (const one of pieces) {
    yield one;
    for (const two of pieces) {
      yield one + two;
      for (const three of pieces) yield one + two + three;
    }
  }
}

/** A document of pieces by chance, of few pieces or many. */
export function randomDocument(below: (bound: number) => number): string {
  const length = 1 + below(below(4) === 0 ? 40 : 9);
  return Array.from({ length }, () => pieces[below(pieces.length)]).join("");
}

/** A document that was changed in a few places: cut, doubled, or with a piece put in or taken out. */
export function mutated(document: string, below: (bound: number) => number): string {
  let text = document;
  for (let count = 1 + below(3); count > 0; count--) {
    const at = below(text.length + 1);
    const length = below(below(3) === 0 ? 30 : 3);
    const piece =
      below(3) === 0 ? text.slice(below(text.length + 1)).slice(0, length) : (pieces[below(pieces.length)] ?? "");
    const way = below(12);
    if (way === 0) text = text.slice(0, at);
    else if (way === 1) text = text.slice(at);
    else text = text.slice(0, at) + piece + text.slice(at + (below(2) === 0 ? 0 : length));
  }
  return text;
}

/** What pillars look like, with all that YAML has. */
export const pillars: readonly string[] = [
  `classes:
- system.linux
- .local
parameters:
  _param:
    host: \${_param:cluster}:8775   # a comment
    motd: |
      Welcome

        to \${_param:host}
    cert: |-
      -----BEGIN CERTIFICATE-----
      MIIB
      -----END CERTIFICATE-----
    long: >
      folded text
      of lines

      and paragraphs
    list: [a, 'b', "c", {d: e, f: [g]}, ]
  linux:
    network:
      interface: &eth
        enabled: yes
        mtu: 1_500
      eth0:
        <<: *eth
        address: 10.0.0.1
      eth1: {<<: *eth, "quoted": 'it''s', ~key: 0x1F}
    ? complex
    : value
    mode: 0644
    when: 2001-12-14 21:59:43.10 -5
    time: 12:30:45
    text: several
      lines of
      plain text
    url: http://a:b@host/path?x=y#z
    '=const': 1.5e+3
    nothing:
`,
  `# comment
---
parameters:
    a:   [
      one,
      two,
    ]
    b: {
      k: v,
      "x":1,
    }
    - c
...
`,
  `- - a
  - b
-
  - c: d
    e: f
- ? g
- !!str 1
- !!binary aGVsbG8=
- !!set {a, b}
- !!omap [a: 1, b: 2]
- !!pairs [a: 1, a: 2]
- ! x
- &x [1, *x]
`,
  `%YAML 1.1
%TAG !e! tag:yaml.org,2002:
---
!e!map
a: !e!int "12"
b: !<tag:yaml.org,2002:str> 12
`,
];

/** What is worth a look of its own. */
export const handWritten: readonly string[] = [
  ": typo",
  " ---\na: 1",
  "...",
  "...\na: 1",
  "a: 1\n...\n",
  "a: 1\n...\n...\n",
  "a: 1\n--- \nb: 2",
  "---\n---\n",
  "---",
  "--- # c\n",
  "---\ta: 1",
  "--- a: 1",
  "--- |\n a",
  "a:\n\t- b",
  "a:\n-\tb",
  "-\ta: 1\n \tb: 2",
  "a:\tb",
  "a :\tb",
  "\ta: b",
  "a: b\n\t\nc: d",
  "a: [\tb,\n\tc\t]",
  "{\ta: 1}",
  "a: b\tc",
  "a: 'b\n\tc'",
  "a: b\n\tc",
  "a: b\n \tc",
  "\ufeffa: 1",
  "\ufeff\ufeffa: 1",
  "a: \ufeff1",
  "a: 1\n\ufeffb: 2",
  "a: 1\rb: 2",
  "a: 'x\ry'",
  "a: |\r  x\r  y",
  'a: "x\\\ry"',
  "a: x\u0085b: y",
  "a: 'x\u2028\u2029y'",
  "%YAML 1.2\n---\na: 1",
  "%YAML 1.3\n---\na: 1",
  "%YAML 2.0\n---\na: 1",
  "%YAML 1.1",
  "%YAML 1.1\na: 1",
  "%FOO x\n---\na: 1",
  "%TAG ! tag:yaml.org,2002:\n---\n!str 1",
  "%TAG !! tag:yaml.org,2002:\n---\n!!str 1",
  "!!foo 1",
  "!foo!bar 1",
  "!<x y",
  "!!str",
  "!!int a",
  "!!str [a]",
  "!!map {a: 1}",
  "!!seq {a: 1}",
  "!!map [a]",
  "!!null ''",
  "!!bool yes",
  "!!bool nope",
  "!!float 1",
  "!!float 1e3",
  ..."0 -0 +1 010 08 0x1F 0x 0b1 0b2 0o7 1_0 1:30 1:60 -1:30 '' ' 12 ' '- 1' 1.0 .5 1e3 1.e+3 -.inf .nan inf nan infinity 1:2.5 1__"
    .split(/ (?=(?:[^']*'[^']*')*[^']*$)/)
    .flatMap((text) => [`!!int ${text}`, `!!float ${text}`, `! ${text}`]),
  "!!str <<: a",
  "! <<: {a: 1}",
  "! '<<': {a: 1}",
  "!!timestamp 2001-01-01",
  "!!timestamp x",
  "!!binary x",
  "!!binary 'a b'",
  "!!merge x",
  "!!value x",
  '! "12"',
  "! 12",
  "! [a]",
  "! {a: 1}",
  "!a",
  "!%41 a",
  "&a a",
  "&a\n",
  "&a *a",
  "*a",
  "&a b: *a",
  "&a : b",
  "[&a a, *a]",
  "{*a : b}",
  "&é a",
  "&a-b_c a",
  "&a: b",
  "{a: 1, a: 2}",
  "a: 1\na: 2\n",
  "<<: {a: 1}\na: 2",
  "a: 2\n<<: {a: 1, b: 3}",
  "<<: [{a: 1}, {a: 2, b: 1}]",
  "<<: a",
  "<<: [a]",
  "<<: {a: 1}\n<<: {a: 2}",
  "'<<': {a: 1}",
  "{<<: , a: 1}",
  "[a: b, c: d]",
  "[? a : b]",
  "[? : b]",
  "[?]",
  "[? , a]",
  "[? a]",
  "[: b]",
  "[a, , b]",
  "[a b: c]",
  "{a, b: c}",
  "{a: , b}",
  "{? a}",
  "{? }",
  "{?}",
  "{: b}",
  "{a:b}",
  "{a:}",
  "{a:,b: 1}",
  "{b:, c: 1}",
  '{"a":b}',
  "{'a':b}",
  "[a:b]",
  "[a :b]",
  "[a?b, ?c]",
  "[-, b]",
  "[-]",
  "[- a]",
  "[-a]",
  "[--- ]",
  "[a,\n---\nb]",
  "[a\n]",
  "k: [a\n]",
  "k:\n[a\n]",
  "k:\n[a]",
  "[a]: b",
  "{a: b}: c",
  "[a,\nb]: c",
  '"a\nb": c',
  "? [a, b]\n: c",
  "? - a\n: - b",
  "? a",
  "? a\n? b\n: c",
  "?a: b",
  ":a: b",
  "-a: b",
  "- a\n b",
  "- a\n  b: c",
  "a\nb: c",
  "a: b: c",
  "a: - b",
  "- - - a",
  "a:\n- b\nc:\n- d",
  "a:\n - b\n- c",
  "a:\n  b\n c: d",
  "a: b\n c: d",
  "  a: 1\n b: 2",
  " a: 1\n  b: 2",
  "a:\n  - b\n  c",
  "a: &x\n  b: 1\nc: *x",
  "a: &x b\nc: &x d\ne: *x",
  "a: # c\n  b",
  "a: b #c",
  "a: b#c",
  "a: #c",
  '"b"#c',
  "'b'#c: d",
  "[a]#c",
  "a: |#c\n  x",
  "a: | #c\n  x",
  "a: |x\n  x",
  "a: 'b' c",
  'a: "b" c',
  "a: [b] c",
  "a: 'b",
  'a: "b',
  "a: [b",
  "a: {b",
  "a: b]",
  "a: b}",
  "]",
  "}",
  ",",
  "@a",
  "`a",
  "%a",
  "a: %b",
  "a: @b",
  "a: |b",
  "a: >b",
  "=",
  "a: =",
  "<<",
  "a: <<",
  "~",
  "~: ~",
  "1: a\n1.0: b\ntrue: c",
  "a: 0o7\nb: 0x1\nc: 0b1\nd: 010\ne: 1_0\nf: 1:30",
  "2001-01-01: a",
  "[1]: a",
  "? {a: 1}\n: b",
  "? !!null\n: b",
  `${"k".repeat(1023)}: a`,
  `${"k".repeat(1024)}: a`,
  `${"k".repeat(1025)}: a`,
  `{${"k".repeat(1025)}: a}`,
  `${" ".repeat(1030)}k: a`,
  `k${" ".repeat(1030)}: a`,
  "'😀': |\n  x",
  "- '😀': a\n  b: c",
  'k: "a\\\n  b\\\n"',
  'k: "a\\ \n  b"',
  'k: "a\n---\nb"',
  "k: 'a\n... b'",
  "k: 'a\n---b'",
  "k: a\n---b",
  "a\n---\nb",
  "---a",
  "...a",
  "-",
  "?",
  ":",
  "- ",
  "? ",
  ": ",
  "",
  " ",
  "\n",
  "#",
  "# c",
  "\t",
  "\t# c",
  "a: 1\n\t# c",
  "\0",
  "a: \u0001",
  "a: \u007f",
  "a: \u0080",
  "a: \u009f",
  "a: \u00a0b",
  "a: \ufffe",
  "a: \uffff",
  "a: \ufffd",
  "a: \ue000",
  "# \u0007",
];
