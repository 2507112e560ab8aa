import assert from "node:assert/strict";
import { test } from "node:test";
import { exitStatus } from "../../src/diagnostics/exit-status.ts";
import { type Fault, failureOf, faultOfAnswer, faultOfError } from "../../src/host/etcd/faults.ts";
import { etcdFailure } from "../../src/host/etcd/messages.ts";
import { absent, unnamed } from "../../src/host/network/unreached.ts";
import type { EtcdSettings } from "../../src/overlay/etcd-settings.ts";

const systemError = (code: string, message: string) => Object.assign(new Error(message), { code });

for (const [error, secure, state, because] of [
  [systemError("ECONNRESET", "read ECONNRESET"), true, "unready", "unreachable"],
  [systemError("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "x"), true, "refused", "client-certificate"],
  [systemError("ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE", "x"), true, "refused", "client-certificate"],
  [systemError("ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "x"), true, "refused", "client-certificate"],
  [systemError("UNABLE_TO_VERIFY_LEAF_SIGNATURE", "x"), true, "refused", "server-certificate"],
  [systemError("DEPTH_ZERO_SELF_SIGNED_CERT", "x"), true, "refused", "server-certificate"],
  [systemError("CERT_HAS_EXPIRED", "x"), true, "refused", "server-certificate"],
  [systemError("ERR_TLS_CERT_ALTNAME_INVALID", "x"), true, "refused", "server-certificate"],
] as const) {
  test(`the error ${error.code} means ${state}: ${because}`, () => {
    const fault = faultOfError(error, secure);
    assert.deepEqual([fault.state, fault.because], [state, because]);
  });
}

test("the reason of a failed connection names the name or the address, as for every dependency", () => {
  for (const error of [unnamed("the name etcd is not known"), absent("connect ECONNREFUSED 10.0.0.1:2379")]) {
    const { state, reason } = error.outcome;
    assert.deepEqual(faultOfError(error), { state, because: "unreachable", reason });
  }
});

/** Bodies as etcd sends them: 3.4 and 3.5 with `error`, 3.6 without. */
for (const [status, body, secure, state, because] of [
  [
    400,
    '{"error":"etcdserver: authentication failed, invalid user ID or password","code":3}',
    false,
    "refused",
    "login-wrong",
  ],
  [400, '{"message":"etcdserver: user name is empty","code":3,"details":[]}', false, "refused", "login-missing"],
  [
    403,
    '{"error":"etcdserver: permission denied","message":"etcdserver: permission denied","code":7}',
    false,
    "refused",
    "permission-missing",
  ],
  [401, '{"message":"etcdserver: invalid auth token","code":16}', false, "unready", "login-wrong"],
  [
    400,
    "CommonName of client sending a request against gateway will be ignored and not used as expected\n",
    true,
    "refused",
    "gateway",
  ],
  [404, "Not Found\n", false, "unready", "gateway"],
  [501, '{"message":"Not Implemented","code":12}', false, "refused", "gateway"],
  [503, '{"error":"connection closed","code":14}', true, "unready", "gateway"],
  [503, '{"error":"connection closed","code":14}', false, "unready", "unreachable"],
  [503, '{"error":"etcdserver: leader changed","code":14}', true, "unready", "unreachable"],
  [502, "<html>\n<body>Bad Gateway", false, "unready", "unreachable"],
  [500, "", false, "unready", "unreachable"],
] as const) {
  test(`status ${status} with ${JSON.stringify(body.slice(0, 40))} means ${state}: ${because}`, () => {
    const fault = faultOfAnswer({ status, body }, secure);
    assert.deepEqual([fault.state, fault.because], [state, because]);
    assert.doesNotMatch(fault.reason, /\n/);
  });
}

const settings: EtcdSettings = { endpoints: [], prefix: "/plinth", tls: {}, optional: false, timeoutMs: 1000 };
const fault = (because: Fault["because"], reason: string): Fault => ({ state: "refused", because, reason });

test("of several endpoints the one that refuses decides the message, and each has its own reason", () => {
  const faults = new Map([
    ["http://a:1", fault("unreachable", "connect ECONNREFUSED")],
    ["http://b:1", fault("login-wrong", "authentication failed")],
  ]);
  const { code, what } = failureOf(faults, { ...settings, login: { user: "reader", password: "s3cret" } }, 1000);
  assert.equal(code, "etcd-unauthorized");
  assert.match(what, /http:\/\/a:1: connect ECONNREFUSED; http:\/\/b:1: authentication failed/);
});

test("a read that fails in time ends with 75; only unusable certificates end with 78", () => {
  for (const [code, { failure }] of Object.entries(etcdFailure.entries)) {
    assert.equal(exitStatus[failure], code === "etcd-certificate-unusable" ? 78 : 75, code);
  }
});
