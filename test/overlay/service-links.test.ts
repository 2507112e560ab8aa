import assert from "node:assert/strict";
import { test } from "node:test";
import { success } from "../../src/diagnostics/diagnostic.ts";
import { environmentLayer } from "../../src/overlay/environment.ts";
import { linksLayer } from "../../src/overlay/service-links.ts";

/** What a kubelet sets for a Service (pkg/kubelet/envvars), of which the first port has a name. */
const kubelet = (prefix: string, host: string, port: number) => {
  const whole = `tcp://${host.includes(":") ? `[${host}]` : host}:${port}`;
  return {
    [`${prefix}_SERVICE_HOST`]: host,
    [`${prefix}_SERVICE_PORT`]: `${port}`,
    [`${prefix}_SERVICE_PORT_MYSQL`]: `${port}`,
    [`${prefix}_PORT`]: whole,
    [`${prefix}_PORT_${port}_TCP`]: whole,
    [`${prefix}_PORT_${port}_TCP_PROTO`]: "tcp",
    [`${prefix}_PORT_${port}_TCP_PORT`]: `${port}`,
    [`${prefix}_PORT_${port}_TCP_ADDR`]: host,
  };
};

const read = (names: readonly string[], environment: Readonly<Record<string, string>>) => {
  const layer = environmentLayer(names, environment, (path) => success(`of ${path}`));
  assert.ok(layer.ok);
  return { given: [...layer.value].map(([name, { text }]) => [name, text]), warnings: layer.warnings };
};

for (const [title, environment] of [
  ["of a Service", kubelet("SERVICE_DATABASE", "10.96.0.10", 3306)],
  ["of a Service with an IPv6 address", kubelet("SERVICE_DATABASE", "fd00::10", 3306)],
  ["alone, as Docker's links made it", { SERVICE_DATABASE_PORT: "tcp://172.17.0.5:3306" }],
  ["over UDP", { SERVICE_DATABASE_PORT: "udp://10.96.0.10:53" }],
] as const) {
  test(`the address ${title} is not used as a parameter, and a warning says how to turn it off`, () => {
    const { given, warnings } = read(["SERVICE_DATABASE_PORT", "SERVICE_DATABASE_HOST"], environment);
    assert.deepEqual(given, []);
    assert.deepEqual(
      warnings.map(({ code, severity }) => [code, severity]),
      [["service-link", "warning"]],
    );
    assert.match(warnings[0]?.what ?? "", /SERVICE_DATABASE_PORT is .*a service link to service-database/);
    assert.match(warnings[0]?.fix ?? "", /enableServiceLinks: false.*rename the Service/);
  });
}

test("the name of a Docker link is not used as a database's name", () => {
  const environment = { DB_PORT: "tcp://172.17.0.5:3306", DB_NAME: "/web/db" };
  assert.deepEqual(read(["DB_NAME"], environment).given, []);
  assert.deepEqual(read(["DB_NAME"], { DB_NAME: "/web/db" }).given, [["DB_NAME", "/web/db"]]);
});

test("NAME_FILE beside a link is used, and is not set twice", () => {
  const environment = { SERVICE_DATABASE_PORT: "tcp://10.96.0.10:3306", SERVICE_DATABASE_PORT_FILE: "/run/port" };
  assert.deepEqual(read(["SERVICE_DATABASE_PORT"], environment).given, [["SERVICE_DATABASE_PORT", "of /run/port"]]);
});

test("a value that only resembles a link is used", () => {
  for (const [name, text] of [
    ["SERVICE_DATABASE_PORT", "3306"],
    ["SERVICE_DATABASE_URL", "tcp://10.96.0.10:3306"],
    ["SERVICE_DATABASE_PORT", "tcp://db:3306"],
    ["OVN_REMOTE", "tcp://10.0.0.1:6640"],
  ] as const) {
    assert.deepEqual(read([name], { [name]: text }), { given: [[name, text]], warnings: [] });
  }
});

test("a Service's host and port fill parameters of that name, and explicit values override them", () => {
  const environment = kubelet("KEYSTONE_SERVER", "fd00::10", 5000);
  const names = ["KEYSTONE_SERVER_SERVICE_HOST", "KEYSTONE_SERVER_SERVICE_PORT"];
  assert.deepEqual(read(names, environment), { given: [], warnings: [] });
  assert.deepEqual(
    [...linksLayer(names, environment)].map(([name, { text }]) => [name, text]),
    [
      ["KEYSTONE_SERVER_SERVICE_HOST", "fd00::10"],
      ["KEYSTONE_SERVER_SERVICE_PORT", "5000"],
    ],
  );
  const chosen = { ...environment, KEYSTONE_SERVER_SERVICE_HOST: "vip.example.org" };
  assert.deepEqual(read(names, chosen).given, [["KEYSTONE_SERVER_SERVICE_HOST", "vip.example.org"]]);
  assert.equal(linksLayer(names, chosen).has("KEYSTONE_SERVER_SERVICE_HOST"), false);
});
