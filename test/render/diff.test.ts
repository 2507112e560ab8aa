import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { diffFiles } from "../../src/render/diff.ts";
import { renderTraced } from "../../src/render/render.ts";
import type { TracedFile } from "../../src/render/rendered.ts";
import { compareLines } from "../../src/text/lines.ts";
import { parameters } from "../support/parameters.ts";
import { random } from "../support/random.ts";
import { allFiles, bakeFixture, mustBe, settingsOf } from "../support/rendering.ts";

const baked = bakeFixture("nova-controller", "2025.1");

function traced(changes: Readonly<Record<string, string>> = {}): TracedFile {
  const settings = settingsOf(baked, { ...parameters, ...changes });
  const file = mustBe(renderTraced(baked.image, settings, allFiles(baked.image))).find(({ path }) =>
    path.endsWith("nova.conf"),
  );
  assert.ok(file);
  return file;
}

test("an unchanged file has no diff", () => {
  const file = traced();
  assert.equal(diffFiles(file.text, file), "");
});

test("a changed value shows with the lines around it", () => {
  const before = traced();
  assert.equal(
    diffFiles(before.text, traced({ SERVICE_NETWORK_HOST: "other" })),
    [
      "--- /etc/nova/nova.conf",
      "+++ /etc/nova/nova.conf",
      ...between(before, "[neutron]"),
      "-endpoint_override = http://neutron-server:9696",
      "+endpoint_override = http://other:9696",
      " region_name = RegionOne",
      " extension_sync_interval = 600",
      " auth_type = password",
      "",
    ].join("\n"),
  );
});

/** The head of a hunk and the three lines up to the one named. */
function between({ text }: TracedFile, last: string): readonly string[] {
  const lines = text.split("\n");
  const at = lines.indexOf(last) + 1;
  return [`@@ -${at - 2},7 +${at - 2},7 @@`, ...lines.slice(at - 3, at).map((line) => ` ${line}`)];
}

test("a missing file is shown as new, without its secrets", () => {
  const diff = diffFiles(undefined, traced());
  assert.match(diff, /^--- \/dev\/null\n\+\+\+ \/etc\/nova\/nova.conf\n@@ -0,0 \+1,\d+ @@\n/);
  assert.doesNotMatch(diff, /s3cret|\$3cret|3cret/);
});

test("a changed secret is shown as changed, without the old and the new value", () => {
  const before = traced({
    SERVICE_DATABASE_PASSWORD: "old-hush",
    SERVICE_METADATA_PASSWORD: "old-hush-meta",
    SERVICE_RABBITMQ_PASSWORD: "old-hush-mq",
  });
  const diff = diffFiles(before.text, traced());
  assert.match(diff, /-metadata_proxy_shared_secret = \*{8}\n\+metadata_proxy_shared_secret = \*{8} \(changed\)/);
  assert.match(diff, /-connection = mysql\+pymysql:\/\/nova:\*{8}@mysql-server:3306\/nova\n/);
  assert.match(diff, /\+connection = .*\*{8}@mysql-server:3306\/nova \(changed\)/);
  assert.match(diff, /\+transport_url = .*\(changed\)/);
  assert.doesNotMatch(diff, /hush|3cret/);
});

test("secrets of a file that another program wrote are not shown either", () => {
  const found = [
    "[DEFAULT]",
    "# rabbit_password = hush1",
    "transport_url = rabbit://u:hush2/with@signs@mq/",
    "admin_token = hush3",
    "",
    "[some_service]",
    "password = hush4",
    "  hush5 continued",
    "url = http://u:hush6@host/",
    "secret_key=hush7",
    "comment: see ldap://cn:hush8@ldap",
    "[neutron]",
    "metadata_proxy_shared_secret: hush9",
    "[database]",
    "connection = mysql://nova:hush10 with blank@db/nova",
  ].join("\n");
  const diff = diffFiles(found, traced());
  assert.doesNotMatch(diff, /hush/);
  assert.match(diff, /-\[some_service\]/);
  assert.doesNotMatch(diffFiles("something known-hush elsewhere", traced(), ["known-hush"]), /hush/);
});

test("patch turns the old file into the new one, if there is no secret", (t) => {
  if (spawnSync("patch", ["--version"]).status !== 0) return t.skip("needs patch");
  const { below, pick } = random(41);
  const directory = mkdtempSync(join(tmpdir(), "diff-"));
  const lines = (count: number): string[] =>
    Array.from({ length: count }, () =>
      pick(["[a]", "[b]", "", "x = 1", "x = 2", `y = ${below(40)}`, `z = ${below(40)}`]),
    );
  try {
    for (let round = 0; round < 60; round++) {
      const before = lines(1 + below(60));
      const after = before.flatMap((line) => (below(8) === 0 ? lines(below(3)) : [line]));
      const [old, fresh] = [`${before.join("\n")}\n`, `${after.join("\n")}\n`];
      const shape = { template: "f", dialect: "oslo", options: [], reads: [], replaced: [] } as const;
      const diff = diffFiles(old, { path: "/f", text: fresh, masked: fresh, ...shape });
      const target = join(directory, "f");
      writeFileSync(target, old);
      if (diff === "") {
        assert.equal(old, fresh);
        continue;
      }
      const run = spawnSync("patch", ["-s", target], { input: diff, encoding: "utf8" });
      assert.equal(run.status, 0, `${run.stdout}${run.stderr}\n${diff}`);
      assert.equal(spawnSync("cat", [target], { encoding: "utf8" }).stdout, fresh);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("ten thousand lines are compared without delay", () => {
  const before = Array.from({ length: 10_000 }, (_, index) => `# line ${index % 4000}`);
  const after = ["[a]", ...before.slice(500, 9000), "[b]"];
  const start = performance.now();
  const steps = compareLines(before, after);
  assert.ok(performance.now() - start < 2000);
  assert.deepEqual(
    steps.flatMap((step) => (step.new === undefined ? [] : [after[step.new]])),
    after,
  );
});
