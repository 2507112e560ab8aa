import assert from "node:assert/strict";
import { test } from "node:test";
import { bakeWith } from "../../src/image/bake.ts";
import { filesOf } from "../../src/image/services.ts";
import { imageName, imagesOf } from "../../src/openstack/images.ts";
import { supportedNames } from "../../src/openstack/releases.ts";
import { compileTemplates } from "../../src/render/compile.ts";
import { renderFiles, renderTraced } from "../../src/render/render.ts";
import { boolean, list, section, string } from "../../src/schema/field.ts";
import { resolve } from "../../src/settings/resolve.ts";
import { nodeOf } from "../support/pillar.ts";
import { bakeModelNode, diagnosticsOf, load, mustBe, plainSettings, smallImage } from "../support/rendering.ts";

const bakeText = (text: string) =>
  mustBe(
    bakeWith(
      { node: nodeOf(text) },
      { compile: (asked) => compileTemplates({ ...asked, load }), trace: renderTraced },
      "test",
    ),
  );

for (const release of supportedNames) {
  test(`every parameter that the model's images of ${release} require is needed by something`, () => {
    const idle = imagesOf(release).flatMap((image) =>
      bakeModelNode(imageName(image), release).details.contract.flatMap(({ name, neededBy, required }) =>
        neededBy?.length === 0 ? [{ name, required }] : [],
      ),
    );
    // Before mitaka keystone had no jobs that make its catalog, which the model has for all releases.
    if (["kilo", "liberty"].includes(release)) assert.ok(idle.every(({ required }) => !required));
    else assert.deepEqual(idle, []);
  });
}

const fields = {
  name: string("A name."),
  other: string("Another."),
  tls: boolean("A flag."),
  hosts: list("Hosts.", string("A host.")),
  block: section("A block.", { host: string("Host."), port: string("Port.") }),
};
const values = { name: "n", other: "o", tls: false, hosts: ["h"], block: { host: "h", port: "p" } };

for (const [title, main, reads] of [
  ["a value", "a = {{ settings.name }}", ["name"]],
  ["a loop over a list", "{% for host in settings.hosts %}\n{% endfor %}", ["hosts", "hosts.0"]],
  ["a loop that writes", "{% for host in settings.hosts %}\na = {{ host }}\n{% endfor %}", ["hosts", "hosts.0"]],
  ["a loop over a section", "{% for key, value in settings.block %}\n{% endfor %}", ["block.host", "block.port"]],
  ["a condition", "{% if settings.tls %}\na = 1\n{% endif %}", ["tls"]],
  [
    "a condition's other branch",
    "{% if settings.tls %}\na = 1\n{% else %}\na = {{ settings.name }}\n{% endif %}",
    ["tls", "name"],
  ],
  ["a test", "{% if settings.name is none %}\na = 1\n{% endif %}", ["name"]],
  ["a comparison", '{% if settings.name == "x" and settings.other %}\na = 1\n{% endif %}', ["name"]],
  ["a variable", "{% set x = settings.name %}\na = 1", ["name"]],
  ["a variable of a block", "{% set x = settings.block %}\na = {{ x.host }}", ["block.host"]],
  ["a length", "{% if settings.hosts.length > 1 %}\na = 1\n{% endif %}", ["hosts"]],
  ["a value of two", 'a = {{ "x" if settings.tls else "y" }}', ["tls"]],
  [
    "a macro's argument",
    "{% macro m(block) %}\na = {{ block.port }}\n{% endmacro %}\n{{ m(settings.block) }}",
    ["block.port"],
  ],
  [
    "a function's argument",
    "a = {{ hostPort(settings.block.host, settings.block.port) }}",
    ["block.host", "block.port"],
  ],
  ["a function that takes a block", "a = {{ mappings(settings.block) }}", ["block.host", "block.port"]],
] as const) {
  test(`${title} is read`, () => {
    const { image, files } = smallImage(fields, { main });
    const [file] = mustBe(renderTraced(image(), plainSettings(values), files));
    assert.deepEqual(file?.reads, reads);
  });
}

const contractOf = (text: string) => {
  const { contract } = bakeText(text).details;
  return Object.fromEntries(contract.map(({ name, required, neededBy }) => [name, { required, neededBy }]));
};

test("a list that a template loops over must be given", () => {
  const text = "haproxy:\n  server:\n    version: zed\n    listen: {keystone: {port: 5000, servers: $SERVERS}}\n";
  assert.deepEqual(contractOf(text), { SERVERS: { required: true, neededBy: undefined } });
  assert.deepEqual(
    diagnosticsOf(resolve(bakeText(text).image, [])).map(({ code }) => code),
    ["parameter-missing"],
  );
});

test("every service needs what the pillar waits for", () => {
  const text = "etcd:\n  server:\n    version: zed\n    bind: {host: h}\nwait: {for: ['tcp://$HOST:1']}\n";
  assert.deepEqual(contractOf(text), { HOST: { required: true, neededBy: undefined } });
});

const volume = (engine: string, more: string): string => `cinder:
  volume:
    version: zed
    database: {host: h, password: $P}
    identity: {host: h, password: $P}
    backend: {one: {engine: ${engine}, ${more}}}
`;

test("what only another choice of a parameter uses is needed, too", () => {
  const contract = contractOf(volume("$ENGINE", "pool: $POOL, volume_group: $GROUP"));
  assert.deepEqual([contract["POOL"], contract["GROUP"]], Array(2).fill({ required: true, neededBy: undefined }));
});

test("what nothing uses is not required, and the contract says so", () => {
  assert.deepEqual(contractOf(volume("file", "pool: $POOL"))["POOL"], { required: false, neededBy: [] });
});

test("a missing value that a start needs is reported, whichever way it is read", () => {
  for (const main of [
    "{% for one in settings.hosts %}{% endfor %}",
    "{% if settings.hosts %}\na = 1\n{% endif %}",
    "a = {{ settings.hosts }}",
  ]) {
    const { image, files } = smallImage(fields, { main });
    const wanted = { kind: "list", item: { kind: "string" } } as const;
    const placeholders = [{ path: "hosts", parts: [{ name: "HOSTS" }], wanted }];
    const settings = { ...plainSettings({ ...values, hosts: null }), left: ["hosts"] };
    const result = renderFiles({ ...image(), placeholders }, settings, files);
    assert.deepEqual(
      diagnosticsOf(result).map(({ code, what }) => [code, what]),
      [["parameter-missing", "HOSTS is not set, required by hosts"]],
    );
  }
});

test("a section of the pillar's own making cannot take the place of one of the service's", () => {
  const baked = bakeWith(
    { node: nodeOf(volume("file", "pool: x").replace("{one:", "{DataBase:")) },
    { compile: (asked) => compileTemplates({ ...asked, load }), trace: renderTraced },
    "test",
  );
  assert.deepEqual(
    diagnosticsOf(baked)
      .filter(({ severity }) => severity === "error")
      .map(({ code }) => code),
    ["section-repeated"],
  );
});

test("no service of the model renders `null` for a value that is not given", () => {
  const { image } = bakeModelNode("ovn-server", "2025.1");
  const files = filesOf({ ovsdb: image.services["ovsdb"] as (typeof image.services)[string] });
  const resolved = resolve(image, [], undefined, image.services["ovsdb"]?.requiredPaths);
  assert.ok(files.length > 0 && !resolved.ok);
  assert.match(JSON.stringify(resolved.diagnostics), /OVN_CHASSIS_NAME/);
});
