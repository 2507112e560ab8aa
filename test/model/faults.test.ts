import assert from "node:assert/strict";
import { test } from "node:test";
import { writeModel } from "../support/inventories.ts";
import { plinth, workDirectory } from "../support/plinth.ts";

/**
 * Models that are made at random, each with one fault of every kind at a place that is known. MODEL_FAULTS=500 makes more of
 * them, MODEL_SEED others.
 */
const count = Number(process.env["MODEL_FAULTS"] ?? 12);
const first = Number(process.env["MODEL_SEED"] ?? 1);

const work = workDirectory();

/** Stands before what a message has to point to. */
const mark = "@@";

type Random = (below: number) => number;

/** A linear congruential generator (Numerical Recipes). */
function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Among them such as sound like a secret, and such as only seem to. */
const names = [
  "keystone",
  "nova",
  "auth",
  "keys",
  "server",
  "database",
  "password",
  "members",
  "host",
  "token",
  "pool",
];
const nameOf = (random: Random): string => names[random(names.length)] as string;

/** Files of one fault: lines below the keys of a way, in the classes in which they stand, the earlier first. */
type Fault = {
  readonly name: string;
  /** The lines, without the indentation of the way. `here` is the path of the way. */
  readonly classes: (wanted: string, here: string) => readonly (readonly string[])[];
  /** Below the way. */
  readonly path: string;
  readonly section?: "exports";
};

const faults: readonly Fault[] = [
  { name: "alone", classes: (wanted) => [[`a: @@\${${wanted}}`]], path: "a" },
  { name: "within a text", classes: (wanted) => [[`a: @@http://x\${${wanted}}:80/`]], path: "a" },
  { name: "within a reference", classes: (wanted) => [[`a: @@\${_param:\${${wanted}}}`]], path: "a" },
  { name: "behind one that is there", classes: (wanted) => [[`a: @@\${_param:there}/\${${wanted}}`]], path: "a" },
  { name: "in an item", classes: (wanted) => [["a:", "- x", `- @@\${${wanted}}`]], path: "a:1" },
  { name: "in a mapping of an item", classes: (wanted) => [["a:", "- x: 1", `  y: @@\${${wanted}}`]], path: "a:0:y" },
  { name: "in one line", classes: (wanted) => [[`a: {b: [x, @@'\${${wanted}}'], c: 1}`]], path: "a:b:1" },
  { name: "in double quotes", classes: (wanted) => [[`a: @@"\\u0041 \${${wanted}}"`]], path: "a" },
  { name: "in a folded text", classes: (wanted) => [["a: @@>-", "  some words", `  and \${${wanted}}`]], path: "a" },
  {
    name: "where a reference leads",
    classes: (wanted, here) => [[`a: \${${here}:b}`, `b: @@\${${wanted}}`, `c: x\${${here}:a}`]],
    path: "b",
  },
  {
    name: "in a mapping that a reference copies",
    classes: (wanted, here) => [[`a: \${${here}:b}`, `b: {c: @@'\${${wanted}}'}`]],
    path: "b:c",
  },
  { name: "that replaces", classes: (wanted) => [["a: {b: 1}"], [`~a: {b: @@'\${${wanted}}'}`]], path: "a:b" },
  { name: "in a constant", classes: (wanted) => [[`=a: @@\${${wanted}}`]], path: "a" },
  {
    name: "in what a later class adds",
    classes: (wanted) => [["a: {b: 1}"], [`a: {c: @@'\${${wanted}}'}`]],
    path: "a:c",
  },
  {
    name: "in what a later class adds to",
    classes: (wanted) => [[`a: {c: @@'\${${wanted}}'}`], ["a: {b: 1}"]],
    path: "a:c",
  },
  { name: "that goes over another value", classes: (wanted) => [["a: 1"], [`a: @@\${${wanted}}`]], path: "a" },
  {
    name: "at the end of lists that merge",
    classes: (wanted) => [["a: [1, 2]"], [`a: [@@'\${${wanted}}']`]],
    path: "a:2",
  },
  { name: "behind an anchor", classes: (wanted) => [[`a: &x {c: @@'\${${wanted}}'}`, "b: *x"]], path: "a:c" },
  { name: "as an alias", classes: (wanted) => [[`a: &x @@\${${wanted}}`, "b: *x"]], path: "a" },
  { name: "below a merge key", classes: (wanted) => [[`a: &x {c: @@'\${${wanted}}'}`, "b: {<<: *x}"]], path: "a:c" },
  { name: "below a key that is a number", classes: (wanted) => [[`80: @@\${${wanted}}`]], path: "80" },
  {
    name: "in what a query compares with",
    classes: (wanted) => [[`a: @@$[ exports:x if exports:y == self:${wanted} ]`]],
    path: "a",
  },
  { name: "in an export", classes: (wanted) => [[`a: @@\${${wanted}}`]], path: "a", section: "exports" },
];

type Wanted = { readonly at: string; readonly path: string; readonly parameter: string };

/** Values that are right, to fill the lines above and below. */
const filling = (random: Random, lines: number): readonly string[] =>
  Array.from({ length: lines }, (_, index) => {
    const value = ["1", "yes", "'a b'", "${_param:there}", "[x, '${_param:there}']", "{k: v}"][random(6)];
    return `filled${index}: ${value}`;
  });

const indented = (depth: number, lines: readonly string[]): readonly string[] =>
  lines.map((line) => `${"  ".repeat(depth)}${line}`);

/** @returns the files of a model with all these faults, and where they are. */
function faultyModel(seed: number): { readonly files: Record<string, string>; readonly wanted: readonly Wanted[] } {
  const random = randomOf(seed);
  const files: Record<string, string> = { "classes/param.yml": "parameters: {_param: {there: 1}}\n" };
  const wanted: Wanted[] = [];
  const classes = ["param"];
  for (const [number, { classes: linesOf, path, section = "parameters" }] of faults.entries()) {
    const way = [`${nameOf(random)}${number}`, ...Array.from({ length: 1 + random(4) }, () => nameOf(random))];
    const parameter = `_param:lost${number}`;
    const own: string[] = [];
    for (const [layer, lines] of linesOf(parameter, way.join(":")).entries()) {
      const name = `system.f${number}.l${layer}`;
      // Now and then further below the key than anybody looks.
      const above = filling(random, random(4) === 0 ? 700 : random(5));
      const keys = way.map((key, depth) => `${"  ".repeat(depth + 1)}${key}:`);
      const body = indented(way.length + 1, [...(layer === 0 ? above : []), ...lines]);
      const text = [`${section}:`, ...keys, ...body, "  last: {right: 1}", ""].join("\n");
      const file = `classes/${name.replaceAll(".", "/")}.yml`;
      const before = text.slice(0, Math.max(0, text.indexOf(mark))).split("\n");
      if (text.includes(mark)) {
        const at = `${file}:${before.length}:${(before.at(-1) as string).length + 1}`;
        const whole = [...(section === "exports" ? ["exports"] : []), ...way, path].join(":");
        wanted.push({ at, path: whole, parameter });
      }
      files[file] = text.replace(mark, "");
      own.push(name);
    }
    // Some are included by another, some by the node itself.
    if (random(2) === 0) classes.push(...own);
    else {
      files[`classes/role/r${number}.yml`] = `classes: [${own.join(", ")}]\n`;
      classes.push(`role.r${number}`);
    }
  }
  files["nodes/ctl01.yml"] = `classes:\n${classes.map((name) => `- ${name}\n`).join("")}`;
  files["nodes/other.yml"] = "exports: {x: 1, y: 2}\n";
  return { files, wanted };
}

const sorted = (rows: readonly (readonly unknown[])[]): readonly string[] =>
  rows.map((row) => JSON.stringify(row)).sort();

for (let seed = first; seed < first + count; seed++) {
  test(`faults of every kind are reported with file, line, column, path and node (seed ${seed})`, () => {
    const { files, wanted } = faultyModel(seed);
    const base = writeModel(work, files);
    const { log, stderr } = plinth(["model", "show", "ctl01", "--model", base]);
    const errors = log.filter(({ level }) => level === "error");
    assert.deepEqual(
      sorted(errors.map((each) => [each["at"], each["path"], each["node"]])),
      sorted(wanted.map(({ at, path }) => [`${base}/${at}`, path, "ctl01"])),
      stderr.slice(0, 2000),
    );
    for (const { at, parameter } of wanted) {
      const found = errors.find((each) => each["at"] === `${base}/${at}`);
      assert.ok(found?.msg.includes(parameter), `${parameter} in: ${found?.msg}`);
      assert.match(String(found?.["through"]), /^ctl01 → /);
    }
    const text = plinth(["model", "check", "ctl01", "--model", base], { env: { PLINTH_LOG_FORMAT: "text" } }).stderr;
    for (const { at, path } of wanted)
      assert.ok(text.includes(`at=${base}/${at} path=${path} node=ctl01)`), `${at} ${path}`);
  });
}

// --- a model as people have them --------------------------------------------------------------------------------------

const components = ["keystone", "nova", "glance", "cinder", "neutron", "heat", "rabbitmq", "galera", "haproxy", "salt"];

/** A class of a service, as long as `members` makes it, whose parameters nobody sets. */
function serviceClass(component: string, members: number, lost: Wanted[], file: string): string {
  const lines: string[] = ["classes:", "- system.defaults", "parameters:"];
  const put = (indent: number, key: string, path: string, value: string, parameter?: string): void => {
    const line = `${" ".repeat(indent)}${key}: `;
    lines.push(line + value);
    if (parameter)
      lost.push({ at: `${file}:${lines.length}:${line.length + 1}`, path, parameter: `_param:${parameter}` });
  };
  lines.push("  _param:");
  put(4, `${component}_port`, `_param:${component}_port`, "5000");
  lines.push(`  ${component}:`, "    server:");
  const server = `${component}:server`;
  put(6, "enabled", `${server}:enabled`, "true");
  put(6, "version", `${server}:version`, `\${_param:${component}_version}`, `${component}_version`);
  put(
    6,
    "service_token",
    `${server}:service_token`,
    `\${_param:${component}_service_token}`,
    `${component}_service_token`,
  );
  lines.push("      database:");
  put(8, "engine", `${server}:database:engine`, "mysql");
  put(8, "host", `${server}:database:host`, `\${_param:${component}_db}`, `${component}_db`);
  put(
    8,
    "password",
    `${server}:database:password`,
    `\${_param:mysql_${component}_password}`,
    `mysql_${component}_password`,
  );
  put(
    8,
    "url",
    `${server}:database:url`,
    `mysql://${component}:\${_param:${component}_pw}@x/${component}`,
    `${component}_pw`,
  );
  lines.push("      members:");
  for (let at = 0; at < members; at++) {
    put(
      6,
      "- host",
      `${server}:members:${at}:host`,
      `\${_param:${component}_node${at}}`,
      at % 40 === 0 ? `${component}_node${at}` : undefined,
    );
    if (at % 40 !== 0) lines[lines.length - 1] = `      - host: 10.0.0.${at % 256}`;
    put(8, "id", "", String(at));
    put(8, "port", "", `\${_param:${component}_port}`);
  }
  lines.push("      policy:");
  put(
    8,
    "'rule:admin_required'",
    `${server}:policy:rule:admin_required`,
    `role:\${_param:${component}_role}`,
    `${component}_role`,
  );
  lines.push("    client:");
  put(6, "identity", `${component}:client:identity`, `{host: '\${_param:cluster_vip}'}`);
  lines.push("");
  return lines.join("\n");
}

test("every missing parameter of a model like those that people have is located", () => {
  const lost: Wanted[] = [];
  const files: Record<string, string> = {
    "classes/system/defaults.yml": "parameters: {_param: {cluster_vip: 10.0.0.1}}\n",
  };
  for (const component of components) {
    const file = `classes/system/${component}/server/cluster.yml`;
    files[file] = serviceClass(component, 640, lost, file);
  }
  files["classes/cluster/lab/openstack/control.yml"] =
    `classes:\n${components.map((name) => `- system.${name}.server.cluster\n`).join("")}`;
  files["nodes/ctl01.lab.local.yml"] =
    "classes:\n- cluster.lab.openstack.control\nparameters:\n  linux: {system: {name: ctl01}}\n";
  assert.ok((files["classes/system/keystone/server/cluster.yml"] as string).split("\n").length > 1900);
  const base = writeModel(work, files);
  const { log } = plinth(["model", "show", "ctl01.lab.local", "--model", base]);
  assert.ok(lost.length > 200);
  assert.deepEqual(
    sorted(log.map((each) => [each["at"], each["path"], each["node"]])),
    sorted(lost.map(({ at, path }) => [`${base}/${at}`, path, "ctl01.lab.local"])),
  );
  for (const { at, parameter } of lost) {
    const found = log.find((each) => each["at"] === `${base}/${at}`);
    assert.ok(found?.msg.startsWith(`\${${parameter}} points to nothing`), found?.msg);
  }
});
