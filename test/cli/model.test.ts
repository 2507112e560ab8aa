import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { commit, makeRepository, writeModel } from "../support/inventories.ts";
import { binary, type Ended, plinth, workDirectory } from "../support/plinth.ts";
import { missingPython } from "../support/python.ts";
import { comparable, startJudge, withoutReclass } from "../support/reclass.ts";

const work = workDirectory();

const files = {
  "classes/cluster.yml": `classes: [nova.controller]
applications: [nova]
parameters:
  _param: {release: '2025.1', host: 10.0.0.1, workers: 4}
`,
  "classes/nova/init.yml": "parameters: {nova: {controller: {workers: 1, ratio: 1.0}}}\n",
  "classes/nova/controller.yml": `classes: [nova]
parameters:
  nova:
    controller:
      version: \${_param:release}
      workers: \${_param:workers}
      database: {host: "\${_param:host}", port: 3306}
      flags: ['yes', on, '=', 010, ~]
      banner: |
        Welcome
          to nova
`,
  "classes/spare.yml": "",
  "nodes/ctl01.yml": "classes: [cluster]\nparameters: {nova: {controller: {database: {port: 3307}}}}\n",
  "nodes/site/ctl02.yml": "classes: [cluster]\napplications: [~nova, extra]\n",
};

const base = writeModel(work, files);

/** Runs a verb of the model at a directory. */
const model = (directory: string, verb: string, ...words: readonly string[]): Ended =>
  plinth(["model", verb, ...words, "--model", directory]);

const ran = (directory: string, verb: string, ...words: readonly string[]): string => {
  const { status, stdout, stderr } = model(directory, verb, ...words);
  assert.deepEqual([status, stderr], [0, ""]);
  return stdout;
};

const verbs = ["nodes", "show", "classes", "explain", "diff", "check"];

test("model --help lists its verbs, and each has its own help with an example", () => {
  const { status, stdout } = plinth(["model", "--help"]);
  assert.equal(status, 0);
  for (const verb of verbs) {
    assert.match(stdout, new RegExp(`plinth model ${verb}`));
    const own = plinth(["model", verb, "--help"]);
    assert.equal(own.status, 0);
    assert.match(own.stdout, new RegExp(`--model[^]*Examples:[^]*plinth model ${verb}`));
  }
});

test("a typo is reported with the name that was likely meant", () => {
  for (const [words, what, fix] of [
    [["modle"], "unknown verb modle", /did you mean model\?/],
    [["model", "shwo"], "unknown verb model shwo", /did you mean show\? verbs: nodes, show, classes/],
    [["model"], "which verb of model?", /plinth model --help/],
    [["model", "classes"], "classes wants <node>", /plinth model classes --help/],
    [["model", "explain", "ctl01"], "explain wants <node> <path>", /plinth model explain --help/],
    [["model", "diff"], "diff wants <revision> [newer]", /plinth model diff --help/],
    [["model", "show"], "show wants a node, or --all", /plinth model show --help/],
    [["model", "show", "ctl01", "--all"], "show wants a node or --all, not both", /plinth model show --help/],
    [["model", "nodes", "more"], "Unknown argument: more", /plinth model nodes --help/],
    [["model", "show", "ctl01", "--jsno"], /^Unknown argument/, /plinth model show --help/],
    [["model", "show", "ctl01", "--set", "release"], '--set takes PATH=VALUE, not "release"', /_param:release=2026\.1/],
    [
      ["model", "show", "ctl01", "--set", "nova:database:password:hunter2"],
      "--set takes PATH=VALUE, not a text without = (not shown: it may hold a secret)",
      /_param:release=2026\.1/,
    ],
  ] as const) {
    const { status, log, stdout } = plinth(words);
    assert.deepEqual([status, stdout, log.length], [64, "", 1], words.join(" "));
    if (typeof what === "string") assert.equal(log[0]?.msg, what);
    else assert.match(log[0]?.msg ?? "", what);
    assert.match(log[0]?.fix ?? "", fix);
  }
});

test("--model names the model, then PLINTH_MODEL, then the directory model", () => {
  const names = ["model", "nodes", "--names"];
  assert.equal(plinth([...names, "--model", base], { env: { PLINTH_MODEL: "/nowhere" } }).stdout, "ctl01\nctl02\n");
  assert.equal(plinth(names, { env: { PLINTH_MODEL: base } }).stdout, "ctl01\nctl02\n");
  assert.equal(plinth(names).stdout, ran("model", "nodes", "--names"));
  const missing = plinth([...names, "--model", "/nowhere"]);
  assert.equal(missing.status, 78);
  assert.equal(missing.log[0]?.msg, "cannot open the model /nowhere: no such file or directory");
});

test("nodes lists names and files without opening the files", () => {
  const broken = writeModel(work, {
    "nodes/a.yml": "classes: [gone]",
    "nodes/long-name.yml": "{",
    "classes/c.yml": "[",
  });
  assert.equal(
    ran(broken, "nodes"),
    `node       file\na          ${broken}/nodes/a.yml\nlong-name  ${broken}/nodes/long-name.yml\n`,
  );
  assert.equal(ran(broken, "nodes", "--names"), "a\nlong-name\n");
  assert.deepEqual(JSON.parse(ran(base, "nodes", "--json")), [
    { node: "ctl01", uri: `yaml_fs://${base}/nodes/ctl01.yml` },
    { node: "ctl02", uri: `yaml_fs://${base}/nodes/site/ctl02.yml` },
  ]);
  assert.equal(ran(writeModel(work, {}), "nodes", "--names"), "");
});

/** What PyYAML reads, as JSON: the judge of what `show` writes. */
function pyyaml(text: string): unknown {
  const script = "import sys, json, yaml; print(json.dumps(yaml.safe_load(sys.stdin), default=str))";
  const { stdout, stderr } = spawnSync("/usr/bin/python3", ["-c", script], { input: text, encoding: "utf8" });
  assert.equal(stderr, "");
  return JSON.parse(stdout);
}

const noYaml = missingPython("yaml");

test("what show prints reads back as what show --json gives", { skip: noYaml }, () => {
  for (const node of ["ctl01", "ctl02"]) {
    const { parameters } = JSON.parse(ran(base, "show", node, "--json"));
    assert.deepEqual(pyyaml(ran(base, "show", node)), parameters);
  }
  const all = JSON.parse(ran(base, "show", "--all", "--json")) as { nodes: Record<string, { parameters: unknown }> };
  const parameters = Object.fromEntries(Object.entries(all.nodes).map(([name, node]) => [name, node.parameters]));
  assert.deepEqual(pyyaml(ran(base, "show", "--all")), parameters);
});

test("show prints a version as a text and a float as a float, for people and for programs", () => {
  const text = ran(base, "show", "ctl01");
  assert.match(text, /^ {4}version: '2025\.1'$/m);
  assert.match(text, /^ {4}ratio: 1\.0$/m);
  assert.match(ran(base, "show", "ctl01", "--json"), /"ratio": 1\.0,/);
});

test("show of a path prints that part, and the nearest path where there is none", () => {
  assert.equal(ran(base, "show", "ctl01", "nova:controller:database"), "host: 10.0.0.1\nport: 3307\n");
  assert.equal(ran(base, "show", "ctl01", "nova:controller:version"), "'2025.1'\n");
  assert.equal(ran(base, "show", "ctl01", "nova:controller:version", "--json"), '"2025.1"\n');
  assert.equal(ran(base, "show", "ctl01", "nova:controller:flags:2", "--json"), '"="\n');
  for (const [path, near] of [
    ["nova:controler:database", "nova:controller"],
    ["nova:controller:database:prot", "nova:controller:database:port"],
  ] as const) {
    const { status, log } = model(base, "show", "ctl01", path);
    assert.equal(status, 78);
    assert.equal(log[0]?.msg, `the node ctl01 has no parameter ${path}`);
    assert.match(log[0]?.fix ?? "", new RegExp(`did you mean ${near}\\?`));
  }
});

test("the message for an unknown node names the nearest", () => {
  for (const [verb, ...more] of [["show"], ["classes"], ["explain", "a:b"], ["check"]] as const) {
    const { status, log } = model(base, verb, "ctl11", ...more);
    assert.equal(status, 78);
    assert.match(log[0]?.fix ?? "", /did you mean ctl01\?/);
  }
});

test("--set overrides the model, and can be repeated", () => {
  const set = ["--set", "_param:release=2026.1", "--set", "nova:controller:url=a=b"];
  const text = ran(base, "show", "ctl01", "nova:controller", ...set);
  assert.match(text, /^version: '2026\.1'$/m);
  assert.match(text, /^url: a=b$/m);
});

const noReclass = withoutReclass();

test("show --json prints what reclass prints, except times", { skip: noReclass }, async () => {
  const judge = startJudge();
  after(judge.stop);
  const { nodes } = JSON.parse(ran(base, "show", "--all", "--json")) as { nodes: Record<string, unknown> };
  for (const node of ["ctl01", "ctl02"]) {
    const judged = await judge.ask(files, node);
    assert.ok(judged.ok);
    const ours = ran(base, "show", node, "--json");
    assert.deepEqual(comparable(ours.replaceAll(base, "/model")), comparable(judged.json));
    assert.deepEqual(nodes[node], JSON.parse(ours));
  }
});

test("show --all --json lists the nodes of each class and application, as reclass --inventory does", () => {
  const all = JSON.parse(ran(base, "show", "--all", "--json"));
  assert.deepEqual(Object.keys(all), ["nodes", "classes", "applications"]);
  const both = ["ctl01", "ctl02"];
  assert.deepEqual(all.classes, { nova: both, "nova.controller": both, cluster: both });
  assert.deepEqual(all.applications, { nova: ["ctl01"], extra: ["ctl02"] });
  assert.deepEqual(JSON.parse(ran(writeModel(work, {}), "show", "--all", "--json")), {
    nodes: {},
    classes: {},
    applications: {},
  });
});

const brokenFiles = {
  ...files,
  "classes/cluster.yml": `${files["classes/cluster.yml"]}  lost: \${nowhere:at_all}\n`,
  "nodes/fine.yml": "parameters: {a: 1}\n",
  "nodes/alone.yml": "classes: [nova.contoller]\n",
};

test("a broken node does not hide the others: they are shown, the error is reported, the status is 78", () => {
  const { status, stdout, log } = model(writeModel(work, brokenFiles), "show", "--all", "--json");
  assert.equal(status, 78);
  assert.deepEqual(Object.keys(JSON.parse(stdout).nodes), ["fine"]);
  assert.equal(log.filter(({ level }) => level === "error").length, 2);
});

test("check reports each mistake once, with the nodes that have it", () => {
  const { status, stdout, log } = model(writeModel(work, brokenFiles), "check");
  assert.equal(status, 78);
  assert.match(stdout, /^4 nodes, \d classes: 3 nodes are broken$/m);
  const errors = log.filter(({ level }) => level === "error");
  assert.equal(errors.length, 2);
  const [unknown, lost] = errors;
  assert.match(unknown?.msg ?? "", /^there is no class nova\.contoller/);
  assert.match(unknown?.fix ?? "", /did you mean nova\.controller\?/);
  assert.match(lost?.msg ?? "", /^\$\{nowhere:at_all\} points to nothing.* \(in 2 nodes: ctl01, ctl02\)$/);
  assert.match(String(lost?.["at"]), /classes\/cluster\.yml:5:\d+$/);
});

test("check of named nodes checks only these", () => {
  const broken = writeModel(work, brokenFiles);
  assert.equal(ran(broken, "check", "fine"), "1 node, 0 classes: right\n");
  assert.equal(model(broken, "check", "fine", "alone").status, 78);
});

test("check of a valid model prints counts, and lists on request the classes that no node has", () => {
  assert.equal(ran(base, "check"), "2 nodes, 3 classes: right\n");
  assert.equal(
    ran(base, "check", "--unused"),
    `class that no node has  file\nspare                   ${base}/classes/spare.yml\n2 nodes, 3 classes: right\n`,
  );
  assert.deepEqual(JSON.parse(ran(base, "check", "--unused", "--json")), {
    nodes: 2,
    broken: 0,
    classes: 3,
    unused: [{ class: "spare", file: `${base}/classes/spare.yml` }],
  });
});

test("check and --set report a parameter that nothing refers to, and the status stays the same", () => {
  const node = "classes: [cluster]\nparameters:\n  _param: {wrokers: 8}\n";
  const slip = writeModel(work, { ...files, "nodes/ctl01.yml": node });
  const told = ({ status, log }: Ended) => [
    status,
    ...log.map(({ level, code, path, at, fix }) => [level, code, path, at, fix]),
  ];
  const fix = (path: string): string => `did you mean _param:workers? remove it, or refer to it: \${${path}}`;
  const warning = ["warn", "parameter-unreferred", "_param:wrokers"];
  const found = [...warning, `${slip}/nodes/ctl01.yml:3:12`, fix("_param:wrokers")];
  assert.deepEqual(told(model(slip, "check")), [0, found]);
  assert.deepEqual(told(model(slip, "check", "ctl01")), [0, found]);
  assert.deepEqual(told(model(slip, "check", "ctl02")), [0]);
  const set = model(base, "show", "ctl01", "--set", "_param:wrokers=8");
  assert.deepEqual(told(set), [0, [...warning, "(command line)", fix("_param:wrokers")]]);
  assert.deepEqual(told(model(base, "show", "ctl01", "--set", "_param:workers=8")), [0]);
});

test("a warning about a file is printed once, on standard error, and changes neither values nor status", () => {
  const nodes = Object.fromEntries([1, 2, 3, 4, 5].map((at) => [`nodes/n${at}.yml`, "classes: [c]\n"]));
  const class_ = (more: string): string => `parameters:\n  nova: {a: 1}\n  glance: {}\n  nova: {b: 2}\n${more}`;
  const odd = writeModel(work, { ...nodes, "classes/c.yml": class_("paramters:\n  heat: {}\n") });
  const right = writeModel(work, { ...nodes, "classes/c.yml": "parameters:\n  nova: {b: 2}\n  glance: {}\n" });
  for (const words of [["check"], ["check", "--json"], ["show", "--all"], ["show", "--all", "--json"]]) {
    const [verb = "", ...rest] = words;
    const { status, stdout, log } = model(odd, verb, ...rest);
    assert.deepEqual(log.map(({ level, code, at }) => [level, code, at]).sort(), [
      ["warn", "key-twice", `${odd}/classes/c.yml:4:3`],
      ["warn", "section-unknown", `${odd}/classes/c.yml:5:1`],
    ]);
    for (const { msg } of log) assert.match(msg, /\(in 5 nodes: n1, n2, n3, \.\.\.\)$/);
    assert.match(log.find(({ code }) => code === "key-twice")?.msg ?? "", /^the key nova .* in line 2, is dropped/);
    assert.equal(status, 0);
    assert.deepEqual(stdout.replaceAll(odd, right), ran(right, verb, ...rest));
  }
  assert.deepEqual(
    model(odd, "show", "n1").log.map(({ level }) => level),
    ["warn", "warn"],
  );
  // The slip is told with the errors that it leads to.
  const broken = writeModel(work, {
    ...nodes,
    "classes/c.yml": class_("paramters:\n  x: 1\n").replace("b: 2", "b: '${x}'"),
  });
  const codes = model(broken, "check").log.map(({ code }) => code);
  assert.deepEqual(codes.sort(), ["key-twice", "reference-missing", "section-unknown"]);
});

test("of a file full of duplicate keys, five are reported, and the lines of the others", () => {
  const twice = Array.from({ length: 40 }, (_, at) => `  k${at % 20}: ${at}\n`).join("");
  const { status, log } = model(writeModel(work, { "nodes/n1.yml": `parameters:\n${twice}` }), "check");
  assert.deepEqual([status, log.length], [0, 5]);
  assert.match(log[4]?.msg ?? "", /\(the same holds for keys in lines 27, 28, 29, 30, 31 and 10 more\)$/);
});

test("an unknown setting is a warning with the nearest one", () => {
  const { status, log } = model(
    writeModel(work, { ...files, "reclass-config.yml": "compose_node_names: true\n" }),
    "check",
  );
  assert.equal(status, 0);
  assert.deepEqual([log[0]?.level, log.length], ["warn", 1]);
  assert.match(log[0]?.fix ?? "", /compose_node_name/);
});

test("classes lists them in the order of merging, each with its file and what includes it", () => {
  assert.equal(
    ran(base, "classes", "ctl01"),
    [
      ["class          ", ` file${" ".repeat(base.length + 23 - 4)}`, " included by"],
      ["nova           ", ` ${base}/classes/nova/init.yml      `, " nova.controller"],
      ["nova.controller", ` ${base}/classes/nova/controller.yml`, " cluster"],
      ["cluster        ", ` ${base}/classes/cluster.yml        `, " ctl01"],
    ]
      .map((row) => `${row.join(" ")}\n`)
      .join("")
      .replace(`file${" ".repeat(base.length + 23 - 4)}`, `file${" ".repeat(base.length + 28 - 4)}`),
  );
  assert.deepEqual(JSON.parse(ran(base, "classes", "ctl01", "--json"))[1], {
    class: "nova.controller",
    file: `${base}/classes/nova/controller.yml`,
    through: ["ctl01", "cluster", "nova.controller"],
  });
});

test("explain names the class that set a value, what it overrode, and where its references lead", () => {
  assert.equal(
    ran(base, "explain", "ctl01", "nova:controller:workers"),
    `nova:controller:workers = 4
  set by nova.controller: \${_param:workers}  (${base}/classes/nova/controller.yml:6:16)
    through ctl01 → cluster → nova.controller
    _param:workers = 4
      set by cluster: 4  (${base}/classes/cluster.yml:4:56)
  overrode nova: 1  (${base}/classes/nova/init.yml:1:43)
    through ctl01 → cluster → nova.controller → nova
`,
  );
  const merged = ran(base, "explain", "ctl01", "nova:controller:database");
  assert.match(
    merged,
    /set by ctl01: a mapping {2}\(.*ctl01\.yml:2:\d+\)\n {2}merged with nova\.controller: a mapping/,
  );
  const json = JSON.parse(ran(base, "explain", "ctl01", "nova:controller:workers", "--json"));
  assert.deepEqual([json.path, json.value, json.settings.length], ["nova:controller:workers", 4, 2]);
  assert.equal(json.settings[1].references[0].value, 4);
  const { status, log } = model(base, "explain", "ctl01", "nova:controller:worker");
  assert.equal(status, 78);
  assert.match(log[0]?.fix ?? "", /did you mean nova:controller:workers\?/);
});

const inModel = (these: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(these).map(([path, text]) => [`model/${path}`, text]));

const repository = makeRepository(work, inModel(files));
const liberty = files["classes/cluster.yml"].replace("2025.1", "2026.1").replace("[nova]", "[nova, more]");
commit(
  repository,
  {
    ...inModel({
      "classes/cluster.yml": liberty,
      "nodes/new.yml": "classes: [nova]\n",
      "nodes/ctl01.yml": "parameters: {nova: {controller: {list: [1, {a: x}]}}}\n",
    }),
  },
  "model/nodes/site",
);
const inRepository = join(repository, "model");

test("diff shows which nodes differ between two revisions, and how", () => {
  const text = ran(inRepository, "diff", "HEAD~1", "HEAD");
  assert.match(text, /^changed ctl01\n(?: {2}.*\n)*removed ctl02\nadded new\n/);
  assert.match(text, /^ {2}- nova:controller:database:\n {2}- {3}host: 10\.0\.0\.1\n {2}- {3}port: 3307\n/m);
  assert.match(text, /^ {2}\+ nova:controller:list:\n {2}\+ {3}- 1\n {2}\+ {3}- a: x\n/m);
  assert.match(text, /^ {2}classes: -nova -nova\.controller -cluster$/m);
  assert.match(text, /^ {2}applications: -nova$/m);
  assert.match(text, /^HEAD~1 → HEAD: 3 of 3 nodes differ \(1 changed, 1 removed, 1 added\)\n$/m);
  assert.equal(ran(inRepository, "diff", "HEAD~1", "HEAD", "--names"), "ctl01\nctl02\nnew\n");
});

test("a change of the release is one line of each node's difference", () => {
  const one = makeRepository(work, inModel(files));
  commit(one, inModel({ "classes/cluster.yml": files["classes/cluster.yml"].replace("2025.1", "2026.1") }));
  assert.equal(
    ran(join(one, "model"), "diff", "HEAD~1"),
    `${["ctl01", "ctl02"]
      .map(
        (node) =>
          `changed ${node}\n  nova:controller:version: '2025.1' → '2026.1'\n  _param:release: '2025.1' → '2026.1'\n`,
      )
      .join("")}HEAD~1 → working tree: 2 of 2 nodes differ (2 changed)\n`,
  );
});

test("diff --json shows the same, with each value in its own type", () => {
  const { nodes } = JSON.parse(ran(inRepository, "diff", "HEAD~1", "HEAD", "--json"));
  assert.deepEqual(
    nodes.map(({ node, change }: { node: string; change: string }) => [node, change]),
    [
      ["ctl01", "changed"],
      ["ctl02", "removed"],
      ["new", "added"],
    ],
  );
  const { changes } = nodes[0];
  assert.deepEqual(
    changes.find(({ path }: { path: string }) => path === "nova:controller:list"),
    { part: "parameters", path: "nova:controller:list", after: [1, { a: "x" }] },
  );
  assert.deepEqual(
    changes.find(({ part }: { part: string }) => part === "applications"),
    { part: "applications", path: "", before: ["nova"], after: [] },
  );
});

test("diff of HEAD compares with the working tree, and says that nothing differs", () => {
  assert.equal(ran(inRepository, "diff", "HEAD"), "HEAD → working tree: no of 2 nodes differ\n");
  assert.equal(ran(inRepository, "diff", "HEAD", "--names"), "");
  assert.deepEqual(JSON.parse(ran(inRepository, "diff", "HEAD", "--json")), { nodes: [] });
  const edited = makeRepository(work, inModel(files));
  writeModel(edited, {});
  const { status } = model(join(edited, "model"), "diff", "HEAD", "--exit-code");
  assert.equal(status, 0);
});

test("diff ends with 0 whether nodes differ or not, and with --exit-code with 1 if they do", () => {
  assert.equal(model(inRepository, "diff", "HEAD~1").status, 0);
  assert.equal(model(inRepository, "diff", "HEAD~1", "--exit-code").status, 1);
  assert.equal(model(inRepository, "diff", "HEAD", "--exit-code").status, 0);
});

test("a node that was broken and is repaired differs; a node that is broken now is an error", () => {
  const mended = makeRepository(work, inModel(brokenFiles));
  commit(mended, inModel({ ...files, "nodes/alone.yml": "classes: [nova]\n" }));
  const directory = join(mended, "model");
  const { status, stdout, log } = model(directory, "diff", "HEAD~1", "HEAD", "--names");
  assert.deepEqual([status, stdout], [0, "alone\nctl01\nctl02\n"]);
  assert.ok(log.every(({ level }) => level === "warn"));
  assert.match(model(directory, "diff", "HEAD~1", "HEAD").stdout, /^changed ctl01 \(it did not compile before\)$/m);
  const back = model(directory, "diff", "HEAD", "HEAD~1", "--names");
  assert.deepEqual([back.status, back.stdout], [78, ""]);
  assert.match(String(back.log[0]?.["at"]), /^HEAD~1:/);
});

test("diff of an unknown revision names the nearest", () => {
  const { status, log, stdout } = model(inRepository, "diff", "mian");
  assert.deepEqual([status, stdout], [78, ""]);
  assert.match(log[0]?.fix ?? "", /did you mean main\?/);
});

const many = 400;
const large = writeModel(work, {
  "classes/c.yml": `parameters:\n  list:\n${Array.from({ length: 2000 }, (_, item) => `    - item ${item}: "\${_reclass_:name:full}"\n`).join("")}`,
  ...Object.fromEntries(Array.from({ length: many }, (_, node) => [`nodes/n${node}.yml`, "classes: [c]\n"])),
});

test("a slow reader of show --all gets the whole output", { timeout: 60_000 }, async () => {
  const env = { PATH: process.env["PATH"] ?? "/bin", PLINTH_LOG_FORMAT: "json" };
  const child = spawn(binary, ["model", "show", "--all", "--json", "--model", large], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  await pause(500);
  let text = "";
  let errors = "";
  child.stderr.on("data", (chunk) => (errors += chunk));
  for await (const chunk of child.stdout.setEncoding("utf8")) {
    text += chunk;
    if (text.length < 2_000_000) await pause(2);
  }
  assert.equal(errors, "");
  assert.equal(Object.keys(JSON.parse(text).nodes).length, many);
});

test("a reader that closes the pipe early is not an error", () => {
  for (const words of ["show --all --json", "show --all", "nodes"]) {
    const script = `set -o pipefail; ${binary} model ${words} --model ${large} | head -n 1`;
    const { status, stdout, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
    assert.deepEqual([status, stderr], [0, ""], words);
    assert.equal(stdout.split("\n").length, 2);
  }
});

/**
 * Runs a command with a terminal as its standard error, and keeps it from running for a while, so that it takes long on a
 * fast machine, too. Prints what the terminal got.
 */
const onTerminal = `
import os, pty, signal, sys, time
main, side = pty.openpty()
child = os.fork()
if child == 0:
    os.dup2(side, 2)
    os.execv(sys.argv[1], sys.argv[1:])
os.close(side)
time.sleep(0.3)
os.kill(child, signal.SIGSTOP)
time.sleep(1.1)
os.kill(child, signal.SIGCONT)
text = b""
try:
    while chunk := os.read(main, 4096): text += chunk
except OSError: pass
os.waitpid(child, 0)
sys.stderr.buffer.write(text)
`;

test("a terminal shows the progress of a long operation, and no trace of it afterwards", {
  skip: missingPython("pty"),
}, () => {
  const seen = (...words: readonly string[]): string[] => {
    const command = ["-c", onTerminal, binary, "model", ...words, "--model", large];
    const { stderr } = spawnSync("/usr/bin/python3", command, { encoding: "utf8", maxBuffer: 1e9, timeout: 60_000 });
    return stderr.split("\r").filter((part) => part !== "");
  };
  for (const words of [["check"], ["show", "--all", "--json"]]) {
    const bars = seen(...words);
    assert.equal(bars.pop(), "\u001b[2K", words.join(" "));
    assert.ok(bars.length > 0);
    for (const bar of bars) assert.match(bar, /^\[#*\.*\] \d+\/400 nodes$/);
  }
  // Short work, and work without a terminal, show nothing.
  assert.deepEqual(seen("nodes", "--names"), []);
  assert.equal(model(large, "check").stderr, "");
});

test("bash completes the verbs of the model, its nodes and git's names", () => {
  const directory = join(work, "bin");
  mkdirSync(directory, { recursive: true });
  symlinkSync(binary, join(directory, "plinth"));
  const script = `
    PATH=${directory}:$PATH
    source <(plinth completion bash)
    complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _plinth_yargs_completions 2>/dev/null; echo "\${COMPREPLY[@]}"; }
    complete_words plinth model ""
    complete_words plinth model sh
    complete_words plinth model show ct
    complete_words plinth model check ctl01 ctl
    complete_words plinth model diff ma
    complete_words plinth model diff --exit
  `;
  const env = { PATH: process.env["PATH"] ?? "/bin", PLINTH_MODEL: inRepository };
  const { stdout } = spawnSync("bash", ["-c", script], { encoding: "utf8", env });
  const lines = stdout.split("\n");
  assert.equal(lines[0], verbs.join(" "));
  assert.deepEqual(lines.slice(1, 6), ["show", "ctl01", "ctl01", "main", "--exit-code"]);
});
