import assert from "node:assert/strict";
import { test } from "node:test";
import { type Diagnostic, failure, success } from "../../src/diagnostics/diagnostic.ts";
import { type Baked, bakeWith, type Templates } from "../../src/image/bake.ts";
import { imageName, images } from "../../src/openstack/images.ts";
import { supportedNames } from "../../src/openstack/releases.ts";
import type { PillarNode } from "../../src/pillar/pillar.ts";
import { valueAt } from "../../src/schema/json.ts";
import { resolve } from "../../src/settings/resolve.ts";
import { fixtureNames, fixtureNode, modelNode, nodeFile, nodeOf } from "../support/pillar.ts";
import { noTemplates } from "./support.ts";

type Warned = Baked & { readonly warnings: readonly Diagnostic[] };

function bakedNode(node: PillarNode, templates: Templates = noTemplates): Warned {
  const result = bakeWith({ node }, templates, "1.2.3");
  assert.ok(result.ok, result.ok ? "" : JSON.stringify(result.diagnostics, null, 1));
  return { ...result.value, warnings: result.warnings };
}
const baked = (text: string, templates?: Templates): Warned => bakedNode(nodeOf(text), templates);

function mistakesIn(node: PillarNode, templates: Templates = noTemplates): readonly Diagnostic[] {
  const result = bakeWith({ node }, templates, "1.2.3");
  assert.ok(!result.ok, "it was baked");
  return result.diagnostics.filter(({ severity }) => severity === "error");
}
const mistakes = (text: string, templates?: Templates): readonly Diagnostic[] => mistakesIn(nodeOf(text), templates);

test("the seed's own nova pillar bakes as it stands, with a warning for the message queue that it leaves out", () => {
  const { image, warnings } = bakedNode(fixtureNode("seed-nova-controller"));
  assert.deepEqual(image.image, { name: "nova-controller", component: "nova", role: "controller", release: "kilo" });
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ["section-missed"],
  );
  assert.deepEqual(Object.keys(image.services), [
    "api",
    "cert",
    "conductor",
    "scheduler",
    "consoleauth",
    "novncproxy",
    "db-sync",
  ]);
});

test("the seed's own nova pillar resolves with its four dynamic parameters and nothing else", () => {
  const { image, details } = bakedNode(fixtureNode("seed-nova-controller"));
  const given = {
    SERVICE_DATABASE_HOST: "192.168.50.50",
    SERVICE_DATABASE_PASSWORD: "db",
    SERVICE_IDENTITY_HOST: "192.168.50.60",
    SERVICE_IDENTITY_PASSWORD: "id",
  };
  assert.deepEqual(details.contract.map(({ name }) => name).sort(), Object.keys(given));
  const layer = new Map(
    Object.entries(given).map(([name, text]) => [
      name,
      { text, origin: { from: "environment", place: name } as const },
    ]),
  );
  const settings = resolve(image, [layer], () => details);
  assert.ok(settings.ok);
  assert.equal(valueAt(settings.value.values, "database.host"), "192.168.50.50");
  assert.equal(valueAt(settings.value.values, "cpu_allocation_ratio"), 8);
  assert.deepEqual([...settings.value.secretNames].sort(), ["SERVICE_DATABASE_PASSWORD", "SERVICE_IDENTITY_PASSWORD"]);
});

for (const release of supportedNames) {
  for (const name of fixtureNames) {
    test(`the full pillar of ${name} bakes for ${release}, without a warning`, () => {
      const result = bakeWith({ node: fixtureNode(name), release }, noTemplates, "1.2.3");
      assert.ok(result.ok, result.ok ? "" : JSON.stringify(result.diagnostics, null, 1));
      assert.deepEqual(result.warnings, []);
      assert.equal(result.value.image.image.release, release);
    });
  }

  for (const name of images.map(imageName)) {
    test(`the node of the project's own model for ${name} bakes for ${release}, without a warning or a secret`, () => {
      const result = bakeWith({ node: modelNode(name, release), release }, noTemplates, "1.2.3");
      assert.ok(result.ok, result.ok ? "" : JSON.stringify(result.diagnostics, null, 1));
      assert.deepEqual(result.warnings, []);
      assert.ok(result.value.details.contract.every(({ secret, default: own }) => !secret || own === undefined));
    });
  }
}

const compute = (more = ""): string => `nova:
  compute:
    version: zed
    bind: {vnc_address: $HOST}
    message_queue: {host: $MQ, port: $MQ_PORT, password: $MQ_PASSWORD}
    identity: {host: $HOST, password: $ID_PASSWORD}
${more}`;

test("lists the image's contract: name, kind, whether secret, default, and every place of use", () => {
  const { details } = baked(`${compute()}parameters: {MQ_PORT: 5673}\n`);
  assert.deepEqual(
    details.contract.map(({ name, kind, secret, default: own, required }) => [name, kind, secret, own, required]),
    [
      ["MQ", "string", false, undefined, true],
      ["MQ_PORT", "port", false, "5673", false],
      ["MQ_PASSWORD", "string", true, undefined, true],
      ["HOST", "string", false, undefined, true],
      ["ID_PASSWORD", "string", true, undefined, true],
    ],
  );
  assert.deepEqual(details.contract.find(({ name }) => name === "HOST")?.usedAt, [
    { path: "identity.host", place: `${nodeFile}:7:24` },
    { path: "bind.vnc_address", place: `${nodeFile}:5:27` },
    { path: "bind.private_address", place: "the same as bind.vnc_address" },
  ]);
});

test("a parameter that two fields want differently has the stricter kind in the contract", () => {
  const { details } = baked(compute("    vncproxy_url: http://$MQ_PORT\n"));
  assert.equal(details.contract.find(({ name }) => name === "MQ_PORT")?.kind, "port");
});

test("the contract names the options that a parameter goes into", () => {
  const { details } = baked(compute(), {
    ...noTemplates,
    trace: (_image, _settings, [file]) =>
      success([
        {
          path: file?.path ?? "",
          template: "",
          text: "",
          masked: "",
          reads: [],
          dialect: "oslo",
          replaced: [],
          options: [
            { section: "DEFAULT", option: "my_ip", line: 1, value: "", paths: ["bind.private_address"], secret: false },
            { section: "vnc", option: "listen", line: 2, value: "", paths: ["bind.vnc_address"], secret: false },
          ],
        },
      ]),
  });
  assert.deepEqual(details.contract.find(({ name }) => name === "HOST")?.options, [
    { file: "/etc/nova/nova.conf", section: "vnc", option: "listen" },
    { file: "/etc/nova/nova.conf", section: "DEFAULT", option: "my_ip" },
  ]);
});

test("templates are tried with sample values of the right type, so that what they cannot render fails the bake", () => {
  const broken: Diagnostic = {
    code: "value-undefined",
    severity: "error",
    failure: "configuration",
    what: "",
    fix: "",
  };
  const codes = mistakes(compute(), {
    ...noTemplates,
    trace: (image, settings) => {
      assert.equal(valueAt(settings.values, "message_queue.port"), 1);
      assert.equal(valueAt(settings.values, "bind.vnc_address"), "sample");
      assert.ok(image.placeholders.every(({ path }) => settings.filled.has(path)));
      return failure([broken]);
    },
  }).map(({ code }) => code);
  assert.deepEqual(codes, ["value-undefined"]);
});

test("a template that does not compile fails the bake", () => {
  const broken: Diagnostic = {
    code: "template-broken",
    severity: "error",
    failure: "configuration",
    what: "",
    fix: "",
  };
  const found = mistakes(compute(), { ...noTemplates, compile: () => failure([broken]) });
  assert.deepEqual(
    found.map(({ code }) => code),
    ["template-broken"],
  );
});

for (const [title, value] of [
  ["of the wrong kind", "many"],
  ["out of range", "70000"],
] as const) {
  test(`the pillar's own value for a parameter must fit its use: one ${title} fails the bake`, () => {
    const [first] = mistakes(`${compute()}parameters: {MQ_PORT: ${value}}\n`);
    assert.equal(first?.code, "parameter-wrong");
    assert.match(first?.what ?? "", /message_queue\.port/);
  });
}

test("needs and health questions about what the pillar leaves out are dropped", () => {
  const { image } = baked(compute().replace(/ {4}message_queue.*\n/, ""));
  assert.deepEqual(
    image.services["compute"]?.needs.map(({ probe }) => probe),
    ["keystone", "libvirt"],
  );
  const { alive = [], ready, depends } = image.services["compute"]?.health ?? {};
  assert.deepEqual([alive.map(({ ask }) => ask), ready, depends], [["namespace"], [], []]);
});

test("needs are those of the release, without the range", () => {
  const needs = (release: string) => {
    const result = bakeWith({ node: fixtureNode("nova-controller"), release }, noTemplates, "1");
    assert.ok(result.ok);
    return result.value.image.services["conductor"]?.needs ?? [];
  };
  const databases = (release: string) => needs(release).flatMap((need) => (need.probe === "mysql" ? [need.from] : []));
  assert.deepEqual(databases("kilo"), ["database"]);
  assert.deepEqual(databases("2025.1"), ["database", "api_database"]);
  assert.ok(!JSON.stringify(needs("2025.1")).includes("since"));
});

test("a job's variable without a value is left out", () => {
  const variables = (change?: (text: string) => string) =>
    Object.keys(bakedNode(fixtureNode("keystone-server", change)).image.services["bootstrap"]?.environment ?? {});
  assert.ok(variables().includes("OS_BOOTSTRAP_PASSWORD"));
  assert.ok(!variables((text) => text.replace(/ *admin_password:.*\n/, "")).includes("OS_BOOTSTRAP_PASSWORD"));
});

test("a secret in a command fails the bake", () => {
  const found = mistakesIn(
    fixtureNode("keystone-server", (text) =>
      text.replace(/location: .*fernet.*/, "location: $SERVICE_DATABASE_PASSWORD"),
    ),
  );
  // Of the jobs that make the keys and rotate them.
  assert.deepEqual(
    found.map(({ code, place }) => [code, place?.kind === "named" && place.name]),
    Array(2).fill(["service-shows-secret", "tokens.location"]),
  );
});

test("URLs to wait for are kept with their names, and checked", () => {
  const wait = "wait: {timeout: 5, for: ['tcp://\\${HOST}:$MQ_PORT', 'file:///x/\\${HOST}y$$z']}\n";
  assert.deepEqual(baked(compute() + wait).image.wait, {
    timeout: 5,
    for: ["tcp://$HOST:$MQ_PORT", "file:///x/$HOST%79$$z"],
  });
  const [first] = mistakes(`${compute()}wait: {for: ["tpc://a:1"]}\n`);
  assert.equal(first?.code, "url-scheme-unknown");
  assert.deepEqual(first?.place, { kind: "document", file: nodeFile, line: 8, column: 16 });
});

test("an image contains a secret's value only if the pillar does, and then a warning says so", () => {
  const { image, details, warnings } = baked(compute("    metadata_secret: x\n".replace(/.*\n/, "")));
  assert.ok(!JSON.stringify([image, details]).includes("hunter2"));
  assert.deepEqual(warnings, []);
  const careless = baked(compute().replace("$MQ_PASSWORD", "hunter2"));
  assert.deepEqual(
    careless.warnings.map(({ code }) => code),
    ["secret-static"],
  );
  assert.ok(!JSON.stringify(careless.warnings).includes("hunter2"));
  assert.ok(!JSON.stringify(careless.details).includes("hunter2"));
});

test("baking the same twice gives the same", () => {
  const again = () => bakedNode(fixtureNode("nova-controller"));
  assert.deepEqual(again(), again());
});
