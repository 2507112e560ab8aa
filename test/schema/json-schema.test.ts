import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import Ajv2020 from "ajv/dist/2020.js";
import { valueJson } from "../../src/model/json.ts";
import type { CompiledNode } from "../../src/model/model.ts";
import { imageName, images } from "../../src/openstack/images.ts";
import { compilePillar } from "../../src/pillar/compile.ts";
import { readPillar } from "../../src/pillar/pillar.ts";
import { publishedSchemas } from "../../src/pillar/publish.ts";
import { fixtureNames, fixtureNode, modelNode, nodeOf } from "../support/pillar.ts";

const root = join(import.meta.dirname, "../..");
const published = publishedSchemas();

// `ajv` is CommonJS: the class is the module itself for a bundler, and its default for Node.
const Ajv = (Ajv2020 as unknown as { default: typeof Ajv2020 }).default ?? Ajv2020;
const ajv = new (Ajv as unknown as new (options: object) => { compile(schema: object): (data: unknown) => boolean })({
  allErrors: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
});
const validators = new Map(Object.entries(published).map(([name, schema]) => [name, ajv.compile(schema)]));

/** What a schema is for: the compiled parameters, as `plinth model show` prints them. */
const accepts = (name: string, { parameters }: CompiledNode): boolean =>
  validators.get(name)?.(JSON.parse(valueJson(parameters))) ?? false;
const plinthAccepts = (node: CompiledNode): boolean => {
  const read = readPillar(node);
  return read.ok && compilePillar(read.value).ok;
};

test("the committed schemas are the generated ones (make schema writes them)", () => {
  const directory = join(root, "docs/schema");
  assert.deepEqual(readdirSync(directory).sort(), Object.keys(published).sort());
  for (const [name, schema] of Object.entries(published)) {
    assert.equal(readFileSync(join(directory, name), "utf8"), `${JSON.stringify(schema, null, 2)}\n`, name);
  }
});

const own = images.map(imageName);
const components = new Set(images.map(({ component }) => component));
const nodes: readonly (readonly [title: string, image: string, node: () => CompiledNode])[] = [
  ...[...fixtureNames, "seed-nova-controller"].map(
    (name) => [`the fixture ${name}`, name.replace("seed-", ""), () => fixtureNode(name)] as const,
  ),
  ...own.map((name) => [`${name} of the model`, name, () => modelNode(name, "2025.1")] as const),
];
for (const [title, image, node] of nodes) {
  test(`${title} is accepted by the schema of all pillars and by that of its image only`, () => {
    assert.ok(accepts("pillar.schema.json", node()));
    for (const name of own) assert.equal(accepts(`${name}.schema.json`, node()), name === image, name);
  });
}

const compute = (more: string): string => `_param: {anything: at all}
nova:
  compute:
    version: zed
    bind: {vnc_address: $HOST}
    identity: {host: h, password: $P}
${more}`;

for (const [title, more] of [
  ["an unknown key", "    hypervisor: kvm\n"],
  ["an unknown key deeper down", "    libvirt: {url: x}\n"],
  ["an unknown component", "swift: {}\n"],
  ["a word for a number", "    reserved_host_memory_mb: much\n"],
  ["a number below its minimum", "    vm_swappiness: -1\n"],
  ["what is no choice", "    virtualization: xen\n"],
  ["a port beyond 65535", "    image: {host: h, port: 65536}\n"],
  ["a missing key", "    image: {port: 1}\n"],
  ["neither of two", "    message_queue: {password: $P}\n"],
  ["both of two", "    message_queue: {password: $P, host: h, members: [{host: h}]}\n"],
  ["an empty text", '    vnc_keymap: ""\n'],
  ["a newline", '    vnc_keymap: "a\\nb"\n'],
  ["a shell's default", "    vnc_keymap: \\${KEYMAP:-de}\n"],
  ["a dynamic parameter for a section", "    libvirt: $LIBVIRT\n"],
  ["a dynamic parameter within a number", "    vm_swappiness: 1$N\n"],
  ["a mapping for a scalar", "    vnc_keymap: {a: 1}\n"],
  ["an empty list where something is due", "    cache: {members: []}\n"],
  ["a dynamic timeout", "wait: {timeout: $T}\n"],
  ["a parameter that is a list", "parameters: {HOST: [a]}\n"],
] as const) {
  test(`${title} is refused by the schema as by plinth`, () => {
    const node = nodeOf(compute(more));
    assert.deepEqual([plinthAccepts(node), accepts("pillar.schema.json", node)], [false, false]);
  });
}

for (const [title, more] of [
  ["nothing more", ""],
  ["a dynamic parameter for a port", "    image: {host: h, port: $PORT}\n"],
  ["a dynamic parameter in braces for a boolean", "    debug: \\${DEBUG}\n"],
  ["a dynamic parameter within a text", "    vncproxy_url: http://$HOST:6080\n"],
  ["a dynamic parameter for a choice", "    virtualization: $VIRT\n"],
  ["a dynamic parameter for a list", "    notification: {topics: $TOPICS}\n"],
  ["keystone's own substitution", "    vncproxy_url: http://x/$(tenant_id)s/$5/$$\n"],
  ["a choice that is a number to YAML", "    identity: {host: h, password: $P, version: 3}\n"],
  ["quoted digits", '    reserved_host_memory_mb: "512"\n'],
  ["yes and off", "    debug: yes\n    enabled: off\n"],
  ["a section that is left empty", "    libvirt:\n"],
  ["an explicit null", "    vncproxy_url: ~\n"],
  ["things to wait for", "wait: {for: ['tcp://$HOST:1', 'file:///x'], timeout: 5}\n"],
  ["parameters of every kind", "parameters: {HOST: h}\n"],
] as const) {
  test(`${title} is accepted by the schema as by plinth`, () => {
    const text = more.includes("identity") ? compute("").replace(/ {4}identity.*\n/, more) : compute(more);
    const node = nodeOf(text);
    assert.deepEqual([plinthAccepts(node), accepts("pillar.schema.json", node)], [true, true]);
  });
}

test("every key has a description, and plain defaults are named", () => {
  const visit = (schema: unknown): void => {
    if (schema === null || typeof schema !== "object") return;
    const { properties } = schema as { properties?: Record<string, { description?: string }> };
    for (const [key, child] of Object.entries(properties ?? {})) {
      if (!components.has(key)) assert.ok(child.description, key);
    }
    for (const child of Object.values(schema)) visit(child);
  };
  visit(published["pillar.schema.json"]);
  assert.match(JSON.stringify(published), /"description":"Port of the database server\.","default":3306/);
});
