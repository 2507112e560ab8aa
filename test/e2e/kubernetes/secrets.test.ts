/**
 * plinth secrets and the rotation of keys against a real API server, through a real kubectl: the cluster of KUBECONFIG, in two namespaces
 * of the test's own.
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { type Ended, plinth, plinthRunning, workDirectory } from "../../support/plinth.ts";

const kubeconfig = process.env["KUBECONFIG"] ?? "";
const work = workDirectory();
const name = `secrets-${randomBytes(3).toString("hex")}`;
const onHypervisors = `${name}-hypervisors`;
const env = { KUBECONFIG: kubeconfig, HOME: work };

const kubectl = (words: readonly string[], input?: string): string =>
  execFileSync("kubectl", words, { encoding: "utf8", ...(input === undefined ? {} : { input }) });
const secrets = (...words: readonly string[]): Ended =>
  plinth(["secrets", "--set", `_param:deploy_name=${name}`, ...words], { env });
const valueIn = (namespace: string, secret: string): string =>
  kubectl(["get", "secret", secret, "--namespace", namespace, "--output", "jsonpath={.data.value}"]);
const namesIn = (namespace: string): readonly string[] =>
  kubectl(["get", "secrets", "--namespace", namespace, "--output", "name"]).trim().split("\n");
const codes = ({ log }: Ended): readonly string[] => [...new Set(log.flatMap(({ code }) => code ?? []))];

/** What both namespaces have; a Secret that only hypervisors are given would do as well. */
const shared = "message-queue";
const keys = "keystone-fernet-keys";

before(() => {
  assert.notEqual(kubeconfig, "", "KUBECONFIG names no cluster");
});
after(() => {
  spawnSync("kubectl", ["delete", "namespace", name, onHypervisors, "--ignore-not-found", "--wait=false"]);
});

describe("plinth secrets in a cluster", () => {
  test("reports both missing namespaces, and how to create them", () => {
    const ended = secrets();
    assert.equal(ended.status, 78);
    assert.deepEqual(
      ended.log.map(({ code }) => code),
      ["namespace-missing", "namespace-missing"],
    );
  });

  test("creates all that the pods mount, the same in both namespaces, and shows none", () => {
    for (const namespace of [name, onHypervisors]) kubectl(["create", "namespace", namespace]);
    assert.deepEqual(codes(secrets("--check")), ["secret-missing"]);
    const ended = secrets();
    assert.equal(ended.status, 0, ended.stderr);
    assert.equal(secrets("--check").status, 0);
    assert.ok(namesIn(onHypervisors).length > 1);
    for (const secret of namesIn(onHypervisors).map((path) => path.slice("secret/".length))) {
      assert.equal(valueIn(name, secret), valueIn(onHypervisors, secret), secret);
    }
    const text = Buffer.from(valueIn(name, shared), "base64").toString();
    assert.match(text, /^[0-9a-f]{32}$/);
    assert.ok(!(ended.stdout + ended.stderr).includes(text));
  });

  test("changes no existing Secret, copies what one namespace lacks, and takes values from a directory", () => {
    const before = valueIn(name, shared);
    kubectl(["delete", "secret", shared, "--namespace", name]);
    kubectl(["delete", "secret", "admin", "--namespace", name]);
    const directory = join(work, "from");
    mkdirSync(directory);
    writeFileSync(join(directory, "admin"), "from a directory\n");
    writeFileSync(join(directory, "metadata"), "another");
    const ended = secrets("--from", directory);
    assert.equal(ended.status, 0, ended.stderr);
    assert.deepEqual(codes(ended), ["secret-kept"]);
    assert.equal(valueIn(name, shared), before);
    assert.equal(Buffer.from(valueIn(name, "admin"), "base64").toString(), "from a directory");
  });

  test("creates one value for both namespaces when run three times at once", async () => {
    for (const namespace of [name, onHypervisors]) kubectl(["delete", "secrets", "--all", "--namespace", namespace]);
    const words = ["secrets", "--set", `_param:deploy_name=${name}`];
    const all = await Promise.all([1, 2, 3].map(() => plinthRunning(words, { env }).ended));
    assert.deepEqual(
      all.map(({ status }) => status),
      [0, 0, 0],
      all.map(({ stderr }) => stderr).join("\n"),
    );
    assert.equal(secrets("--check").status, 0);
    assert.equal(valueIn(name, shared), valueIn(onHypervisors, shared));
  });

  test("reports all that cannot be used together, and creates nothing", () => {
    kubectl(["delete", "secret", "admin", "database-glance", "metadata", "--namespace", name]);
    kubectl(["create", "secret", "generic", "admin", "--namespace", name, "--from-literal=password=hunter2"]);
    const binary = join(work, "binary");
    writeFileSync(binary, Buffer.from([0xff, 0xfe, 0x00, 0x41]));
    kubectl(["create", "secret", "generic", "database-glance", "--namespace", name, `--from-file=value=${binary}`]);
    kubectl(["patch", "secret", shared, "--namespace", onHypervisors, "--patch", '{"stringData":{"value":"hunter3"}}']);
    const ended = secrets();
    assert.equal(ended.status, 78);
    assert.deepEqual(codes(ended), ["secret-unusable", "secret-differs"]);
    assert.equal(ended.log.length, 3);
    assert.doesNotMatch(ended.stderr, /hunter/);
    assert.ok(!namesIn(name).includes("secret/metadata"));
    kubectl(["delete", "secret", "admin", "database-glance", "--namespace", name]);
    kubectl(["delete", "secret", shared, "--namespace", onHypervisors]);
    assert.equal(secrets().status, 0);
  });

  test("reports what a user may not do, once for each namespace", () => {
    const limited = join(work, "limited");
    kubectl(["create", "serviceaccount", "limited", "--namespace", name]);
    const token = kubectl(["create", "token", "limited", "--namespace", name]).trim();
    writeFileSync(limited, kubectl(["config", "view", "--raw", "--flatten", "--minify"]), { mode: 0o600 });
    kubectl(["--kubeconfig", limited, "config", "set-credentials", "limited", `--token=${token}`]);
    kubectl(["--kubeconfig", limited, "config", "set-context", "--current", "--user=limited"]);
    const ended = secrets("--kubeconfig", limited);
    assert.equal(ended.status, 78);
    assert.deepEqual(
      ended.log.map(({ code }) => code),
      ["cluster-forbids", "cluster-forbids"],
    );
  });

  const without: readonly (readonly [
    title: string,
    words: readonly string[],
    env: Readonly<Record<string, string>>,
    code: string,
    status: number,
  ])[] = [
    ["with a context that does not exist", ["--context", "nowhere"], env, "kubectl-failed", 75],
    ["with a configuration that does not exist", ["--kubeconfig", "/nowhere"], env, "kubectl-failed", 75],
    ["without kubectl", [], { ...env, PATH: "/nowhere" }, "kubectl-missing", 78],
    ["with KUBECTL that leads nowhere", [], { ...env, KUBECTL: "/nowhere/kubectl" }, "kubectl-missing", 78],
  ];
  for (const [title, words, variables, code, status] of without) {
    test(`${title} says so once`, () => {
      const ended = plinth(["secrets", "--set", `_param:deploy_name=${name}`, ...words], { env: variables });
      assert.equal(ended.status, status, ended.stderr);
      assert.deepEqual(
        ended.log.map((line) => line.code),
        [code],
      );
    });
  }

  test("is not confused by a kubectl that warns", () => {
    const wrapper = join(work, "kubectl-that-warns");
    const warning = "W1129 09:00:00.000000       1 loader.go:223] Config not found";
    writeFileSync(wrapper, `#!/bin/sh\necho '${warning}' >&2\necho 'Warning: old API' >&2\nexec kubectl "$@"\n`, {
      mode: 0o755,
    });
    assert.equal(
      plinth(["secrets", "--set", `_param:deploy_name=${name}`], { env: { ...env, KUBECTL: wrapper } }).status,
      0,
    );
  });
});

describe("keys in a Secret", () => {
  const rotate = ["keys", "--rotate", "--keep", "3", "--lifetime", "43200", "--secret", `${name}/${keys}`];
  const data = (): Readonly<Record<string, string>> =>
    JSON.parse(kubectl(["get", "secret", keys, "--namespace", name, "--output", "jsonpath={.data}"]));
  /** As if all keys had been staged so many hours ago. */
  const age = (hours: number): void => {
    const at = Date.now() - hours * 3_600_000;
    const staged = JSON.stringify(Object.fromEntries(Object.keys(data()).map((key) => [key, at])));
    kubectl(["annotate", "secret", keys, "--namespace", name, "--overwrite", `plinth/staged=${staged}`]);
  };
  beforeEach(() => {
    spawnSync("kubectl", ["delete", "secret", keys, "--namespace", name, "--ignore-not-found"]);
    assert.equal(secrets().status, 0);
  });

  test("are not rotated before every pod has them", () => {
    const before = data();
    const ended = plinth(rotate, { env });
    assert.equal(ended.status, 0);
    assert.match(ended.stderr, /not rotated: key 0 was staged/);
    assert.deepEqual(data(), before);
  });

  test("are rotated once by three jobs at the same time, and none is lost", async () => {
    const before = data();
    age(1);
    const all = await Promise.all([1, 2, 3].map(() => plinthRunning(rotate, { env }).ended));
    assert.deepEqual(
      all.map(({ status }) => status),
      [0, 0, 0],
    );
    assert.equal(all.filter(({ stderr }) => /rotated: key 2 is primary/.test(stderr)).length, 1);
    const { "0": staged, "1": first, "2": primary } = data();
    assert.deepEqual([first, primary], [before["1"], before["0"]]);
    assert.notEqual(staged, before["0"]);
  });

  test("stay while a token of the oldest is valid, and go afterwards", () => {
    age(1);
    assert.equal(plinth(rotate, { env }).status, 0);
    age(1);
    assert.match(plinth(rotate, { env }).stderr, /not rotated: key 1 would go/);
    age(13);
    assert.match(plinth(rotate, { env }).stderr, /rotated: key 3 is primary/);
    assert.deepEqual(Object.keys(data()), ["0", "2", "3"]);
  });

  test("of an immutable or a missing Secret are reported with what to do", () => {
    kubectl(["patch", "secret", keys, "--namespace", name, "--patch", '{"immutable":true}']);
    assert.deepEqual(codes(plinth(rotate, { env })), ["keys-secret-immutable"]);
    kubectl(["delete", "secret", keys, "--namespace", name]);
    assert.deepEqual(codes(plinth(rotate, { env })), ["keys-secret-missing"]);
  });
});
