import assert from "node:assert/strict";
import { test } from "node:test";
import type { Diagnostic, Result } from "../../src/diagnostics/diagnostic.ts";
import { compilePillar, type Pillar } from "../../src/pillar/compile.ts";
import { type PillarChoice, readPillar } from "../../src/pillar/pillar.ts";
import { valueAt } from "../../src/schema/json.ts";

const compile = (text: string, choice: PillarChoice = {}): Result<Pillar> => {
  const read = readPillar(text, "p.yml", choice);
  return read.ok ? compilePillar(read.value) : read;
};

const indented = (text: string, by: number): string =>
  text
    .split("\n")
    .map((line) => (line === "" ? "" : " ".repeat(by) + line))
    .join("\n");

/** The least that nova-controller takes, at lines 4 to 10, and more keys from line 11 on. */
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

const firstLine = 11;

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
  ["an empty document", "", "pillar-empty", /nova-controller/],
  ["a document that is no mapping", "- a", "pillar-empty", /nova-controller/],
  ["a pillar of parameters only", "parameters: {A: 1}", "pillar-empty", /nova-controller/],
  ["a component that is no mapping", "nova: $NOVA", "kind-wrong", /mapping/],
  ["a role that is no mapping", "nova: {controller: }", "kind-wrong", /mapping/],
  [
    "several images when none is named",
    "nova: {controller: {}, compute: {}}",
    "image-ambiguous",
    /--image nova-controller/,
  ],
  [
    "a release that is none, with those that are",
    "nova: {controller: {version: klio}}",
    "release-unknown",
    /did you mean kilo\? supported: kilo, liberty, zed, 2025\.1, 2026\.1/,
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

test("of several images the one that is named counts, and one that is not there is a mistake", () => {
  const both = `${controller()}keystone: {server: {version: zed}}\n`;
  assert.equal(pillar(both, { imageName: "nova-controller" }).image.role, "controller");
  assert.equal(mistakes(both, { imageName: "nova-compute" })[0]?.code, "image-not-in-pillar");
  assert.match(mistakes(both, { imageName: "nova-controler" })[0]?.fix ?? "", /did you mean nova-controller\?/);
});

test("a release from outside takes the place of the version, written or not", () => {
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

for (const [title, more, code, place] of [
  ["an unknown key", "databse: {}", "key-unknown", [firstLine, 5]],
  ["a key that objects have by nature", "constructor: 1", "key-unknown", [firstLine, 5]],
  ["a word for a number", "cpu_allocation_ratio: many", "value-wrong", [firstLine, 27]],
  ["a number below its minimum", "workers: 0", "value-wrong", [firstLine, 14]],
  ["what is no choice", "networking: contrial", "value-wrong", [firstLine, 17]],
  ["a port beyond 65535", "bind:\n  api_port: 70000", "value-wrong", [firstLine + 1, 17]],
  ["an empty text", "vncproxy_url: ''", "value-empty", [firstLine, 19]],
  ["a key without a value", "bind:\n  api_port:", "value-empty", [firstLine + 1, 16]],
  ["an empty list where something is due", "scheduler_default_filters: []", "value-empty", [firstLine, 32]],
  ["an empty item", "scheduler_default_filters: [a, '']", "value-empty", [firstLine, 36]],
  ["a newline", "vncproxy_url: |\n  http://x", "value-control", [firstLine, 19]],
  ["a newline beside a dynamic parameter", 'vncproxy_url: "http://$X\\n"', "value-control", [firstLine, 19]],
  ["a NUL", 'vncproxy_url: "a\\0"', "value-control", [firstLine, 19]],
  ["half a character", 'vncproxy_url: "a\\ud800"', "value-control", [firstLine, 19]],
  ["a mapping for a scalar", "workers: {a: 1}", "kind-wrong", [firstLine, 14]],
  ["a list for a scalar", "workers: [1]", "kind-wrong", [firstLine, 14]],
  ["a scalar for a section", "bind: here", "kind-wrong", [firstLine, 11]],
  ["a dynamic parameter for a section", "bind: $BIND", "placeholder-not-here", [firstLine, 11]],
  ["a dynamic parameter for a list of sections", "cache: {members: $M}", "placeholder-not-here", [firstLine, 22]],
  ["a dynamic parameter within the text of a number", "workers: 1$N", "placeholder-in-text", [firstLine, 14]],
  ["two dynamic parameters for one port", "bind: {api_port: $A$B}", "placeholder-in-text", [firstLine, 22]],
  ["a shell's default", "workers: ${N:-1}", "placeholder-malformed", [firstLine, 14]],
  ["a required key of a section that is there", "glance: {port: 1}", "key-missing", [firstLine, 5]],
  ["a required key of a list's item", "cache:\n  members:\n    - port: 1", "key-missing", [firstLine + 2, 11]],
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

for (const [title, block, code] of [
  ["neither of two", "message_queue: {password: $P}", "group-missing"],
  ["both of two", "message_queue: {password: $P, host: a, members: [{host: b}]}", "group-twice"],
] as const) {
  test(`where exactly one is wanted, ${title} is a mistake`, () => {
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
  ["null for what is said to be nothing", "vncproxy_url: ~", "vncproxy_url", null, "kilo"],
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

test("a copied dynamic parameter is one at both paths, secret at both", () => {
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

test("a section that the release does not know asks for no parameter, yet must be right", () => {
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
  ["a secret that stands in the pillar", "metadata: {password: static}", "secret-static", "kilo"],
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
  ["a timeout that is none", "wait: {timeout: 0}", "value-wrong"],
  ["a dynamic timeout", "wait: {timeout: $T}", "placeholder-not-here"],
  ["a wait that is a text", "wait: 30", "kind-wrong"],
] as const) {
  test(`refuses ${title}`, () =>
    assert.deepEqual(
      mistakes(`${controller()}${block}\n`).map((one) => one.code),
      [code],
    ));
}

test("keeps the pillar's own parameters as text, literal dollars undone", () => {
  const { parameters } = pillar(`parameters: {DB_HOST: 010, MQ_HOST: a$$b}\n${controller()}`);
  assert.deepEqual(parameters.values, { DB_HOST: "010", MQ_HOST: "a$b" });
  assert.deepEqual(parameters.at["MQ_HOST"], { line: 1, column: 28, lastLine: 1 });
});

test("a password in a URL to wait for is a secret, the host in it is none", () => {
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
  ["with a shell's default", `metadata: {password: "\${X:-${secret}}"}`],
  ["in a URL that is malformed otherwise", `vncproxy_url: "http://u:${secret}@x\\n"`],
] as const) {
  test(`no message shows a secret ${title}`, () => {
    const compiled = compile(controller(more));
    const found = compiled.ok ? compiled.warnings : compiled.diagnostics;
    assert.ok(found.length > 0);
    assert.ok(!JSON.stringify(found).includes(secret), JSON.stringify(found, null, 1));
  });
}
