import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { checkVariables, inSeconds, own, variables } from "../../src/overlay/variables.ts";

for (const [environment, says] of [
  [{ PLINTH_TIMEOUT: "5" }, /did you mean PLINTH_WAIT_TIMEOUT or PLINTH_ETCD_TIMEOUT/],
  [{ PLINTH_LOGLEVEL: "debug" }, /did you mean PLINTH_LOG_LEVEL/],
  [{ PLINTH_LEVEL: "debug" }, /did you mean PLINTH_LOG_LEVEL/],
  [{ PLINTH_ETCD_ENDPOINT: "a:1" }, /did you mean PLINTH_ETCD_ENDPOINTS/],
  [{ PLINTH_ETCD_PORT: "2379" }, /PLINTH_ETCD_/],
  [{ PLINTH_LOG_LEVEL: "warning" }, /did you mean warn\?.*debug, info/],
  [{ PLINTH_LOG_LEVEL: "INFO" }, /did you mean info\?/],
  [{ PLINTH_LOG_FORMAT: "jsn" }, /did you mean json\?/],
  [{ PLINTH_LOG_FORMAT: "yaml" }, /valid values: json, text/],
  [{ PLINTH_COLOUR: "1" }, /the variables are PLINTH_IMAGE, /],
] as const) {
  test(`${JSON.stringify(environment)} is a warning`, () => {
    const [first, ...more] = checkVariables(environment);
    assert.deepEqual(more, []);
    assert.equal(first?.severity, "warning");
    assert.match(first?.fix ?? "", says);
    const [name = ""] = Object.keys(environment);
    assert.ok(first?.what.includes(name));
  });
}

test("a correct, empty or foreign variable gives no warning", () => {
  const environment = {
    PATH: "/bin",
    PLINTH_LOG_LEVEL: "debug",
    PLINTH_LOG_FORMAT: "",
    PLINTH_TIMEOUT: "",
    XPLINTH_LEVEL: "x",
    ...Object.fromEntries(Object.keys(variables).map((name) => [name, ""])),
  };
  assert.deepEqual(checkVariables(environment), []);
});

for (const service of ["PLINTH", "PLINTH_LOG", "PLINTH_ETCD", "PLINTH_WAIT"]) {
  test(`the link of a Service whose variables begin with ${service} is not a variable of plinth`, () => {
    const environment = {
      [`${service}_SERVICE_HOST`]: "10.96.0.10",
      [`${service}_SERVICE_PORT`]: "80",
      [`${service}_SERVICE_PORT_HTTP`]: "80",
      [`${service}_PORT`]: "tcp://10.96.0.10:80",
      [`${service}_PORT_80_TCP`]: "tcp://10.96.0.10:80",
      [`${service}_PORT_80_TCP_PROTO`]: "tcp",
      [`${service}_PORT_80_TCP_PORT`]: "80",
      [`${service}_PORT_80_TCP_ADDR`]: "10.96.0.10",
    };
    assert.deepEqual(checkVariables(environment), []);
  });
}

test("each variable counts as unset if it is empty", () => {
  for (const name of Object.keys(variables) as (keyof typeof variables)[]) {
    assert.equal(own({ [name]: "" }, name), undefined);
    assert.equal(own({ [name]: "x" }, name), "x");
  }
});

test("advice converts minutes and hours to seconds", () => {
  assert.deepEqual(["5m", "30s", "2 h", "1500ms", "5min", "soon", "5x"].map(inSeconds), [
    300,
    30,
    7200,
    1.5,
    300,
    undefined,
    undefined,
  ]);
});

test("docs/running.md has every variable, as plinth reads it", () => {
  const rows = Object.entries(variables).map(
    ([name, { meaning, values, usual }]) => `| \`${name}\` | ${meaning} | ${values} | ${usual} |`,
  );
  const table = readFileSync("docs/running.md", "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| `PLINTH_"));
  assert.deepEqual(table, rows);
});

test("plinth reads no variable of its own that is not in the table", () => {
  const names = new Set<string>(Object.keys(variables));
  // Set by the build, not read from the environment.
  const built = new Set(["PLINTH_VERSION", "PLINTH_COMMIT"]);
  const sources = ["src/cli", "src/host", "src/overlay", "src/wait", "src/handover"];
  for (const text of sources.flatMap(textsBelow)) {
    for (const [name] of text.matchAll(/\bPLINTH_[A-Z][A-Z_]*[A-Z]\b/g))
      assert.ok(names.has(name) || built.has(name), name);
    assert.doesNotMatch(text, /environment\["?\.?PLINTH_/);
  }
});

function textsBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(`${directory}/${file}`, "utf8"));
}
