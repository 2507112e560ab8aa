import assert from "node:assert/strict";
import { test } from "node:test";
import { bakeInto, plinth, sampleEnvironment, workDirectory } from "../support/plinth.ts";

const work = workDirectory();
const baked = new Map<string, string>();
const imageOf = (node: string): string => {
  const path = baked.get(node) ?? bakeInto(work, node, "2025.1", { name: `${node}.json` });
  baked.set(node, path);
  return path;
};
/** What the other images want beside nova-controller's. */
const others = {
  SERVICE_ORCHESTRATION_CFN_HOST: "heat-api-cfn",
  SERVICE_ORCHESTRATION_DOMAIN_PASSWORD: "s3cret",
  SERVICE_ORCHESTRATION_ENCRYPTION_KEY: "x".repeat(32),
  ...Object.fromEntries(
    ["KEYSTONE", "GLANCE", "PLACEMENT", "NOVA", "NEUTRON", "CINDER", "HEAT"].map((component) => [
      `SERVICE_DATABASE_${component}_PASSWORD`,
      "s3cret",
    ]),
  ),
};
const check = (node: string, name: string, value: string) =>
  plinth(["check", "--image", imageOf(node), "--start"], { env: { ...sampleEnvironment, ...others, [name]: value } });

/** What goes through the real services: test/e2e/long/secrets.test.ts. */
const signs = [
  "%41",
  "%",
  "%%",
  "%s",
  "$",
  "$$",
  "${x}",
  "@",
  ":",
  "#",
  "?",
  "&",
  ";",
  "'",
  '"',
  "\\",
  "{x}",
  "{password}",
].concat(["[x]", ",", "=", "-x", " a b ", "x".repeat(100)]);

for (const [node, name] of [
  ["nova-controller", "SERVICE_DATABASE_PASSWORD"],
  ["mysql-server", "SERVICE_DATABASE_NOVA_PASSWORD"],
  ["nova-controller", "SERVICE_MESSAGE_QUEUE_PASSWORD"],
  ["rabbitmq-server", "SERVICE_MESSAGE_QUEUE_PASSWORD"],
  ["nova-controller", "SERVICE_IDENTITY_PASSWORD"],
  ["nova-controller", "SERVICE_METADATA_PASSWORD"],
] as const) {
  test(`${node} takes every sign in ${name}`, () => {
    for (const value of signs) assert.equal(check(node, name, value).status, 0, value);
  });
}

for (const [node, name, value, says] of [
  ["nova-controller", "SERVICE_DATABASE_PASSWORD", "p\u00e4ss", /ASCII.*PyMySQL/],
  ["mysql-server", "SERVICE_DATABASE_NOVA_PASSWORD", "p\u00e4ss", /ASCII.*PyMySQL/],
  ["keystone-server", "SERVICE_DATABASE_PASSWORD", "\u65e5\u672c", /ASCII.*PyMySQL/],
  ["nova-controller", "SERVICE_DATABASE_PASSWORD", "a\tb", /ASCII/],
  ["nova-controller", "SERVICE_MESSAGE_QUEUE_PASSWORD", "a/b", /slash.*oslo\.messaging/],
  ["rabbitmq-server", "SERVICE_MESSAGE_QUEUE_PASSWORD", "/", /slash.*oslo\.messaging/],
  ["heat-server", "SERVICE_ORCHESTRATION_ENCRYPTION_KEY", "x".repeat(31), /32 ASCII characters.*key/],
  ["heat-server", "SERVICE_ORCHESTRATION_ENCRYPTION_KEY", "\u00e4".repeat(32), /32 ASCII characters.*key/],
] as const) {
  test(`${node} says at once what the service could not take: ${JSON.stringify(value)} in ${name}`, () => {
    const { status, stderr, log } = check(node, name, value);
    assert.equal(status, 78, stderr);
    const errors = log.filter(({ level }) => level === "error");
    assert.equal(errors.length, 1, stderr);
    assert.ok(errors[0]?.msg.includes(name), stderr);
    assert.match(`${errors[0]?.msg} ${errors[0]?.fix}`, says);
    assert.ok(!stderr.includes(value) || value === "/", stderr);
  });
}
