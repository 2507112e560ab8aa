import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import { compileNode, type Files } from "../support/model.ts";
import { workDirectory } from "../support/plinth.ts";
import { comparable, startJudge, withoutReclass } from "../support/reclass.ts";

const work = workDirectory();
const child = new URL("compile-child.ts", import.meta.url).pathname;

type Given = { readonly json?: string; readonly diagnostics?: readonly Diagnostic[] };
type Question = ({ readonly files: Files } | { readonly directory: string }) & { readonly node?: string };

/** Compiles with 256 MiB for JavaScript's objects, within ten seconds. */
function compile(question: Question, uid?: number): Given {
  const run = spawnSync(process.execPath, ["--max-old-space-size=256", "--no-warnings", child], {
    input: JSON.stringify({ node: "n1", ...question }),
    encoding: "utf8",
    maxBuffer: 1e9,
    timeout: 30_000,
    ...(uid === undefined ? {} : { uid }),
  });
  assert.equal(run.status, 0, `ended with ${run.status ?? run.signal}: ${run.stderr.slice(-2000)}`);
  const { milliseconds, mebibytes, ...given } = JSON.parse(run.stdout) as Given &
    Record<"milliseconds" | "mebibytes", number>;
  assert.ok(milliseconds < 10_000, `takes ${milliseconds} ms`);
  assert.ok(mebibytes < 768, `takes ${mebibytes} MiB`);
  return given;
}

const parametersOf = (given: Given): Record<string, unknown> => {
  assert.ok(given.json, JSON.stringify(given.diagnostics?.slice(0, 3)));
  return (JSON.parse(given.json) as { parameters: Record<string, unknown> }).parameters;
};

const codesOf = (given: Given): readonly string[] => {
  assert.ok(given.diagnostics, "an error was expected");
  for (const { what, fix } of given.diagnostics) assert.ok(what !== "" && fix !== "");
  return [...new Set(given.diagnostics.map(({ code }) => code))];
};

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
const lines = (count: number, line: (index: number) => string): string => numbers(count).map(line).join("\n");
const node = (text: string): { readonly files: Files } => ({ files: { "nodes/n1.yml": text } });
const parameters = (text: string): { readonly files: Files } => node(`parameters:\n${text}\n`);

// --- bombs: small as text, large as what they stand for ---------------------------------------------------------------

const tens = (item: string): string => `[${Array(10).fill(item).join(", ")}]`;

for (const [title, text, code] of [
  [
    "aliases of aliases",
    `  a0: &a0 ${tens("x")}\n${lines(10, (index) => `  a${index + 1}: &a${index + 1} ${tens(`*a${index}`)}`)}`,
    "file-too-nested",
  ],
  [
    "merge keys of merge keys",
    `  m0: &m0 {${numbers(10).map((key) => `k${key}: 1`)}}\n${lines(
      12,
      (index) => `  m${index + 1}: &m${index + 1}\n    <<: ${tens(`*m${index}`)}\n    l: ${tens(`*m${index}`)}`,
    )}`,
    "file-too-nested",
  ],
  [
    "references to references in lists",
    `  a0: ${tens("x")}\n${lines(10, (index) => `  a${index + 1}: ${tens(`'\${a${index}}'`)}`)}`,
    "result-too-large",
  ],
  [
    "references to references in mappings",
    `  a0: {x: 1}\n${lines(60, (index) => `  a${index + 1}: {x: '\${a${index}}', y: '\${a${index}}'}`)}`,
    "result-too-large",
  ],
  [
    "texts that double",
    `  a0: xxxxxxxxxx\n${lines(60, (index) => `  a${index + 1}: '\${a${index}}\${a${index}}'`)}`,
    "result-too-large",
  ],
  [
    "texts of lists that grow tenfold",
    `  a0: ${tens("x")}\n${lines(10, (index) => `  a${index + 1}: '${Array(10).fill(`\${a${index}}`).join("")}'`)}`,
    "result-too-large",
  ],
] as const) {
  test(`a bomb of ${title} is an error`, () => {
    assert.deepEqual(codesOf(compile(parameters(text))), [code]);
  });
}

test("lists that are merged through references again and again are an error", () => {
  const files = Object.fromEntries(
    numbers(30).map((index) => [`classes/c${index}.yml`, `parameters: {l${index + 1}: '\${l${index}}'}\n`]),
  );
  const more = Object.fromEntries(
    numbers(30).map((index) => [`classes/d${index}.yml`, `parameters: {l${index + 1}: '\${l${index}}'}\n`]),
  );
  const classes = numbers(30).flatMap((index) => [`c${index}`, `d${index}`]);
  const start = `classes: [${classes}]\nparameters: {l0: [x, x]}\n`;
  assert.deepEqual(codesOf(compile({ files: { ...files, ...more, "nodes/n1.yml": start } })), ["result-too-large"]);
});

// --- depth ------------------------------------------------------------------------------------------------------------

const deep = 10_000;

for (const [title, text] of [
  ["lists in one line", `  a: ${"[".repeat(deep)}${"]".repeat(deep)}`],
  ["mappings in one line", `  a: ${"{a: ".repeat(deep)}1${"}".repeat(deep)}`],
  ["lists that are not closed", `  a: ${"[".repeat(deep)}`],
  ["lists in blocks", `  a:\n    ${"- ".repeat(deep)}x`],
  ["mappings in blocks", lines(2000, (index) => `${" ".repeat(index + 2)}a:`)],
  ["explicit keys", `  ${"? ".repeat(deep)}a`],
] as const) {
  test(`${title}, nested thousands deep, are an error`, () => {
    const codes = codesOf(compile(parameters(text)));
    assert.ok(
      codes.every((code) => code === "file-too-nested" || code === "yaml-broken" || code === "yaml-key-not-text"),
      String(codes),
    );
  });
}

test("references nested 10,000 deep are an error", () => {
  const codes = codesOf(compile(parameters(`  a: '${"${a:".repeat(deep)}${"}".repeat(deep)}'`)));
  assert.equal(codes.length, 1);
});

/** `a0` refers to `a1`, and so on to the end. */
const chain = (count: number, link: (next: string) => string, end: string): string =>
  `${lines(count, (index) => `  a${index}: ${link(`\${a${index + 1}}`)}`)}\n  a${count}: ${end}`;

const far = 20_000;
const halves = lines(far, (index) => `  a${index}: {k: 1}`);

for (const [title, question, first] of [
  ["references", parameters(chain(far, (next) => next, "end")), "end"],
  [
    "references, the last of which stands first",
    parameters(
      `  a0: \${a1}\n${chain(far, (next) => next, "end")
        .split("\n")
        .reverse()
        .join("\n")}`,
    ),
    "end",
  ],
  ["100,000 references", parameters(chain(100_000, (next) => next, "end")), "end"],
  ["references within references", parameters(`${chain(far, (next) => `\${m:${next}}`, "k")}\n  m: {k: k}`), "k"],
  [
    "references in layers",
    {
      files: {
        "nodes/n1.yml": `classes: [c]\nparameters:\n${halves}\n`,
        "classes/c.yml": `parameters:\n${chain(far, (next) => next, "{z: 1}")}\n`,
      },
    },
    { z: 1, k: 1 },
  ],
  ["lists, 400 deep", parameters(chain(400, (next) => `['${next}']`, "end")), undefined],
] as const) {
  test(`a chain of ${title} has its value`, () => {
    const { a0 } = parametersOf(compile(question));
    if (first !== undefined) assert.deepEqual(a0, first);
  });
}

for (const [title, text, code] of [
  ["a chain of 20,000 texts, each with the next", chain(far, (next) => `x${next}`, "end"), "result-too-large"],
  ["a chain of 20,000 lists, each with the next", chain(far, (next) => `['${next}']`, "end"), "result-too-deep"],
  ["a chain of 20,000 mappings, each with the next", chain(far, (next) => `{x: '${next}'}`, "end"), "result-too-deep"],
  [
    "a chain of 20,000 lists with nothing at its end",
    chain(far, (next) => `['${next}']`, "${nothing}"),
    "reference-missing",
  ],
  [
    "a chain of 20,000 references with nothing at its end",
    chain(far, (next) => next, "${nothing}"),
    "reference-missing",
  ],
  ["a cycle of 20,000 references", chain(far, (next) => next, "${a0}"), "reference-cycle"],
  ["a cycle of 20,000 texts", chain(far, (next) => `x${next}`, "${a0}"), "reference-cycle"],
  ["a cycle of 20,000 lists", chain(far, (next) => `['${next}']`, "${a0}"), "reference-cycle"],
  [
    "a cycle that 20,000 references lead to",
    `${chain(far, (next) => next, "${c}")}\n  c: \${d}\n  d: \${c}`,
    "reference-cycle",
  ],
] as const) {
  test(`${title} is one error, with its place`, () => {
    const given = compile(parameters(text));
    assert.deepEqual(codesOf(given), [code]);
    const [{ what = "", place } = {}] = given.diagnostics ?? [];
    assert.equal(place?.kind, "document", JSON.stringify(place));
    assert.ok(what.length < 1000, what.slice(0, 2000));
  });
}

test("a chain of 10,000 classes ends in a value or an error", () => {
  const files = Object.fromEntries(
    numbers(deep).map((index) => [`classes/c${index}.yml`, `classes: [c${index + 1}]\nparameters: {l: [${index}]}\n`]),
  );
  const end = { [`classes/c${deep}.yml`]: "parameters: {l: [end]}\n", "nodes/n1.yml": "classes: [c0]\n" };
  const given = compile({ files: { ...files, ...end } });
  if (given.json) assert.equal((parametersOf(given)["l"] as unknown[]).length, deep + 1);
  else assert.equal(codesOf(given).length, 1);
});

test("a cycle of 10,000 classes is an error", () => {
  const files = Object.fromEntries(
    numbers(deep).map((index) => [`classes/c${index}.yml`, `classes: [c${(index + 1) % deep}]\n`]),
  );
  const given = compile({ files: { ...files, "nodes/n1.yml": "classes: [c0]\n" } });
  assert.equal(codesOf(given).length, 1);
});

test("a class name with 10,000 dots, a key with 10,000 tildes, a path of 10,000 parts, a query of 10,000 tests", () => {
  for (const text of [
    `classes: ['${".".repeat(deep)}a']\n`,
    `parameters: {'${"~".repeat(deep)}a': 1}\n`,
    `parameters: {a: '\${${"a:".repeat(deep)}a}'}\n`,
    `parameters: {a: '$[ if exports:a == 1${" and exports:a == 1".repeat(deep)} ]'}\n`,
  ]) {
    const given = compile({ files: { "nodes/n1.yml": text, "classes/a.yml": "parameters: {}\n" } });
    assert.ok(given.json !== undefined || codesOf(given).length > 0);
  }
});

// --- width ------------------------------------------------------------------------------------------------------------

test("100,000 keys, and as many references to them", () => {
  const keys = lines(100_000, (index) => `  k${index}: ${index}`);
  const given = compile(parameters(`${keys}\n  l:\n${lines(50_000, (index) => `  - '\${k${index}}'`)}`));
  assert.equal((parametersOf(given)["l"] as unknown[]).length, 50_000);
});

test("thousands of missing references among thousands of keys are reported in bounded time", () => {
  const keys = lines(20_000, (index) => `  some_longer_key_number_${index}: ${index}`);
  const given = compile(
    parameters(`${keys}\n  l:\n${lines(5_000, (index) => `  - '\${some_longer_kex_numbr_${index}}'`)}`),
  );
  assert.deepEqual(codesOf(given), ["reference-missing"]);
});

test("thousands of classes that are not there are reported in bounded time", () => {
  const files = Object.fromEntries(numbers(5_000).map((index) => [`classes/some/longer/name${index}.yml`, ""]));
  const classes = numbers(3_000).map((index) => `some.langer.name${index}`);
  const given = compile({ files: { ...files, "nodes/n1.yml": `classes: [${classes}]\n` } });
  assert.deepEqual(codesOf(given), ["class-unknown"]);
});

test("one list in 5,000 layers", () => {
  const files = Object.fromEntries(
    numbers(5_000).map((index) => [`classes/c${index}.yml`, `parameters: {l: [${index}], s: ${index}}\n`]),
  );
  const classes = numbers(5_000).map((index) => `c${index}`);
  const given = compile({ files: { ...files, "nodes/n1.yml": `classes: [${classes}]\n` } });
  assert.equal((parametersOf(given)["l"] as unknown[]).length, 5_000);
});

test("100,000 lines within brackets that stand further left than their key end in a value or an error", () => {
  const given = compile(node(`parameters:\n  l: [\n${lines(100_000, (index) => `k${index},`)}\n  ]\n`));
  if (given.json) assert.equal((parametersOf(given)["l"] as unknown[]).length, 100_000);
  else assert.deepEqual(codesOf(given), ["yaml-broken"]);
});

test("a line of three million characters with a mistake at its end", () => {
  const given = compile(node(`parameters: {a: ${"x".repeat(3_000_000)}: b}\n`));
  const codes = codesOf(given);
  assert.deepEqual(codes, ["yaml-broken"]);
  assert.ok(JSON.stringify(given.diagnostics).length < 10_000, "the diagnostic holds the whole line");
});

test("a text of millions of dollars and braces", () => {
  const given = compile(parameters(`  a: '${"$".repeat(1_000_000)}\${b}${"{}".repeat(500_000)}'\n  b: 1`));
  assert.equal(String(parametersOf(given)["a"]).length, 2_000_001);
});

test("a text of a million backslashes", () => {
  const given = compile(parameters(`  a: '${"\\".repeat(1_000_000)}\${b}'\n  b: 1`));
  assert.equal(String(parametersOf(given)["a"]).length, 1_000_000);
});

// --- files and directories ------------------------------------------------------------------------------------------------

function directory(name: string, files: Files): string {
  const base = join(work, name);
  for (const [path, text] of Object.entries({ "nodes/.keep": "", "classes/.keep": "", ...files })) {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), text);
  }
  return base;
}

test("a file of 100 MB is an error, and is not read", () => {
  const base = directory("large", { "nodes/n1.yml": "classes: [large]\n" });
  const file = openSync(join(base, "classes/large.yml"), "w");
  ftruncateSync(file, 100_000_000);
  closeSync(file);
  assert.deepEqual(codesOf(compile({ directory: base })), ["model-file-too-large"]);
});

test("a large file that nothing uses does no harm", () => {
  const base = directory("large-unused", { "nodes/n1.yml": "parameters: {a: 1}\n" });
  const file = openSync(join(base, "classes/large.yml"), "w");
  ftruncateSync(file, 100_000_000);
  closeSync(file);
  assert.equal(parametersOf(compile({ directory: base }))["a"], 1);
});

test("a link that leads to the directory that holds it is an error", () => {
  const base = directory("loop", { "nodes/n1.yml": "classes: [a]\n", "classes/a.yml": "", "classes/x/y/b.yml": "" });
  symlinkSync("..", join(base, "classes/x/y/up"));
  assert.deepEqual(codesOf(compile({ directory: base })), ["model-link-loop"]);
});

test("a link to itself", () => {
  const base = directory("self", { "nodes/n1.yml": "classes: [a]\n" });
  symlinkSync("a.yml", join(base, "classes/a.yml"));
  assert.deepEqual(codesOf(compile({ directory: base })), ["model-link-broken"]);
});

test("a link that leads nowhere is an error where it is used, and only there", () => {
  const base = directory("dangling", { "nodes/n1.yml": "classes: [a]\n", "nodes/n2.yml": "parameters: {a: 1}\n" });
  symlinkSync("nowhere.yml", join(base, "classes/a.yml"));
  assert.deepEqual(codesOf(compile({ directory: base })), ["model-link-broken"]);
  assert.equal(parametersOf(compile({ directory: base, node: "n2" }))["a"], 1);
});

test("links to files and directories are followed", () => {
  const base = directory("links", { "nodes/n1.yml": "classes: [to.a, b]\n", "real/a.yml": "parameters: {a: 1}\n" });
  symlinkSync("../real", join(base, "classes/to"));
  symlinkSync("../real/a.yml", join(base, "classes/b.yml"));
  assert.equal(parametersOf(compile({ directory: base }))["a"], 1);
});

const nobody = 65534;
const unprivileged = process.getuid?.() === 0 ? nobody : undefined;

test("a file and a directory that may not be read are errors", () => {
  const file = directory("unreadable-file", { "nodes/n1.yml": "classes: [a]\n", "classes/a.yml": "" });
  chmodSync(join(file, "classes/a.yml"), 0);
  const inner = directory("unreadable-directory", { "nodes/n1.yml": "", "classes/x/a.yml": "" });
  chmodSync(join(inner, "classes/x"), 0);
  // Root reads everything: somebody else has to try, who can get here.
  chmodSync(work, 0o755);
  if (unprivileged !== undefined) chownSync(work, unprivileged, unprivileged);
  assert.deepEqual(codesOf(compile({ directory: file }, unprivileged)), ["model-file-unreadable"]);
  assert.deepEqual(codesOf(compile({ directory: inner }, unprivileged)), ["model-directory-unreadable"]);
  chmodSync(join(inner, "classes/x"), 0o755);
});

test("a named pipe and a directory in a file's place are errors, without waiting", () => {
  const base = directory("odd", { "nodes/n1.yml": "classes: [pipe]\n" });
  assert.equal(spawnSync("mkfifo", [join(base, "classes/pipe.yml")]).status, 0);
  assert.deepEqual(codesOf(compile({ directory: base })), ["model-file-odd"]);
  const other = directory("odd-directory", { "nodes/n1.yml": "classes: [a]\n", "classes/a.yml/b.txt": "" });
  assert.deepEqual(codesOf(compile({ directory: other })), ["class-unknown"]);
});

test("a path that is not a directory, and a model without nodes or classes, are errors", () => {
  assert.deepEqual(codesOf(compile({ directory: join(work, "nowhere") })), ["model-not-there"]);
  mkdirSync(join(work, "half/nodes"), { recursive: true });
  assert.deepEqual(codesOf(compile({ directory: join(work, "half") })), ["model-directory-missing"]);
});

test("bytes that are not UTF-8, UTF-16, and zeros are errors", () => {
  const base = directory("bytes", {
    "nodes/n1.yml": "classes: [a]\n",
    "nodes/n2.yml": "classes: [b]\n",
    "nodes/n3.yml": "classes: [c]\n",
  });
  writeFileSync(join(base, "classes/a.yml"), Buffer.from("parameters: {a: \xff\xfe}\n", "latin1"));
  writeFileSync(join(base, "classes/b.yml"), Buffer.from("\ufeffparameters: {a: 1}\n", "utf16le"));
  writeFileSync(join(base, "classes/c.yml"), "parameters: {a: \0}\n");
  assert.deepEqual(codesOf(compile({ directory: base })), ["model-file-not-utf8"]);
  assert.deepEqual(codesOf(compile({ directory: base, node: "n2" })), ["model-file-not-utf8"]);
  assert.deepEqual(codesOf(compile({ directory: base, node: "n3" })), ["yaml-broken"]);
});

// --- what reclass has an answer for -----------------------------------------------------------------------------------

const skip = withoutReclass();
const judge = skip ? undefined : startJudge();
after(() => judge?.stop());

const block =
  "parameters:\n  a: |\n    one\n\n      two\n    three\n  b: >-\n    one\n    two\n\n    three\n  c: 'one\n    two'\n  d: \"x\n\n    y\"\n  e: ${a}\n  '${f}':\n  - g\n  - h: '${c}'\n";

for (const [title, text] of [
  ["line ends of Windows", block.replaceAll("\n", "\r\n")],
  ["line ends of old Macintoshes", block.replaceAll("\n", "\r")],
  ["line ends that are mixed", block.replaceAll("\n\n", "\n\r\n")],
  ["a byte order mark", `\ufeff${block}`],
  ["a byte order mark and line ends of Windows", `\ufeff${block.replaceAll("\n", "\r\n")}`],
  ["a byte order mark in the middle", block.replace("one", "o\ufeffne")],
  ["no line end at the end", block.trimEnd()],
  ["blanks at the ends of lines", block.replaceAll("\n", "  \n")],
  ["a comment on every line", "# one\nparameters: # two\n  # three\n  a: 1 # four\n# five\n  b: 2\n"],
  ["a line separator of Unicode's", 'parameters: {a: "x\u2028y"}\n'],
  ["characters that YAML does not allow", 'parameters: {a: "x\u0007y"}\n'],
  ["a character that is half of one", 'parameters: {a: "x\\ud83d"}\n'],
  [
    "__proto__ everywhere",
    "classes: []\n__proto__: {parameters: {x: 1}}\nconstructor: 1\nparameters: {__proto__: {__proto__: [1]}, l: [{__proto__: 1}], ~__proto__: 2}\nexports: {__proto__: 1}\n",
  ],
] as const) {
  test(`${title}: as reclass reads it`, { skip }, async () => {
    const files = { "nodes/n1.yml": text };
    const judged = await judge?.ask(files, "n1");
    const given = compileNode(files, "n1");
    assert.ok(judged);
    assert.equal(given.ok, judged.ok, JSON.stringify(given.ok ? judged : given.diagnostics));
    if (given.ok && judged.ok) assert.deepEqual(comparable(given.json), comparable(judged.json));
  });
}
