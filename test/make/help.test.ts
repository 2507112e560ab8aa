import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const makefile = readFileSync("Makefile", "utf8");
const { stdout, status } = spawnSync("make", ["help"], { encoding: "utf8" });
/** Steps of other targets, which nobody types. */
const steps = ["FORCE", "stack-can-start", "kubernetes-can-start"];

test("make help lists each target once, with a description, in a group", () => {
  assert.equal(status, 0);
  const phony = [...makefile.matchAll(/^\.PHONY: (.*)$/gm)].flatMap(([, names = ""]) => names.split(/\s+/));
  const wanted = phony.filter((name) => !steps.includes(name));
  assert.ok(wanted.length >= 20);
  const listed = [...stdout.matchAll(/^ {2}make (\S+) +(\S.*)$/gm)].map(([, name]) => name);
  assert.deepEqual(listed.toSorted(), wanted.toSorted());
  for (const line of stdout.split("\n")) assert.ok(line.length <= 130, line);
  for (const group of [
    "Try it",
    "A cloud on this machine",
    "A cloud in a cluster of Kubernetes",
    "Build images",
    "Develop and test",
    "Measure",
  ]) {
    assert.match(stdout, new RegExp(`^${group}\\n {2}make `, "m"));
  }
});

test("make without a target prints the same", () => {
  assert.equal(spawnSync("make", [], { encoding: "utf8" }).stdout, stdout);
});

test("the end of the list has every variable that a caller may set", () => {
  const [, variables = ""] = stdout.split(/^Variables/m);
  const taken = [...makefile.matchAll(/^([A-Z_]+) \?=/gm)].map(([, name = ""]) => name);
  assert.ok(taken.length >= 15);
  for (const name of taken) assert.match(variables, new RegExp(`\\b${name}=`), name);
});
