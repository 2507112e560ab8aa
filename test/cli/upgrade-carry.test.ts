/** plinth upgrade run and back on the model's own cloud, with a script in the engine's place: test/e2e/upgrade does it on a real one. */
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { plinth, workDirectory } from "../support/plinth.ts";
import { sideOf } from "../support/upgrades.ts";

const [from, to] = ["2025.1", "2026.1"];
const work = workDirectory();
const engine = join(work, "engine");
const at = `${engine}.d`;
const containers = join(at, "containers");

const imagesNow = (): Readonly<Record<string, string>> =>
  Object.fromEntries(readdirSync(containers).map((name) => [name, readFileSync(join(containers, name), "utf8")]));
const lines = (file: string): readonly string[] => readFileSync(join(at, file), "utf8").trimEnd().split("\n");

/** Runs one of the verbs in the cloud's directory. */
const upgrade = (verb: "run" | "back", ...more: readonly string[]) =>
  plinth([
    ...["upgrade", verb, "--from", from, "--to", to, "--model", "model", "--templates", "config-templates"],
    ...["--directory", work, "--engine", engine, ...more],
  ]);
const codes = (ended: ReturnType<typeof plinth>): readonly (string | undefined)[] => ended.log.map(({ code }) => code);

describe("a cloud", () => {
  before(() => {
    copyFileSync("test/support/fake-engine.sh", engine);
    for (const path of [containers, join(at, "record"), join(at, "fails"), join(work, "secrets")])
      mkdirSync(path, { recursive: true });
    const { workloads, imagePrefix, release } = sideOf(from).deployment;
    for (const { kind, containers: own, image } of workloads) {
      if (kind !== "service") continue;
      for (const { name } of own) writeFileSync(join(containers, name), `${imagePrefix}/${image}:${release}`);
    }
  });

  test("is left alone by --dry-run, which lists the phases and their steps", () => {
    const was = imagesNow();
    const { status, stdout, stderr } = upgrade("run", "--dry-run");
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^keystone-expand: .*\n {4}job keystone-db-expand$/m);
    assert.deepEqual(imagesNow(), was);
  });

  test("is not upgraded if an image is missing, or to an unknown phase", () => {
    const image = imagesNow()["keystone-server"] ?? "";
    writeFileSync(join(at, "absent"), image.replace(from, to));
    const ended = upgrade("run");
    assert.deepEqual(codes(ended), ["upgrade-images-missing"]);
    assert.match(ended.log[0]?.msg ?? "", /^an image is not on this machine: .*keystone-server:2026\.1$/);
    rmSync(join(at, "absent"));
    assert.deepEqual(codes(upgrade("run", "--until", "nowhere")), ["upgrade-phase-unknown"]);
    assert.equal(imagesNow()["keystone-server"], image);
    assert.equal(upgrade("back").status, 0);
  });

  test("that no upgrade has begun on cannot be taken back", () => {
    assert.deepEqual(codes(upgrade("back")), ["upgrade-nothing-to-undo"]);
  });

  test("stops at a job that fails, with its last lines, and is taken back", () => {
    const was = imagesNow();
    writeFileSync(join(at, "fails/placement-db-sync"), "");
    const ended = upgrade("run");
    assert.equal(ended.status, 75, ended.stderr);
    assert.deepEqual(codes(ended), ["upgrade-job-failed"]);
    assert.match(ended.log[0]?.msg ?? "", /placement-db-sync ended with 3\n {2}\| .*no room/);
    const now = imagesNow();
    assert.ok(now["keystone-server"]?.endsWith(to) && now["placement-server"]?.endsWith(from));
    assert.match(readFileSync(join(work, `upgrade/report-${from}-${to}.md`), "utf8"), /^## Where it stopped$/m);
    rmSync(join(at, "fails/placement-db-sync"));

    const back = upgrade("back");
    assert.equal(back.status, 0, back.stderr);
    assert.match(back.stdout, /the cloud is on 2025\.1 again/);
    assert.deepEqual(imagesNow(), was);
  });

  test("is upgraded up to a phase, continues from there, and cannot be taken back after a contraction", () => {
    const first = upgrade("run", "--until", "keystone-roll");
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stdout, /^stopped after keystone-roll, as requested$/m);
    assert.deepEqual(
      Object.values(imagesNow()).filter((image) => image.endsWith(to)).length,
      1,
      "keystone alone is of the new release",
    );
    assert.deepEqual(codes(upgrade("run", "--to", "2025.2")), ["upgrade-other-under-way"]);

    writeFileSync(join(at, "jobs"), "");
    writeFileSync(join(at, "fails/glance-db-contract"), "");
    const second = upgrade("run");
    assert.match(second.stdout, /continues the upgrade that began at/);
    assert.deepEqual(codes(second), ["upgrade-job-failed"]);
    assert.ok(!lines("jobs").includes("keystone-db-expand"), "a job that had run");
    assert.deepEqual(codes(upgrade("back")), ["upgrade-too-late"]);

    rmSync(join(at, "fails/glance-db-contract"));
    const last = upgrade("run");
    assert.equal(last.status, 0, last.stderr);
    assert.match(last.stdout, /^the cloud is on 2026\.1: /m);
    const { kept } = JSON.parse(readFileSync(join(work, `upgrade/report-${from}-${to}.json`), "utf8"));
    const left = new Set(kept.map(({ workload }: { workload: string }) => workload));
    for (const [name, image] of Object.entries(imagesNow())) assert.ok(left.has(name) || image.endsWith(to), name);
  });

  test("that is upgraded is not upgraded again", () => {
    assert.deepEqual(codes(upgrade("run")), ["upgrade-done-already"]);
  });
});
