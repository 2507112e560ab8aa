import assert from "node:assert/strict";
import { test } from "node:test";
import { failure, success } from "../../src/diagnostics/diagnostic.ts";
import { etcdMessage } from "../../src/overlay/etcd-messages.ts";
import { type EtcdSettings, etcdSettings, type ReadFile } from "../../src/overlay/etcd-settings.ts";

const files: Readonly<Record<string, string>> = {
  "/run/secrets/etcd": "s3cret\n",
  "/tls/ca.pem": "-----BEGIN CERTIFICATE-----\nca\n",
  "/tls/client.pem": "-----BEGIN CERTIFICATE-----\nclient\n",
  "/tls/client.key": "-----BEGIN EC PRIVATE KEY-----\nkey\n",
};

const readFile: ReadFile = (path, use) => {
  const text = files[path];
  if (text !== undefined) return success(text);
  return failure([
    { code: "file-unreadable", severity: "error", failure: "configuration", what: `no ${path}`, fix: use },
  ]);
};

const from = (environment: Record<string, string>) => etcdSettings(environment, readFile);

function settingsOf(environment: Record<string, string>): EtcdSettings {
  const result = from({ PLINTH_ETCD_ENDPOINTS: "etcd:2379", ...environment });
  assert.ok(result.ok, JSON.stringify(result));
  assert.ok(result.value);
  return result.value;
}

const codesOf = (environment: Record<string, string>): string[] => {
  const result = from(environment);
  return (result.ok ? result.warnings : result.diagnostics).map(({ code }) => code);
};

test("without endpoints etcd is not used", () => {
  assert.deepEqual(from({}), { ok: true, value: undefined, warnings: [] });
  assert.deepEqual(from({ PLINTH_ETCD_ENDPOINTS: "" }), { ok: true, value: undefined, warnings: [] });
});

test("endpoints alone are enough", () => {
  assert.deepEqual(settingsOf({}), {
    endpoints: [{ url: "http://etcd:2379", secure: false, host: "etcd", port: 2379 }],
    prefix: "/plinth",
    tls: {},
    optional: false,
    timeoutMs: 30_000,
  });
});

for (const [given, urls, hosts] of [
  ["http://a:1,http://b:2", ["http://a:1", "http://b:2"], ["a", "b"]],
  [" http://a:1 , ,http://b:2, ", ["http://a:1", "http://b:2"], ["a", "b"]],
  ["https://etcd.example.org:2379/", ["https://etcd.example.org:2379"], ["etcd.example.org"]],
  ["HTTPS://a:80", ["https://a:80"], ["a"]],
  ["http://a:80", ["http://a:80"], ["a"]],
  ["a", ["http://a:2379"], ["a"]],
  ["a:1,a:1", ["http://a:1"], ["a"]],
  ["[::1]:2379,http://[fd00::2]:1", ["http://[::1]:2379", "http://[fd00::2]:1"], ["::1", "fd00::2"]],
] as const) {
  test(`the endpoints ${JSON.stringify(given)} are ${urls.join(" and ")}`, () => {
    const { endpoints } = settingsOf({ PLINTH_ETCD_ENDPOINTS: given });
    assert.deepEqual(
      endpoints.map(({ url }) => url),
      urls,
    );
    assert.deepEqual(
      endpoints.map(({ host }) => host),
      hosts,
    );
  });
}

test("every setting is read", () => {
  const settings = settingsOf({
    PLINTH_ETCD_ENDPOINTS: "https://etcd:2379",
    PLINTH_ETCD_PREFIX: "/cloud/eu/",
    PLINTH_ETCD_USER: "reader",
    PLINTH_ETCD_PASSWORD_FILE: "/run/secrets/etcd",
    PLINTH_ETCD_CA: "/tls/ca.pem",
    PLINTH_ETCD_CERT: "/tls/client.pem",
    PLINTH_ETCD_KEY: "/tls/client.key",
    PLINTH_ETCD_OPTIONAL: "Yes",
    PLINTH_ETCD_TIMEOUT: "2.5",
  });
  assert.deepEqual(settings, {
    endpoints: [{ url: "https://etcd:2379", secure: true, host: "etcd", port: 2379 }],
    prefix: "/cloud/eu",
    login: { user: "reader", password: "s3cret" },
    tls: { authority: files["/tls/ca.pem"], certificate: files["/tls/client.pem"], key: files["/tls/client.key"] },
    optional: true,
    timeoutMs: 2500,
  });
});

test("an empty variable counts as unset", () => {
  const empty = { PLINTH_ETCD_USER: "", PLINTH_ETCD_PASSWORD: "", PLINTH_ETCD_CA: "", PLINTH_ETCD_OPTIONAL: "" };
  assert.deepEqual(settingsOf(empty), settingsOf({}));
});

test("the message for an IPv6 endpoint without brackets names them", () => {
  for (const endpoint of ["http://::1:2379", "https://fd00::5:2379", "fd00::5"]) {
    const result = from({ PLINTH_ETCD_ENDPOINTS: endpoint });
    assert.ok(!result.ok);
    assert.match(result.diagnostics[0]?.fix ?? "", /IPv6 address stands in brackets/);
  }
});

const https = { PLINTH_ETCD_ENDPOINTS: "https://etcd:2379" };
const http = { PLINTH_ETCD_ENDPOINTS: "http://etcd:2379" };

for (const [title, environment, codes] of [
  ["an endpoint with another scheme", { PLINTH_ETCD_ENDPOINTS: "ftp://a:1" }, ["etcd-endpoint-malformed"]],
  ["an endpoint with a path", { PLINTH_ETCD_ENDPOINTS: "http://a:1/v3" }, ["etcd-endpoint-malformed"]],
  ["an invalid port", { PLINTH_ETCD_ENDPOINTS: "a:0,b:65536" }, ["etcd-endpoint-malformed", "etcd-endpoint-malformed"]],
  ["endpoints that are only commas", { PLINTH_ETCD_ENDPOINTS: " , " }, ["etcd-endpoint-malformed"]],
  ["a user in an endpoint", { PLINTH_ETCD_ENDPOINTS: "http://root:pw@a:1" }, ["etcd-endpoint-login"]],
  ["http and https together", { PLINTH_ETCD_ENDPOINTS: "http://a:1,https://b:1" }, ["etcd-endpoints-mixed"]],
  ["white space in the prefix", { ...http, PLINTH_ETCD_PREFIX: "/a b" }, ["etcd-prefix-malformed"]],
  [
    "a password and its file",
    { ...http, PLINTH_ETCD_USER: "u", PLINTH_ETCD_PASSWORD: "p", PLINTH_ETCD_PASSWORD_FILE: "/run/secrets/etcd" },
    ["etcd-password-twice"],
  ],
  ["a user without password", { ...http, PLINTH_ETCD_USER: "u" }, ["etcd-login-incomplete"]],
  ["a password without user", { ...http, PLINTH_ETCD_PASSWORD: "p" }, ["etcd-login-incomplete"]],
  [
    "a password file that does not exist",
    { ...http, PLINTH_ETCD_USER: "u", PLINTH_ETCD_PASSWORD_FILE: "/nowhere" },
    ["file-unreadable"],
  ],
  ["a certificate without key", { ...https, PLINTH_ETCD_CERT: "/tls/client.pem" }, ["etcd-login-incomplete"]],
  ["a key without certificate", { ...https, PLINTH_ETCD_KEY: "/tls/client.key" }, ["etcd-login-incomplete"]],
  ["an authority for http", { ...http, PLINTH_ETCD_CA: "/tls/ca.pem" }, ["etcd-certificate-unused"]],
  ["an authority that does not exist", { ...https, PLINTH_ETCD_CA: "/nowhere" }, ["file-unreadable"]],
  ["a key as authority", { ...https, PLINTH_ETCD_CA: "/tls/client.key" }, ["etcd-certificate-malformed"]],
  ["an odd yes or no", { ...http, PLINTH_ETCD_OPTIONAL: "maybe" }, ["etcd-optional-malformed"]],
  ["an IPv6 address without brackets", { PLINTH_ETCD_ENDPOINTS: "http://::1:2379" }, ["etcd-endpoint-malformed"]],
  ["an invalid time", { ...http, PLINTH_ETCD_TIMEOUT: "30s" }, ["etcd-timeout-malformed"]],
  ["no time at all", { ...http, PLINTH_ETCD_TIMEOUT: "0" }, ["etcd-timeout-malformed"]],
] as const) {
  test(`${title} is a mistake`, () => {
    const result = from(environment);
    assert.equal(result.ok, false);
    assert.deepEqual(codesOf(environment), codes);
  });
}

test("all mistakes are reported at once", () => {
  const codes = codesOf({
    PLINTH_ETCD_ENDPOINTS: "ftp://a,http://ok:1",
    PLINTH_ETCD_PREFIX: "\t",
    PLINTH_ETCD_USER: "u",
    PLINTH_ETCD_CERT: "/nowhere",
    PLINTH_ETCD_OPTIONAL: "?",
    PLINTH_ETCD_TIMEOUT: "-1",
  });
  assert.deepEqual(codes, [
    "etcd-endpoint-malformed",
    "etcd-prefix-malformed",
    "etcd-login-incomplete",
    "etcd-certificate-unused",
    "file-unreadable",
    "etcd-login-incomplete",
    "etcd-optional-malformed",
    "etcd-timeout-malformed",
  ]);
});

for (const [title, environment, codes] of [
  ["a user without endpoints", { PLINTH_ETCD_USER: "u" }, ["etcd-endpoints-missing"]],
  [
    "what Kubernetes sets for a Service called plinth-etcd",
    {
      PLINTH_ETCD_SERVICE_HOST: "10.0.0.1",
      PLINTH_ETCD_PORT: "tcp://10.0.0.1:2379",
      PLINTH_ETCD_PORT_2379_TCP_PROTO: "tcp",
    },
    [],
  ],
] as const) {
  test(`${title} leaves etcd out${codes.length > 0 ? ", with a warning" : ""}`, () => {
    const result = from(environment);
    assert.ok(result.ok);
    assert.equal(result.value, undefined);
    assert.deepEqual(
      result.warnings.map(({ code }) => code),
      codes,
    );
  });
}

test("no message shows a password", () => {
  const secret = "Tr0ub4dor";
  for (const environment of [
    { PLINTH_ETCD_ENDPOINTS: `http://root:${secret}@a:1` },
    // A password may hold what separates endpoints.
    { PLINTH_ETCD_ENDPOINTS: `http://root:x,${secret}@a:1,http://b:1` },
    { PLINTH_ETCD_ENDPOINTS: "a:1", PLINTH_ETCD_PASSWORD: secret },
    { PLINTH_ETCD_ENDPOINTS: "?", PLINTH_ETCD_PASSWORD: secret, PLINTH_ETCD_PASSWORD_FILE: "/nowhere" },
    { PLINTH_ETCD_PASSWORD: secret },
  ] as Record<string, string>[]) {
    const result = from(environment);
    const diagnostics = result.ok ? result.warnings : result.diagnostics;
    assert.notEqual(diagnostics.length, 0);
    assert.doesNotMatch(JSON.stringify(diagnostics), new RegExp(secret));
  }
});

test("every message ends with the exit status of a wrong configuration", () => {
  for (const entry of Object.values(etcdMessage.entries)) assert.equal(entry.failure, "configuration");
});
