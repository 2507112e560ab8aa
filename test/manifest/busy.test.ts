/** What keeps a node with few processors free for what all others wait for, while everything starts at once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { describedIn, filesOf, objectsIn, type Written } from "../support/manifests.ts";
import { mustBe } from "../support/must-be.ts";

const deployment = mustBe(describedIn("model"));
const containers: readonly Written[] = Object.values(objectsIn(filesOf(deployment)))
  .filter(({ kind }) => /^(Deployment|StatefulSet|Job)$/.test(kind))
  .flatMap(({ spec }) => spec.template.spec.containers);

const workloadOf = ({ name }: Written) =>
  deployment.workloads.find((one) => one.containers.some((own) => own.name === name));
const isExec = (probe: Written): boolean => probe?.exec !== undefined;

test("kubelet itself probes the services that all wait for while they start", () => {
  const asked = containers.filter((one) => one.startupProbe !== undefined && (one.ports ?? []).length > 0);
  assert.ok(asked.length > 10);
  assert.deepEqual(
    asked.filter(({ startupProbe }) => isExec(startupProbe)).map(({ name }) => name),
    [],
  );
  for (const { name, startupProbe } of asked) assert.ok(startupProbe.periodSeconds <= 5, name);
});

test("probes start at most two processes a minute in a container", () => {
  const probes = containers.flatMap(({ name, startupProbe, readinessProbe, livenessProbe }) =>
    [startupProbe, readinessProbe, livenessProbe].filter(isExec).map((probe) => ({ name, probe })),
  );
  assert.ok(probes.length > 20);
  for (const { name, probe } of probes) assert.ok(probe.periodSeconds >= 30, name);
});

test("only one probe asks a server that logs connections without a login while it starts", () => {
  const mysql = containers.find(({ name }) => name === "mysql-server");
  assert.deepEqual(mysql?.startupProbe.tcpSocket, { port: 3306 });
  assert.equal(mysql?.readinessProbe, undefined);
});

test("processor shares are highest for what all wait for, and lowest for what nothing waits for", () => {
  const used = (one: Written): number => workloadOf(one)?.uses.cpu ?? 0;
  /** Of what a container uses, so that services of every size are compared. */
  const share = (one: Written): number => Number(/^(\d+)m$/.exec(one.resources.requests.cpu)?.[1]) / used(one);
  const asked = Map.groupBy(
    // Of what uses less, the least that a container may ask for decides.
    containers.filter((one) => used(one) >= 50),
    (one) => workloadOf(one)?.priority ?? "usual",
  );
  const all = (priority: "first" | "next" | "usual" | "last"): readonly number[] =>
    (asked.get(priority) ?? []).map(share);
  const [first, next, usual, last] = [all("first"), all("next"), all("usual"), all("last")];
  assert.ok(first.length > 2 && next.length > 1 && usual.length > 2 && last.length > 2);
  assert.ok(Math.min(...first) > Math.max(...next), `${first} ${next}`);
  assert.ok(Math.min(...next) >= 2 * Math.max(...usual), `${next} ${usual}`);
  assert.ok(Math.min(...usual) >= 2 * Math.max(...last), `${usual} ${last}`);
});

test("a health check does not end a service on a busy node", () => {
  const probes = containers.flatMap(({ name, livenessProbe }) =>
    livenessProbe ? [{ name, probe: livenessProbe }] : [],
  );
  assert.ok(probes.length > 20);
  for (const { name, probe } of probes) {
    const [, seconds = 0] = /--timeout (\d+)$/.exec(probe.exec.command.join(" ")) ?? [];
    // Of the two limits plinth's own decides: only plinth can tell whether it was the service that was late.
    assert.ok(Number(seconds) >= 60 && probe.timeoutSeconds >= 5 * Number(seconds), name);
  }
});
