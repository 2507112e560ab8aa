import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { bakeInto, plinth, sampleEnvironment, workDirectory } from "../support/plinth.ts";

const work = workDirectory();
const image = bakeInto(work, "nova-controller", "2025.1");
const own = `${process.geteuid?.()}:${process.getegid?.()}`;
const begin = (...words: readonly string[]) => [
  "start",
  "conductor",
  ...["--image", image, "--root", join(work, "root"), "--user", own],
  ...words,
];
const start = (env: Readonly<Record<string, string>>) =>
  plinth(begin("--no-wait", "--", "/bin/true"), { env: { ...sampleEnvironment, ...env } });

for (const [env, code, says] of [
  [{ PLINTH_TIMEOUT: "5" }, "variable-unknown", /did you mean PLINTH_WAIT_TIMEOUT/],
  [{ PLINTH_LOG_LEVEL: "warning" }, "variable-choice", /did you mean warn\?/],
  [{ PLINTH_LOG_FORMAT: "jsn", PLINTH_LOG_LEVEL: "" }, "variable-choice", /did you mean json\?/],
  [{ SERVICE_DATABASE_PORT: "tcp://10.96.0.10:3306" }, "service-link", /enableServiceLinks: false/],
  [{ SERVICE_DATABASE_HOST: "10.0.0.1", DEBUG_PORT: "tcp://10.0.0.2:80" }, undefined, / /],
] as const) {
  test(`${JSON.stringify(env)} is ${code ?? "nothing to tell"}, and the start goes on`, () => {
    const { status, log } = start(env);
    assert.equal(status, 0);
    const warnings = log.filter(({ level }) => level === "warn");
    assert.deepEqual(
      warnings.map((line) => line.code),
      code === undefined ? [] : [code],
    );
    if (code) assert.match(warnings[0]?.fix ?? "", says);
  });
}

test("plinth's own variables that are empty are unset", () => {
  const empty = [
    "IMAGE",
    "MODEL",
    "WAIT_TIMEOUT",
    "LOG_LEVEL",
    "ETCD_ENDPOINTS",
    "ETCD_PREFIX",
    "ETCD_CA",
    "ETCD_USER",
  ];
  const env = { ...sampleEnvironment, ...Object.fromEntries(empty.map((name) => [`PLINTH_${name}`, ""])) };
  const { status, stderr } = plinth(begin("--no-wait", "--", "/bin/true"), { env });
  assert.equal(status, 0, stderr);
  // Without --image the usual place counts, not the directory of the test.
  assert.match(plinth(["start", "conductor"], { env }).stderr, /\/etc\/plinth\/image\.json/);
  assert.equal(plinth(["model", "nodes"], { env }).status, 0);
});

test("an invalid duration ends the start with 78, names the variable, and says how to write it", () => {
  const { status, log } = plinth(begin("--", "/bin/true"), {
    env: { ...sampleEnvironment, PLINTH_WAIT_TIMEOUT: "5m" },
  });
  assert.equal(status, 78);
  const { msg, fix } = log.find(({ level }) => level === "error") ?? { msg: "", fix: "" };
  assert.match(msg, /PLINTH_WAIT_TIMEOUT is "5m"/);
  assert.match(fix ?? "", /PLINTH_WAIT_TIMEOUT=300/);
});

test("the message for a missing variable names the one that was probably meant", () => {
  const { SERVICE_DATABASE_PASSWORD: password = "", ...rest } = sampleEnvironment;
  const { status, log } = plinth(begin("--no-wait"), { env: { ...rest, SERVICE_DATABASE_PASWORD: password } });
  assert.equal(status, 78);
  const missing = log.find(({ code }) => code === "parameter-missing");
  assert.match(missing?.msg ?? "", /^SERVICE_DATABASE_PASSWORD is not set \(but SERVICE_DATABASE_PASWORD is\)/);
});

test("a service link in place of a missing parameter is reported as a service link", () => {
  const { SERVICE_DATABASE_HOST: _host, ...rest } = sampleEnvironment;
  const { status, log } = plinth(begin("--no-wait"), {
    env: { ...rest, SERVICE_DATABASE_PORT: "tcp://10.96.0.10:3306" },
  });
  assert.equal(status, 78);
  assert.deepEqual(log.map(({ code }) => code).toSorted(), ["parameter-missing", "service-link"]);
});
