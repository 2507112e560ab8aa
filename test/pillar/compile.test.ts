import assert from "node:assert/strict";
import { test } from "node:test";
import type { Diagnostic, Result } from "../../src/diagnostics/diagnostic.ts";
import { compilePillar, type Pillar } from "../../src/pillar/compile.ts";
import { type PillarChoice, type PillarNode, readPillar } from "../../src/pillar/pillar.ts";
import { pointOf } from "../../src/pillar/place.ts";
import { reportLimit } from "../../src/pillar/report.ts";
import { valueAt } from "../../src/schema/json.ts";
import { nodeFile, nodeOf } from "../support/pillar.ts";

const compileNode = (node: PillarNode, choice: PillarChoice = {}): Result<Pillar> => {
  const read = readPillar(node, choice);
  return read.ok ? compilePillar(read.value) : read;
};
/** @param text the parameters of a node: one line further down in its file, two columns to the right. */
const compile = (text: string, choice: PillarChoice = {}): Result<Pillar> => compileNode(nodeOf(text), choice);

const indented = (text: string, by: number): string =>
  text
    .split("\n")
    .map((line) => (line === "" ? "" : " ".repeat(by) + line))
    .join("\n");

/** The least that nova-controller takes, and more keys from line 12 of the node's file on, column 7. */
const controller = (more = "", release = "kilo"): string => `nova:
  controller:
    version: ${release}
    database:
      host: $DB_HOST
      password: $DB_PASSWORD
    message_queue: {host: $MQ_HOST, password: $MQ_PASSWORD}
    identity:
      host: $ID_HOST
      password: $ID_PASSWORD
${indented(more, 4)}`;

const firstLine = 12;

function pillar(text: string, choice?: PillarChoice): Pillar {
  const compiled = compile(text, choice);
  assert.ok(compiled.ok, compiled.ok ? "" : JSON.stringify(compiled.diagnostics, null, 1));
  return compiled.value;
}

function mistakes(text: string, choice?: PillarChoice): readonly Diagnostic[] {
  const compiled = compile(text, choice);
  assert.ok(!compiled.ok, "it was accepted");
  return compiled.diagnostics.filter(({ severity }) => severity === "error");
}

const at = ({ place }: Diagnostic) => (place?.kind === "document" ? [place.line, place.column] : undefined);

for (const [title, text, code, fix] of [
  ["an unknown component, with the nearest", "nvoa: {controller: {}}", "key-unknown", /did you mean nova\?/],
  ["an unknown role, with the nearest", "nova: {controler: {}}", "key-unknown", /did you mean controller\?/],
  ["a node without parameters", "", "pillar-empty", /nova-controller/],
  ["a node with nothing but the model's own", "_param: {release: kilo}", "pillar-empty", /nova-controller/],
  ["a pillar of parameters only", "parameters: {A: 1}", "pillar-empty", /nova-controller/],
  ["a component that is not a mapping", "nova: $NOVA", "kind-wrong", /mapping/],
  ["a role that is not a mapping", "nova: {controller: }", "kind-wrong", /mapping/],
  [
    "several images when none is named",
    "nova: {controller: {}, compute: {}}",
    "image-ambiguous",
    /--image-name nova-controller/,
  ],
  [
    "an unknown release, with the known ones",
    "nova: {controller: {version: klio}}",
    "release-unknown",
    /did you mean kilo\? supported: kilo, liberty, zed, 2025\.1, 2025\.2, 2026\.1, 2026\.2/,
  ],
  [
    "a release that is not described",
    "nova: {controller: {version: mitaka}}",
    "release-unknown",
    /not described.*supported: kilo/,
  ],
  ["no release at all", "nova: {controller: {}}", "release-missing", /kilo, liberty/],
  ["a dynamic release", "nova: {controller: {version: $V}}", "placeholder-not-here", /--release/],
] as const) {
  test(`refuses ${title}`, () => {
    const [first] = mistakes(text);
    assert.equal(first?.code, code);
    assert.match(first?.fix ?? "", fix);
  });
}

test("of several images the named one is used, and a missing one is an error", () => {
  const both = `${controller()}keystone: {server: {version: zed}}\n`;
  assert.equal(pillar(both, { imageName: "nova-controller" }).image.role, "controller");
  assert.equal(mistakes(both, { imageName: "nova-compute" })[0]?.code, "image-not-in-pillar");
  assert.match(mistakes(both, { imageName: "nova-controler" })[0]?.fix ?? "", /did you mean nova-controller\?/);
});

for (const name of ["nova-controller", "lab.nova-controller"]) {
  test(`of several images the one with the name of the node ${name} is used if none is named`, () => {
    const both = `${controller()}keystone: {server: {version: zed}}\n`;
    const compiled = compileNode(nodeOf(both, name));
    assert.ok(compiled.ok);
    assert.equal(compiled.value.image.role, "controller");
  });
}

test("a release from the command line replaces the version, written or not", () => {
  const without = controller().replace("    version: kilo\n", "");
  for (const text of [controller(), without, controller("", "$V")]) {
    const { release, values } = pillar(text, { release: "2025.1" });
    assert.deepEqual([release, values["version"]], ["2025.1", "2025.1"]);
  }
  assert.equal(mistakes(controller(), { release: "mitaka" })[0]?.code, "release-unknown");
});

test("a release without quotes is the text that was written, not a number", () => {
  assert.equal(pillar(controller("", "2025.1")).values["version"], "2025.1");
});

test("keys for the model itself are left out of the pillar, and are no error", () => {
  const own = "_param: {password: hunter2}\n_nova: {controller: {}}\n";
  const { values } = pillar(own + controller());
  assert.ok(!JSON.stringify(values).includes("hunter2"));
  assert.deepEqual(
    Object.keys(values).filter((key) => key.startsWith("_")),
    [],
  );
});

for (const [title, written, text] of [
  ["a float as it is written", "2025.10", "2025.10"],
  ["an integer in decimal", "0x10", "16"],
  ["YAML's on as true", "on", "true"],
  ["a date as it is written", "2016-03-01", "2016-03-01"],
  ["quoted digits as they are", '"010"', "010"],
  ["what a reference names, in its own form", "${_param:number}", "1.50"],
  ["what a reference puts into a text", "x${_param:word}", "xy"],
] as const) {
  test(`accepts ${title} as a text`, () => {
    const own = "_param: {number: 1.50, word: y}\n";
    assert.equal(pillar(own + controller(`vnc_keymap: ${written}`)).values["vnc_keymap"], text);
  });
}

for (const [title, more, code, place] of [
  ["an unknown key", "databse: {}", "key-unknown", [firstLine, 7]],
  ["a key that objects have by nature", "constructor: 1", "key-unknown", [firstLine, 7]],
  ["a word for a number", "cpu_allocation_ratio: many", "value-wrong", [firstLine, 29]],
  ["a number below its minimum", "workers: 0", "value-wrong", [firstLine, 16]],
  ["what is no choice", "networking: contrial", "value-wrong", [firstLine, 19]],
  ["a port beyond 65535", "bind:\n  api_port: 70000", "value-wrong", [firstLine + 1, 19]],
  ["an empty text", "vncproxy_url: ''", "value-empty", [firstLine, 21]],
  ["a key without a value", "bind:\n  api_port:", "value-empty", [firstLine + 1, 17]],
  ["an empty list where something is due", "scheduler_default_filters: []", "value-empty", [firstLine, 34]],
  ["an empty item", "scheduler_default_filters: [a, '']", "value-empty", [firstLine, 38]],
  ["a newline", "vncproxy_url: |\n  http://x\n", "value-control", [firstLine, 21]],
  ["a newline beside a dynamic parameter", 'vncproxy_url: "http://$X\\n"', "value-control", [firstLine, 21]],
  ["a NUL", 'vncproxy_url: "a\\0"', "value-control", [firstLine, 21]],
  ["a mapping for a scalar", "workers: {a: 1}", "kind-wrong", [firstLine, 16]],
  ["a list for a scalar", "workers: [1]", "kind-wrong", [firstLine, 16]],
  ["a scalar for a section", "bind: here", "kind-wrong", [firstLine, 13]],
  ["a dynamic parameter for a section", "bind: $BIND", "placeholder-not-here", [firstLine, 13]],
  ["a dynamic parameter for a list of sections", "cache: {members: $M}", "placeholder-not-here", [firstLine, 24]],
  ["a dynamic parameter within the text of a number", "workers: 1$N", "placeholder-in-text", [firstLine, 16]],
  ["two dynamic parameters for one port", "bind: {api_port: $A$B}", "placeholder-in-text", [firstLine, 24]],
  ["a shell's default", "workers: \\${N:-1}", "placeholder-malformed", [firstLine, 16]],
  ["a required key of a section that exists", "glance: {port: 1}", "key-missing", [firstLine, 7]],
  ["a required key of a list's item", "cache:\n  members:\n    - port: 1", "key-missing", [firstLine + 2, 13]],
  ["a name and the name of its file side by side", "vncproxy_url: http://$DB_HOST_FILE", "placeholder-twin", undefined],
] as const) {
  test(`refuses ${title} and says where`, () => {
    const found = mistakes(controller(more));
    assert.deepEqual(
      found.map((one) => [one.code, at(one)]),
      [[code, place]],
    );
  });
}

test("all mistakes are reported at once, in the order of the document", () => {
  const found = mistakes(
    "nova:\n  controller:\n    version: kilo\n    wrokers: 1\n    workers: x\n    identity: {host: a}\n",
  );
  assert.deepEqual(
    found.map(({ code, what }) => [code, what]),
    [
      ["section-missing", "the section database is missing"],
      ["key-unknown", "unknown key wrokers in nova.controller"],
      ["value-wrong", 'workers: "x" does not fit'],
      ["group-missing", "identity needs one of password, application_credential"],
    ],
  );
});

test("of thousands of unknown keys the first are reported, with the number of others", () => {
  const many = Array.from({ length: 20_000 }, (_, index) => `filler_${index}: x`).join("\n");
  const begun = performance.now();
  const found = mistakes(controller(many));
  assert.equal(found.length, reportLimit + 1);
  assert.match(found.at(-1)?.what ?? "", new RegExp(`^${20_000 - reportLimit} more`));
  assert.ok(performance.now() - begun < 3000);
});

for (const [title, block, code] of [
  ["neither of two", "message_queue: {password: $P}", "group-missing"],
  ["both of two", "message_queue: {password: $P, host: a, members: [{host: b}]}", "group-twice"],
] as const) {
  test(`${title} is an error where exactly one is required`, () => {
    const text = controller().replace(/ {4}message_queue:.*\n/, `    ${block}\n`);
    assert.deepEqual(
      mistakes(text).map((one) => one.code),
      [code],
    );
  });
}

for (const [title, more, path, value, release] of [
  ["a plain default", "", "bind.api_port", 8774, "kilo"],
  ["a default of an early release", "", "identity.port", 35357, "kilo"],
  ["a default of a late release", "", "identity.port", 5000, "2025.1"],
  ["null for what is optional", "", "vncproxy_url", null, "kilo"],
  ["null for an optional section", "", "glance", null, "kilo"],
  ["null for an explicit null", "vncproxy_url: ~", "vncproxy_url", null, "kilo"],
  ["null for a section that the release does not know", "placement: {password: $P}", "placement", null, "kilo"],
  ["a copy of another value", "debug: yes", "logging.debug", true, "kilo"],
  ["a copy before substitution", "", "api_database.host", "$DB_HOST", "2025.1"],
  ["the defaults of a list's items", "cache: {members: [{host: a}]}", "cache.members.0.port", 11211, "kilo"],
  ["quoted digits as a number", 'workers: "3"', "workers", 3, "kilo"],
  ["a text with commas as a list", "scheduler_default_filters: a,b", "scheduler_default_filters.1", "b", "kilo"],
  [
    "a literal dollar",
    "vncproxy_url: http://$$x/$5/$(tenant_id)s",
    "vncproxy_url",
    "http://$x/$5/$(tenant_id)s",
    "kilo",
  ],
  ["an empty text where that means something", "dhcp_domain: ''", "dhcp_domain", "", "kilo"],
  ["a yes without quotes", "security_group: YES", "security_group", true, "kilo"],
  ["how long to wait", "", "wait.timeout", 300, "kilo"],
] as const) {
  test(`fills in ${title}`, () => assert.equal(valueAt(pillar(controller(more, release)).values, path), value));
}

test("a copied dynamic parameter is dynamic and secret at both paths", () => {
  const { placeholders, secrets, copied } = pillar(controller("", "2025.1"));
  const uses = placeholders
    .filter(({ path }) => path.endsWith("database.password"))
    .map(({ path, parts }) => [path, parts]);
  assert.deepEqual(uses, [
    ["database.password", [{ name: "DB_PASSWORD" }]],
    ["api_database.password", [{ name: "DB_PASSWORD" }]],
  ]);
  assert.ok(secrets.includes("api_database.password"));
  assert.equal(copied["api_database.password"], "database.password");
});

test("a section that the release does not know requires no parameter, but must be valid", () => {
  const { placeholders } = pillar(controller("placement: {password: $PLACEMENT}"));
  assert.ok(!JSON.stringify(placeholders).includes("PLACEMENT"));
  const codes = mistakes(controller("placement: {pasword: $P}")).map(({ code }) => code);
  assert.deepEqual(codes, ["key-missing", "key-unknown"]);
});

test("a value that shares a parameter with a secret is a secret, too", () => {
  const { secrets, placeholders } = pillar(controller("vncproxy_url: http://$DB_PASSWORD/"));
  assert.ok(secrets.includes("vncproxy_url"));
  assert.equal(placeholders.find(({ path }) => path === "vncproxy_url")?.wanted.secret, true);
});

for (const [title, more, code, release] of [
  ["a secret in the pillar", "metadata: {password: static}", "secret-static", "kilo"],
  ["a parameter that nothing asks for", "", "parameter-unused", "kilo"],
] as const) {
  test(`warns of ${title}`, () => {
    const compiled = compile(
      controller(more, release) + (code === "parameter-unused" ? "parameters: {DB_HOTS: x}\n" : ""),
    );
    assert.ok(compiled.ok);
    assert.deepEqual(
      compiled.warnings.map((one) => [one.code, one.severity]),
      [[code, "warning"]],
    );
  });
}

test("warns when the message queue is left out, which is allowed", () => {
  const compiled = compile(controller().replace(/ {4}message_queue:.*\n/, ""));
  assert.ok(compiled.ok);
  assert.deepEqual(
    compiled.warnings.map(({ code }) => code),
    ["section-missed"],
  );
});

for (const [title, block, code] of [
  ["a parameter with a placeholder in it", "parameters: {DB_HOST: $OTHER}", "placeholder-not-here"],
  ["a parameter without a value", "parameters: {DB_HOST: }", "value-empty"],
  ["a parameter that is a list", "parameters: {DB_HOST: [a]}", "parameter-not-scalar"],
  ["a parameter's name with a dollar", "parameters: {$DB_HOST: a}", "parameter-name-wrong"],
  ["parameters that are a list", "parameters: [a]", "kind-wrong"],
  ["an unknown key of wait", "wait: {tiemout: 3}", "key-unknown"],
  ["an invalid timeout", "wait: {timeout: 0}", "value-wrong"],
  ["a dynamic timeout", "wait: {timeout: $T}", "placeholder-not-here"],
  ["a list of URLs that is one parameter", "wait: {for: $URLS}", "placeholder-not-here"],
  ["a wait that is a text", "wait: 30", "kind-wrong"],
] as const) {
  test(`refuses ${title}`, () =>
    assert.deepEqual(
      mistakes(`${controller()}${block}\n`).map((one) => one.code),
      [code],
    ));
}

test("keeps the pillar's own parameters as text, with literal dollars", () => {
  const { parameters } = pillar(`parameters: {DB_HOST: "010", MQ_HOST: a$$b}\n${controller()}`);
  assert.deepEqual(parameters.values, { DB_HOST: "010", MQ_HOST: "a$b" });
  const at = parameters.at["MQ_HOST"];
  assert.deepEqual(at && pointOf(at), { file: nodeFile, line: 2, column: 32 });
});

test("the password in a URL to wait for is a secret, and the host is not", () => {
  const wait = 'wait: {for: ["mysql://nova:$URL_PASSWORD@$URL_HOST/nova", "tcp://$MQ_HOST:1"]}\n';
  const { secrets, secretNames } = pillar(controller() + wait);
  assert.ok(secrets.includes("wait.for.0") && !secrets.includes("wait.for.1"));
  assert.ok(secretNames.includes("URL_PASSWORD") && !secretNames.includes("URL_HOST"));
});

const secret = "hunter2";
for (const [title, more] of [
  ["beside a mistake in the same line", `metadata: {password: ${secret}, x: 1}`],
  ["that is itself the mistake", `metadata: {password: "${secret}\\n"}`],
  ["in a list that should be text", `metadata: {password: [${secret}]}`],
  ["under a misspelt key", `metadata: {passwrod: ${secret}}`],
  ["under a misspelt key of its own line", `metadata:\n  passwrod: ${secret}`],
  ["that ran into its key", `metadata: {password ${secret}}`],
  ["in several lines", `metadata:\n  password: "${secret}\n\n    ${secret}"`],
  ["with a shell's default", `metadata: {password: "\\\\\${X:-${secret}}"}`],
  ["in a URL that is malformed otherwise", `vncproxy_url: "http://u:${secret}@x\\n"`],
] as const) {
  test(`no message shows a secret ${title}`, () => {
    const compiled = compile(controller(more));
    const found = compiled.ok ? compiled.warnings : compiled.diagnostics;
    assert.ok(found.length > 0);
    assert.ok(!JSON.stringify(found).includes(secret), JSON.stringify(found, null, 1));
  });
}
