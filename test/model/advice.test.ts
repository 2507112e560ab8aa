import assert from "node:assert/strict";
import { test } from "node:test";
import { placeText } from "../../src/diagnostics/frame.ts";
import { compileNode } from "../support/model.ts";

/** Stands before what the message points to, and is no part of the text. */
const mark = "@@";

const classes = {
  "classes/a.yml": "",
  "classes/a/b.yml": "",
  "classes/box/init.yml": "",
  "classes/system/nova.yml": "parameters: {_param: {name: 1, other_name: 2}}\n",
};

/** A node as people write it, the place that is named, what the message says that YAML made of it, and how to write it. */
const slips: readonly (readonly [title: string, text: string, code: string, what: RegExp, fix: RegExp])[] = [
  // References within brackets.
  [
    "[${_param:a}, b]",
    "parameters:\n  l: [$@@{_param:a}, b]\n",
    "yaml-broken",
    /within \[ \], YAML takes the \{ behind a \$ for the beginning of a mapping/,
    /quotes around the whole value: \['\$\{_param:name\}'\]; or write each item/,
  ],
  [
    "{a: ${_param:a}}",
    "parameters:\n  l: {a: $@@{_param:a}}\n",
    "yaml-broken",
    /within \{ \}, YAML takes the \{/,
    /\{key: '\$\{_param:name\}'\}; or write each key/,
  ],
  ["[http://${_param:a}/]", "parameters:\n  l: [http://$@@{_param:a}/]\n", "yaml-broken", /within \[ \]/, /quotes/],
  [
    "[$[ exports:a ]]",
    "parameters:\n  l: [$@@[ exports:a ], b]\n",
    "yaml-broken",
    /beginning of a list/,
    /'\$\[ exports:name \]'/,
  ],
  [
    "a list over several lines",
    "parameters:\n  l: [\n    a,\n    $@@{_param:a}\n  ]\n",
    "yaml-broken",
    /within \[ \]/,
    /quotes/,
  ],
  // Dashes and colons without a space.
  [
    "-system.x below classes",
    "classes:\n  @@-a\n  -a.b\n",
    "section-wrong",
    /is text: a dash without a space after it does not begin a list item/,
    /^write `- name`/,
  ],
  [
    "-system.x in the first column",
    "classes:\n@@-a\n-a.b\n",
    "yaml-broken",
    /a dash without a space/,
    /`- name`, with a space/,
  ],
  ["-system.x after - system.y", "classes:\n- a\n@@-a.b\n", "yaml-broken", /a dash without a space/, /`- name`/],
  [
    "-system.x after - system.y, indented",
    "classes:\n  - a\n  @@-a.b\n",
    "yaml-broken",
    /a dash without a space/,
    /`- name`/,
  ],
  [
    "-system.x deeper than - system.y",
    "classes:\n  - @@a\n    -a.b\n",
    "class-name-wrong",
    /a dash without a space after it does not begin a list item, so that the next line is a part/,
    /`- name`/,
  ],
  [
    "-x in a parameter",
    "parameters:\n  l:\n    @@-a\n    -b\n",
    "text-joined",
    /a dash without a space after it does not begin a list item/,
    /`- item`/,
  ],
  [
    "key:value",
    "parameters:\n  @@a:b\n",
    "section-wrong",
    /a colon without a space after it does not end a key/,
    /`key: value`/,
  ],
  [
    "key:value before a key",
    "parameters:\n  @@a:b\n  c: d\n",
    "yaml-broken",
    /a colon without a space after it does not end a key/,
    /`key: value`/,
  ],
  ["key:value after a key", "parameters:\n  c: d\n  @@a:b\n", "yaml-broken", /a colon without a space/, /`key: value`/],
  [
    "key:value below a key",
    "parameters:\n  nova:\n    @@a:b\n",
    "text-joined",
    /a colon without a space/,
    /`key: value`/,
  ],
  // The list of classes.
  [
    "classes: name",
    "classes: @@a\n",
    "section-wrong",
    /classes must be a list of names, and this is a text/,
    /classes: \[name, name\], or `- name`/,
  ],
  ["classes: {a, b}", "classes: @@{a, a.b}\n", "section-wrong", /this is a mapping/, /`- name`.*without \{ \}/],
  ["- name:", "classes:\n- @@a:\n", "section-wrong", /this is a mapping/, /without a colon/],
  ["- - name", "classes:\n- @@- a\n", "section-wrong", /this is a list/, /each name as an item/],
  [
    "- and nothing",
    "classes:\n- a\n@@- \n".replace("@@- ", "-@@ "),
    "section-wrong",
    /this is nothing/,
    /a name behind the dash/,
  ],
  ["- name.yml", "classes:\n- @@a.yml\n", "class-unknown", /there is no class a\.yml/, /did you mean a\?/],
  ["- classes.name", "classes:\n- @@classes.a.b\n", "class-unknown", /no class/, /did you mean a\.b\?/],
  ["- name.init", "classes:\n- @@box.init\n", "class-unknown", /no class/, /did you mean box\?/],
  ["- name:part", "classes:\n- @@a:b\n", "class-unknown", /no class/, /did you mean a\.b\?/],
  ["- directory/name", "classes:\n- @@a/b\n", "class-name-wrong", /it has a slash/, /^write a\.b$/],
  ["- directory/name.yml", "classes:\n- @@a/b.yml\n", "class-name-wrong", /it has a slash/, /^write a\.b$/],
  ["- two names", "classes:\n- @@a a.b\n", "class-name-wrong", /it has a space/, /`- name` for each/],
  ["- '{{ name }}'", "classes:\n- @@'{{ name }}'\n", "class-name-wrong", /not rendered/, /\$\{path/],
  ["parameters as a list", "parameters:\n  @@- a: 1\n", "section-wrong", /this is a list/, /without a dash/],
  ["environment as a list", "environment: @@[a]\n", "section-wrong", /this is a list/, /environment: name/],
  // References.
  [
    "${param:name}",
    "classes: [system.nova]\nparameters:\n  a: @@${param:name}\n",
    "reference-missing",
    /no key param/,
    /did you mean _param:name\?/,
  ],
  [
    "${_param.name}",
    "classes: [system.nova]\nparameters:\n  a: @@${_param.name}\n",
    "reference-missing",
    /no key "_param\.name"/,
    /did you mean _param:name\?/,
  ],
  [
    "${_param/name}",
    "classes: [system.nova]\nparameters:\n  a: @@${_param/name}\n",
    "reference-missing",
    /no key/,
    /did you mean _param:name\?/,
  ],
  [
    "${ _param:name }",
    "classes: [system.nova]\nparameters:\n  a: @@${ _param:name }\n",
    "reference-missing",
    /no key " _param"/,
    /did you mean _param:name\?/,
  ],
  [
    "${name}",
    "classes: [system.nova]\nparameters:\n  a: @@${other_name}\n",
    "reference-missing",
    /no key other_name/,
    /did you mean _param:other_name\?/,
  ],
  [
    "${_parm:name}",
    "classes: [system.nova]\nparameters:\n  a: @@${_parm:name}\n",
    "reference-missing",
    /no key _parm/,
    /did you mean _param:name\?/,
  ],
  [
    "${_param: name}",
    "classes: [system.nova]\nparameters:\n  a: ${_param@@: name}\n",
    "yaml-broken",
    /a space follows a colon within \$\{\.\.\.\}/,
    /without spaces/,
  ],
  ["${_param:name", "parameters:\n  a: @@${_param:name\n", "reference-open", /is not closed/, /close it with \}/],
  ["$_param:name", "parameters:\n  a: @@$_param:name\n", "reference-odd", /not a reference/, /\$\{_param:name\}/],
  ["$(_param:name)", "parameters:\n  a: @@$(_param:name)\n", "reference-odd", /not a reference/, /\$\{_param:name\}/],
  ["$ {_param:name}", "parameters:\n  a: @@$ {_param:name}\n", "reference-odd", /not a reference/, /\$\{_param:name\}/],
  ["{_param:name}", "parameters:\n  a: @@{_param:name}\n", "reference-odd", /not a reference/, /\$\{_param:name\}/],
  // Templates.
  ["{{ x }}", "parameters:\n  a: @@{{ x }}\n", "yaml-broken", /templates .* are not rendered/, /quotes around a text/],
  ["{% if x %}", "parameters:\n  {@@% if x %}\n  a: 1\n", "yaml-broken", /templates .* are not rendered/, /quotes/],
  // Signs that begin something.
  ...["%", "@", "`"].map((sign): (typeof slips)[number] => [
    `${sign} at the beginning`,
    `parameters:\n  a: @@${sign}x\n`,
    "yaml-broken",
    new RegExp(`a text cannot begin with ${sign}`),
    /quotes around the whole value/,
  ]),
  ["*", "parameters:\n  a: @@*\n", "yaml-broken", /cannot begin with \*.*an alias/, /such as '\*'/],
  ["*.domain", "parameters:\n  a: @@*.domain\n", "yaml-broken", /cannot begin with \*/, /quotes around the whole/],
  ["& text", "parameters:\n  a: @@& b\n", "yaml-broken", /cannot begin with &.*an anchor/, /quotes/],
  ["!tag", "parameters:\n  a: @@!vault x\n", "yaml-tag-unknown", /this tag/, /quotes/],
  ["<<: *nothing", "parameters:\n  a: {<<: @@*b}\n", "yaml-alias-unknown", /this alias/, /define the anchor/],
  ["|text", "parameters:\n  a: |@@text\n", "yaml-broken", /begins with \| or >/, /begin the text in the next line/],
  [
    "key: - item",
    "parameters:\n  a: @@- x\n",
    "yaml-broken",
    /cannot stand in the line of its key/,
    /a line of its own/,
  ],
  [
    "[::1]:80",
    "parameters:\n  a: [@@::1]:80\n",
    "yaml-broken",
    /within \[ \], YAML takes a colon at the beginning of a text for that of a key/,
    /quotes .* around the whole value/,
  ],
  ["{a} b", "parameters:\n  a: {a} @@b\n", "yaml-broken", /begins with \{ ends with the bracket/, /quotes/],
  [
    "{ that is not closed",
    "parameters:\n  a: @@{b\n  c: 1\n",
    "yaml-broken",
    /the \{ that opens here is not closed/,
    /close it with \}/,
  ],
  [
    "[ that is not closed, to the end",
    "parameters:\n  a: @@[b\n",
    "yaml-broken",
    /the \[ that opens here is not closed before the file ends/,
    /close it with \]/,
  ],
  // Quotes.
  [
    "a quote that is not closed",
    "parameters:\n  a: @@'b\n  c: 1\n",
    "yaml-broken",
    /the quote \('\) that opens here is not closed/,
    /close it with '/,
  ],
  [
    "a quote that another closes",
    "parameters:\n  a: @@'b\n  c: 'd'\n",
    "yaml-broken",
    /closed only in line 3/,
    /in its own line/,
  ],
  ["'it's'", "parameters:\n  a: 'it'@@s'\n", "yaml-broken", /ends with the second quote/, /write ''/],
  ["'a' b", "parameters:\n  a: 'b' @@c\n", "yaml-broken", /something follows it here/, /quotes around all of it/],
  ["typographic quotes", "parameters:\n  a: “b@@: c”\n", "yaml-broken", /typographic quotes/, /in their place/],
  [
    "a backslash in double quotes",
    'parameters:\n  a: "@@\\d"\n',
    "yaml-broken",
    /a backslash in double quotes/,
    /single quotes/,
  ],
  ["half of a character", 'parameters:\n  a: "x@@\\ud83d"\n', "yaml-broken", /half of a character/, /whole number/],
  ["*.domain in a list", "parameters:\n  l: [@@*.x, b]\n", "yaml-broken", /cannot begin with \*/, /quotes/],
  ["@ in a list", "parameters:\n  l: [a, @@@x]\n", "yaml-broken", /cannot begin with @/, /quotes/],
  ["{b:[1]}", "parameters:\n  a: {b@@:[1]}\n", "yaml-broken", /follow a colon at once/, /a space behind the colon/],
  ["[a,,b]", "parameters:\n  a: [a,@@,b]\n", "yaml-broken", /nothing stands before this comma/, /remove the comma/],
  ["{b: 1 c: 2}", "parameters:\n  a: {b: 1 c@@: 2}\n", "yaml-broken", /without a comma before it/, /put a comma/],
  ["{# x #}", "parameters:\n  a: @@{# x #}\n  b: 1\n", "yaml-broken", /templates .* are not rendered/, /quotes/],
  // Indentation and colons.
  [
    "a: b: c",
    "parameters:\n  a: b@@: c\n",
    "yaml-broken",
    /the value holds a colon and a space/,
    /quotes around the value: key: 'a: b'/,
  ],
  ["a tab", "parameters:\n@@\ta: 1\n", "yaml-broken", /indented with a tab/, /spaces/],
  [
    "a column between two",
    "parameters:\n  a:\n    b: 1\n   @@c: 2\n",
    "yaml-broken",
    /indented by 3, and what it could belong to by 0 or 2 or 4/,
    /one column/,
  ],
  [
    "a key below a value",
    "parameters:\n  a: 1\n    b@@: 2\n",
    "yaml-broken",
    /below line 2, which has a value already/,
    /align it/,
  ],
  [
    "a line without a colon",
    "parameters:\n  a: 1\n  @@b\n  c: 2\n",
    "yaml-broken",
    /no `key: value`, as its neighbours are/,
    /a colon and a space/,
  ],
  [
    "a conflict that git left",
    "parameters:\n@@<<<<<<< HEAD\n  a: 1\n=======\n  a: 2\n>>>>>>> other\n",
    "yaml-broken",
    /marks of a conflict/,
    /one of the two sides/,
  ],
  [
    "a second document",
    "classes: []\n@@---\nparameters: {}\n",
    "yaml-second-document",
    /begins here/,
    /remove the line/,
  ],
  // What stands at the top.
  ...(
    [
      ["paramters", "parameters"],
      ["Parameters", "parameters"],
      ["parameter", "parameters"],
      ["params", "parameters"],
      ["class", "classes"],
      ["clases", "classes"],
      ["classses", "classes"],
      ["aplications", "applications"],
      ["application", "applications"],
      ["enviroment", "environment"],
      ["env", "environment"],
      ["export", "exports"],
    ] as const
  ).map(([key, meant]): (typeof slips)[number] => [
    `${key}:`,
    `@@${key}:\n  nova: 1\n`,
    "section-unknown",
    new RegExp(`^${key} is not a section of a class or node`),
    new RegExp(`did you mean ${meant}\\?`),
  ]),
  [
    "a component at the top",
    "@@nova:\n  a: 1\n",
    "section-unknown",
    /nova is not a section .* ignored/,
    /move it under parameters:/,
  ],
  [
    "_param at the top",
    "@@_param:\n  a: 1\n",
    "section-unknown",
    /_param is not a section/,
    /move it under parameters:/,
  ],
  // The second block.
  [
    "a second block of a key",
    "parameters:\n  nova:\n    a: 1\n  glance: {}\n  @@nova:\n    b: 1\n",
    "key-twice",
    /nova occurs twice.*the first one holds, in line 2, is dropped/,
    /under one of the two/,
  ],
  [
    "parameters: twice",
    "parameters:\n  a: 1\n@@parameters:\n  b: 1\n",
    "key-twice",
    /parameters occurs twice.*line 1/,
    /one of the two/,
  ],
  ["in quotes the second time", "parameters:\n  a: 1\n  @@'a': 1\n", "key-twice", /line 2/, /one of the two/],
  ["in a line", "parameters: {a: {b: 1, @@b: 2}}\n", "key-twice", /line 1/, /one of the two/],
  ["in an item", "parameters:\n  l:\n  - a: 1\n    @@a: 2\n", "key-twice", /line 3/, /one of the two/],
  [
    "as a number and a text",
    "parameters:\n  80: 1\n  @@'80': 2\n",
    "key-twice",
    /has another type, and both become one key/,
    /one of the two/,
  ],
  ["yes and true", "parameters:\n  yes: 1\n  @@true: 2\n", "key-twice", /line 2/, /one of the two/],
];

for (const [title, text, code, what, fix] of slips) {
  test(`${title}: the message says how YAML read it, and how to write it`, () => {
    const before = text.slice(0, text.indexOf(mark)).split("\n");
    assert.ok(text.includes(mark));
    const given = compileNode({ ...classes, "nodes/n1.yml": text.replace(mark, "") }, "n1");
    const all = given.ok ? given.warnings : given.diagnostics;
    const found = all.filter((diagnostic) => diagnostic.code === code);
    assert.equal(found.length, 1, JSON.stringify(all, null, 1));
    // One slip, one message.
    assert.equal(all.length, 1, JSON.stringify(all, null, 1));
    const [diagnostic] = found;
    const at = `/model/nodes/n1.yml:${before.length}:${(before.at(-1) as string).length + 1}`;
    assert.equal(diagnostic?.place && placeText(diagnostic.place).at, at);
    assert.match(diagnostic?.what ?? "", what);
    assert.match(diagnostic?.fix ?? "", fix);
  });
}

/** What looks like a slip and is none: whoever writes it is not bothered. */
const right: readonly (readonly [title: string, text: string])[] = [
  ["merge keys that a key overrides", "parameters:\n  d: &d {a: 1, b: 2}\n  e:\n    <<: *d\n    a: 3\n"],
  ["two merge keys", "parameters:\n  d: &d {a: 1}\n  f: &f {a: 2}\n  e: {<<: [*d, *f], b: 1}\n"],
  ["a key and its replacement", "parameters:\n  a: {b: 1}\n  ~a: {c: 1}\n"],
  ["anchors at the top", "_defaults: &d {a: 1}\nx-more: {}\n.hidden: {}\nparameters:\n  a: *d\n"],
  ["templates of others in quotes", "parameters:\n  a: '{{ $labels.host }}'\n  b: \"{% raw %}\"\n  c: x{{ y }}\n"],
  [
    "addresses, times and images",
    "parameters:\n  a: host:80\n  b: 'a:b'\n  c: docker.io/x:latest\n  d: http://x\n  e:\n    http://x/y\n  f: -1\n  g: -x\n  h:\n    -1\n",
  ],
  ["shells' variables", "parameters:\n  a: $HOME/x\n  b: $(date)\n  c: \\${_param:x}\n  d: $USER:$PASS\n"],
  ["all that a file may have", "classes: []\napplications: []\nparameters: {}\nexports: {}\nenvironment: x\n"],
  ["nothing", ""],
  ["texts with quotes in them", "parameters:\n  a: it's\n  b: 5\" disk\n  c: |\n    'open\n    a:b\n    -c\n"],
];

for (const [title, text] of right) {
  test(`${title}: no message`, () => {
    const given = compileNode({ ...classes, "nodes/n1.yml": text }, "n1");
    assert.deepEqual(given.ok ? given.warnings : given.diagnostics, []);
  });
}

test("no advice quotes a secret", () => {
  const secret = "hunter2";
  for (const value of [
    `'${secret}`,
    `"${secret}\n  b: "x"`,
    `[${secret}`,
    `@${secret}`,
    `*${secret}`,
    `!${secret} x`,
    `${secret}: x`,
    `{${secret}} x`,
    `|${secret}`,
    `'${secret}' x`,
    `{{ ${secret} }}`,
    `$(_param:${secret})`,
    `[\${${secret}}]`,
    `x\${${secret}}y`,
    `\${PW:-${secret}}`,
  ]) {
    const given = compileNode({ ...classes, "nodes/n1.yml": `parameters:\n  password: ${value}\n` }, "n1");
    const all = given.ok ? given.warnings : given.diagnostics;
    assert.ok(all.length > 0, value);
    assert.ok(!JSON.stringify(all).includes(secret), `${value}: ${JSON.stringify(all, null, 1)}`);
  }
});
