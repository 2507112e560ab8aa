import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { load as parse } from "js-yaml";
import { makeDeployment, parameterFile } from "../support/deployment.ts";
import { binary, workDirectory } from "../support/plinth.ts";

// What CI runs in a deployment's own repository, with the binary, as .github/workflows and .gitlab-ci.yml call it.
const work = workDirectory();
const { directory, git, edit } = makeDeployment(join(work, "model"));
const first = git("rev-parse", "HEAD");

/** Stand for make and docker: they write down what they are asked for. */
mkdirSync(join(work, "bin"));
const asked = join(work, "asked");
for (const name of ["build", "docker"]) {
  const path = join(work, "bin", name);
  writeFileSync(path, `#!/bin/sh\necho ${name} "$@" >> ${asked}\n[ ${name} = build ] || cat >> ${asked}\n`);
  chmodSync(path, 0o755);
}

type Ran = { readonly status: number | null; readonly stdout: string; readonly stderr: string; readonly asked: string };

function onPush(words: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = directory): Ran {
  writeFileSync(asked, "");
  const PATH = `${join(work, "bin")}:${process.env["PATH"]}`;
  const { status, stdout, stderr } = spawnSync(join(directory, "ci/on-push"), words, {
    encoding: "utf8",
    cwd,
    env: { PATH, PLINTH: join(binary, "../../.."), BUILD: "build", ...env },
  });
  return { status, stdout, stderr, asked: readFileSync(asked, "utf8") };
}

edit(parameterFile, "cpu_allocation_ratio: 8.0", "cpu_allocation_ratio: 4.0");
git("commit", "--quiet", "--all", "--message", "Fewer virtual CPUs");

describe("ci/on-push check", () => {
  test("lists the nodes that changed since the revision before the push, and what changed", () => {
    const { status, stdout, stderr } = onPush(["check", first]);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /nova-controller/);
    assert.match(stdout, /nova:controller:cpu_allocation_ratio/);
  });

  const unknown = [
    { title: "on a new branch, which has zeros", revision: "0".repeat(40), warns: false },
    { title: "without a revision", revision: "", warns: false },
    { title: "with a revision that is not here", revision: "1".repeat(40), warns: true },
  ];
  for (const { title, revision, warns } of unknown) {
    test(`lists all nodes ${title}`, () => {
      const { status, stdout, stderr } = onPush(["check", revision]);
      assert.equal(status, 0, stderr);
      for (const file of readdirSync("model/nodes")) assert.ok(stdout.includes(file.replace(".yml", "")), file);
      assert.equal(/everything counts as changed/.test(stderr), warns, stderr);
    });
  }

  test("fails for a mistake in the model, and says where it is", () => {
    edit("nodes/nova-compute.yml", "nova.compute", "nova.computer");
    const { status, stderr } = onPush(["check", first]);
    git("checkout", "--quiet", ".");
    assert.equal(status, 78);
    assert.match(stderr, /nodes\/nova-compute\.yml:3/);
    assert.match(stderr, /nova\.compute\b/);
  });
});

test("ci/on-push compile keeps every node compiled", () => {
  const { status, stderr } = onPush(["compile", join(work, "compiled")]);
  assert.equal(status, 0, stderr);
  assert.deepEqual(
    readdirSync(join(work, "compiled")).sort(),
    readdirSync("model/nodes").map((file) => file.replace(".yml", ".json")),
  );
  const node = JSON.parse(readFileSync(join(work, "compiled/nova-controller.json"), "utf8"));
  assert.equal(node.parameters.nova.controller.cpu_allocation_ratio, 4);
});

describe("ci/on-push images", () => {
  test("builds the images that changed since then, from any directory", () => {
    const { status, stderr, asked } = onPush(["images", first], { PUSH: "no" }, "/");
    assert.equal(status, 0, stderr);
    assert.equal(asked, `build MODEL=${directory} SINCE=${first} PUSH=\n`);
  });

  test("builds all images if the previous state is unknown", () => {
    assert.equal(onPush(["images", "0".repeat(40)]).asked, `build MODEL=${directory} SINCE= PUSH=\n`);
  });

  test("uploads nothing while the model names no registry", () => {
    const { stderr, asked } = onPush(["images", first], { PUSH: "yes" });
    assert.match(stderr, /names no registry/);
    assert.match(asked, /PUSH=\n$/);
  });

  for (const yes of ["1", "yes"]) {
    test(`logs in to the registry that the model names, with the password on standard input (PUSH=${yes})`, () => {
      edit(parameterFile, "registry: null", "registry: registry.example.com:5000/team");
      const account = { PUSH: yes, REGISTRY_USER: "ci", REGISTRY_PASSWORD: "sample" };
      const { status, stderr, asked } = onPush(["images", first], account);
      git("checkout", "--quiet", ".");
      assert.equal(status, 0, stderr);
      const login = "docker login --username ci --password-stdin registry.example.com:5000\nsample";
      assert.equal(asked, `${login}build MODEL=${directory} SINCE=${first} PUSH=1\n`);
    });
  }

  test("ends with the status of the build", () => {
    assert.equal(onPush(["images", first], { BUILD: "false" }).status, 1);
  });
});

test("ci/on-push prints its usage, and what is missing", () => {
  const usage = onPush([], {}, "/");
  assert.equal(usage.status, 64);
  assert.match(usage.stderr, /ci\/on-push check \[REVISION\]/);
  const missing = onPush(["check"], { PLINTH: "/nowhere" });
  assert.equal(missing.status, 78);
  assert.match(missing.stderr, /make binary/);
});

describe("what the example gives CI to run", () => {
  const read = (file: string): unknown => parse(readFileSync(join("model", file), "utf8"));
  const build = `build MODEL=${directory} SINCE=${first} PUSH=`;
  const plinthHere = {
    PATH: `${join(work, "bin")}:${process.env["PATH"]}`,
    PLINTH: join(binary, "../../.."),
    BUILD: "build",
  };

  test("on GitHub, whose checkout is a directory called model", () => {
    type Step = { readonly run?: string; readonly env?: Readonly<Record<string, string>> };
    const { jobs } = read(".github/workflows/model.yml") as { jobs: { model: { steps: readonly Step[] } } };
    const steps = jobs.model.steps.filter(({ run }) => run?.includes("ci/on-push"));
    assert.equal(steps.length, 3);
    writeFileSync(asked, "");
    for (const { run = "", env = {} } of steps) {
      const given = Object.keys(env).includes("BEFORE") ? { BEFORE: first } : {};
      const all = { ...plinthHere, ...given, RUNNER_TEMP: work };
      const { status, stderr } = spawnSync("sh", ["-e", "-c", run], { encoding: "utf8", cwd: work, env: all });
      assert.equal(status, 0, stderr);
    }
    assert.equal(readFileSync(asked, "utf8"), `${build}\n`);
  });

  const branches = [
    { branch: "main", says: /names no registry/ },
    { branch: "trial", says: /^$/ },
  ];
  for (const { branch, says } of branches) {
    test(`on GitLab, on the branch ${branch}`, () => {
      const { model } = read(".gitlab-ci.yml") as { model: { script: readonly string[] } };
      const env = { CI_COMMIT_BRANCH: branch, CI_DEFAULT_BRANCH: "main", CI_COMMIT_BEFORE_SHA: first };
      writeFileSync(asked, "");
      const { status, stderr } = spawnSync("sh", ["-e", "-c", model.script.join("\n")], {
        encoding: "utf8",
        cwd: directory,
        env: { ...plinthHere, ...env },
      });
      git("clean", "--quiet", "--force", "-d");
      assert.equal(status, 0, stderr);
      assert.match(stderr, says);
      assert.equal(readFileSync(asked, "utf8"), `${build}\n`);
    });
  }
});
