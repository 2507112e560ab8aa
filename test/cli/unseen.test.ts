import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { commit, git, makeRepository, writeModel } from "../support/inventories.ts";
import { type Ended, plinth, workDirectory } from "../support/plinth.ts";
import { missingPython } from "../support/python.ts";

const work = workDirectory();

/** What a terminal obeys, and what it does not show; each is put into every name. */
const signs: readonly (readonly [name: string, sign: string])[] = [
  ["control characters", "\u001b[31m\u0007\r\n\t\u0085\u009b2J\u007f"],
  ["what is not seen or turns the writing", "\u2028\u202e\u2066\u200b\u200d\u00ad\ufeff\u{e0041}"],
];

/** Newlines part lines, and nothing else of this kind may reach a terminal. */
const unseen = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

const quoted = (text: string): string =>
  `"${[...text].map((sign) => (/[ -~]/.test(sign) && !/["\\]/.test(sign) ? sign : `\\U${(sign.codePointAt(0) ?? 0).toString(16).padStart(8, "0")}`)).join("")}"`;

/** An inventory in which everything that has a name has the sign in it. */
function filesOf(sign: string, value: string): Record<string, string> {
  const odd = (name: string): string => `${name}${sign}x`;
  return {
    [`nodes/${odd("right")}.yml`]: `classes: [${quoted(odd("base"))}]
applications: [${quoted(odd("app"))}]
environment: ${quoted(odd("prod"))}
exports: {${quoted(odd("e"))}: 1}
parameters:
  ${quoted(odd("key"))}: ${quoted(odd(value))}
  list: [${quoted(odd("item"))}]
  lines: ${quoted(`one\n${odd("two")}\n`)}
  number: {${quoted(odd("deep"))}: ${value.length}}
`,
    [`nodes/${odd("broken")}.yml`]: `classes: [${quoted(odd("base"))}, ${quoted(odd("gone"))}]\n`,
    [`nodes/${odd("missing")}.yml`]: `classes: [${quoted(odd("base"))}]
parameters:
  ${quoted(odd("key"))}: ${quoted(`\${${odd("nothing")}}`)}
  a: {b: 1}
`,
    [`nodes/${odd("yaml")}.yml`]: `parameters: [${sign}\n`,
    [`classes/${odd("base")}.yml`]: `${quoted(odd("paramters"))}: {}\nparameters: {${quoted(odd("key"))}: 1, ${quoted(odd("key"))}: base}\n`,
    [`classes/${odd("spare")}.yml`]: "",
  };
}

const said = ({ stdout, stderr }: Ended): string => `${stdout}\n${stderr}`;

function shows(ended: Ended, words: readonly string[]): void {
  const all = said(ended);
  const found = unseen.exec(all);
  const around = found ? JSON.stringify(all.slice(Math.max(0, found.index - 80), found.index + 40)) : "";
  assert.equal(found, null, `${JSON.stringify(words)} writes ${JSON.stringify(found?.[0])}: ${around}`);
  assert.notEqual(all.trim(), "", `${JSON.stringify(words)} says nothing`);
}

const noYaml = missingPython("yaml");

/** @returns what PyYAML reads, as JSON. */
function pyyaml(text: string): unknown {
  const script = "import sys, json, yaml; print(json.dumps(yaml.safe_load(sys.stdin), default=str))";
  const { stdout, stderr } = spawnSync("/usr/bin/python3", ["-c", script], { input: text, encoding: "utf8" });
  assert.equal(stderr, "");
  return JSON.parse(stdout);
}

for (const [name, sign] of signs) {
  test(`no output of the model's verbs holds ${name}, wherever that stands`, { skip: noYaml }, () => {
    const odd = (text: string): string => `${text}${sign}x`;
    const inModel = (files: Record<string, string>): Record<string, string> =>
      Object.fromEntries(Object.entries(files).map(([path, text]) => [`m/${path}`, text]));
    const repository = makeRepository(work, inModel(filesOf(sign, "before")));
    commit(repository, inModel(filesOf(sign, "behind it")));
    // git allows no control characters in the names of branches; it does allow what is not seen.
    const branches = /\p{Cc}/u.test(sign) ? [] : [odd("branch")];
    for (const branch of branches) git(repository, "branch", branch, "HEAD~1");
    const base = join(repository, "m");
    const right = odd("right");
    const calls: readonly (readonly string[])[] = [
      ["model", "nodes"],
      ["model", "nodes", "--json"],
      ["model", "nodes", "--names"],
      ["model", "show", right],
      ["model", "show", right, "--json"],
      ["model", "show", right, odd("key")],
      ["model", "show", right, odd("nowhere")],
      ["model", "show", right, "--set", odd("no path")],
      ["model", "show", right, "--set", `${odd("path")}=${odd("value")}`],
      ["model", "show", odd("nobody")],
      ["model", "show", odd("missing")],
      ["model", "show", odd("yaml")],
      ["model", "show", "--all"],
      ["model", "show", "--all", "--json"],
      ["model", "classes", right],
      ["model", "classes", right, "--json"],
      ["model", "classes", odd("broken")],
      ["model", "explain", right, odd("key")],
      ["model", "explain", right, odd("key"), "--json"],
      ["model", "explain", right, "list"],
      ["model", "explain", right, odd("nowhere")],
      ["model", "explain", odd("missing"), odd("key")],
      ["model", "diff", "HEAD~1"],
      ["model", "diff", "HEAD~1", "HEAD"],
      ["model", "diff", "HEAD~1", "--json"],
      ["model", "diff", "HEAD~1", "--names"],
      ["model", "diff", odd("revision")],
      ...branches.flatMap((branch) => [
        ["model", "diff", branch],
        ["model", "diff", `${branch}x`],
      ]),
      ["model", "check"],
      ["model", "check", "--unused"],
      ["model", "check", "--unused", "--json"],
      ["model", "check", right, odd("nobody")],
      ["model", odd("verb")],
      ["model", "check", `--${odd("option")}`],
      ["bake", "--node", right],
      ["bake", "--node", odd("missing")],
      ["bake", "--node", right, "--release", odd("release")],
      ["bake", "--node", right, "--templates", odd("/templates")],
      ["check", "--node", right],
      ["check", "--node", odd("broken")],
      [odd("verb")],
    ];
    for (const words of calls) {
      const inModelToo = [...words, ...(words.length > 1 && !words[1]?.startsWith("verb") ? ["--model", base] : [])];
      for (const format of ["text", "json"]) shows(plinth(inModelToo, { env: { PLINTH_LOG_FORMAT: format } }), words);
    }
    const nowhere = ["model", "check", "--model", odd("/nowhere")];
    for (const format of ["text", "json"]) shows(plinth(nowhere, { env: { PLINTH_LOG_FORMAT: format } }), nowhere);

    // And nothing is lost: what is written reads back as it was.
    const show = (...words: readonly string[]): string =>
      plinth(["model", "show", right, ...words, "--model", base]).stdout;
    const { parameters } = JSON.parse(show("--json")) as { parameters: Record<string, unknown> };
    assert.equal(parameters[odd("key")], odd("behind it"));
    assert.deepEqual(pyyaml(show()), parameters);
    assert.deepEqual(
      (JSON.parse(plinth(["model", "nodes", "--json", "--model", base]).stdout) as { node: string }[])
        .map(({ node }) => node)
        .sort(),
      ["broken", "missing", "right", "yaml"].map(odd).sort(),
    );
  });
}

test("a model in a directory with such a name is shown by an escape", () => {
  const base = writeModel(work, { "odd\u001b[31m/nodes/a.yml": "classes: [gone]\n", "odd\u001b[31m/classes/": "" });
  const ended = plinth(["model", "check", "--model", join(base, "odd\u001b[31m")], {
    env: { PLINTH_LOG_FORMAT: "text" },
  });
  assert.equal(ended.status, 78);
  shows(ended, ["model", "check"]);
  assert.match(ended.stderr, /odd\\u001b\[31m\/nodes\/a\.yml:1:11/);
});
