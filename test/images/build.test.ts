import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openDirectory } from "../../src/host/inventory/inventory.ts";
import { imagesOf, type Row, withChildren } from "../../src/image/catalog.ts";
import { startedByPlinth } from "../../src/image/recipe.ts";
import { openModel } from "../../src/model/model.ts";
import { imageName, images } from "../../src/openstack/images.ts";
import { makeDeployment, parameterFile } from "../support/deployment.ts";
import { workDirectory } from "../support/plinth.ts";

type Ran = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

function buildIn(env: NodeJS.ProcessEnv, ...words: string[]): Ran {
  return spawnSync(process.execPath, ["images/build.ts", ...words], {
    encoding: "utf8",
    env: { ...process.env, DEPLOY_NAME: undefined, PLINTH_MODEL: undefined, ...env },
  });
}
const build = (...words: string[]): Ran => buildIn({}, ...words);

const source = openDirectory("model");

/** The images of a release; of the model's own where none is named. */
function rowsOf(release?: string): readonly Row[] {
  const overrides = new Map(release === undefined ? [] : [["_param:release", release]]);
  const model = source.ok ? openModel(source.value, { overrides }) : source;
  const rows = model.ok ? imagesOf(model.value) : model;
  assert.ok(rows.ok, "the project's model compiles");
  return rows.value;
}

const rows = rowsOf();
// By what they are built from: Debian's packages, and PyPI's.
const recipes = [...new Map([...rows, ...rowsOf("2026.1")].map(({ recipe }) => [recipe.node, recipe])).values()];
const installing = recipes.filter(({ lock }) => lock === null);

const directories = readdirSync("images", { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(`images/${entry.name}/Dockerfile`))
  .map((entry) => entry.name);
const dockerfile = (name: string): string => readFileSync(`images/${name}/Dockerfile`, "utf8");

describe("the Dockerfiles", () => {
  test("there is a directory for each node, and a node for each directory and for each image that plinth starts", () => {
    assert.deepEqual([...new Set(recipes.map(({ directory }) => directory))].sort(), directories.sort());
    for (const image of images) assert.ok(recipes.some(({ name }) => name === imageName(image)));
  });

  for (const { name, packages } of installing) {
    test(`${name} takes what it stands on and its packages from the model, and names no mirror`, () => {
      const text = dockerfile(name);
      assert.match(text, /^ARG BASE\nFROM \$\{BASE\}( AS packages)?$/m);
      assert.match(text, packages.length > 0 ? /^ARG PACKAGES(="")?$/m : /^ARG PACKAGES=""$/m);
      assert.match(text, /install-packages \$PACKAGES/);
      assert.doesNotMatch(text, /https?:\/\/[^ ]*debian/);
    });
  }

  for (const { name } of recipes.filter((recipe) => startedByPlinth(recipe.name))) {
    const { uid } = startedByPlinth(name)?.account ?? assert.fail();
    test(`${name} starts through plinth${uid === 0 ? "" : ", and makes its account before its packages"}`, () => {
      const text = dockerfile(name);
      assert.match(text, /^ENTRYPOINT \["\/opt\/plinth\/bin\/plinth", "start"\]$/m);
      // root is there already.
      for (const account of Object.keys(startedByPlinth(name)?.accounts ?? {})) {
        assert.match(text, new RegExp(`create-account "\\$${account.toUpperCase()}_ACCOUNT"`));
      }
      if (uid === 0) return assert.doesNotMatch(text, /^ARG ACCOUNT/m);
      assert.match(text, /^ARG ACCOUNT$/m);
      assert.ok(text.indexOf("create-account") < text.indexOf("install-packages"));
    });
  }
});

describe("images/build.ts --dry-run", () => {
  test("shows each image: its name, what it stands on, packages, services and jobs", () => {
    const { status, stdout, stderr } = build("--image", "nova-controller", "--dry-run");
    assert.equal(status, 0, stderr);
    const images = stdout.trim().split("\n\n");
    assert.equal(images.length, 3);
    assert.match(images[0] ?? "", /^plinth\/debian-base:2025\.1: .*\n {2}base: debian:trixie\n {2}packages: none$/);
    const [name, on, packages, services, jobs, ...more] = images[2]?.split("\n") ?? [];
    assert.equal(name, "plinth/nova-controller:2025.1: nova's control plane");
    assert.equal(on, "  stands on: plinth/openstack-base:2025.1");
    assert.match(packages ?? "", /^ {2}packages: nova-api nova-conductor /);
    assert.match(services ?? "", /^ {2}services: api metadata conductor /);
    assert.match(jobs ?? "", /^ {2}jobs: .*\bdb-sync\b/);
    assert.deepEqual(more, []);
  });

  for (const release of ["kilo", "liberty"]) {
    test(`shows what ${release} is on Ubuntu, with the archive that has its packages`, () => {
      const { status, stdout, stderr } = build("--release", release, "--dry-run");
      assert.equal(status, 0, stderr);
      assert.match(
        stdout,
        new RegExp(`/debian-base:${release}: .*\\n  base: ubuntu:14.04, with cloud-archive:${release}\\n`),
      );
      assert.match(stdout, /services: api cert .*consoleauth/);
      assert.doesNotMatch(stdout, /metadata conductor/);
      assert.doesNotMatch(stderr, /^error/m);
    });
  }

  test("takes release, deploy name and registry in place of the model's", () => {
    const words = ["--release", "zed", "--deploy-name", "tcpcloud", "--registry", "r.example:5000/team", "--dry-run"];
    const { stdout, stderr } = build(...words, "--image", "openstack-base", "--push");
    assert.match(stdout, /^r\.example:5000\/team\/tcpcloud\/debian-base:zed: .*\n {2}base: debian:bookworm$/m, stderr);
    assert.match(buildIn({ DEPLOY_NAME: "elsewhere" }, "--dry-run").stdout, /^elsewhere\/nova-compute:2025\.1: /m);
    assert.match(buildIn({ DEPLOY_NAME: "" }, "--dry-run").stdout, /^plinth\/nova-compute:2025\.1: /m);
  });
});

describe("images/build.ts refuses", () => {
  test("an unknown image and a bad name in one go, with 64", () => {
    const { status, stderr } = build("--release", "kilo", "--image", "keystone-servr", "--deploy-name", "Foo");
    assert.equal(status, 64);
    assert.match(stderr, /\[deploy-name-wrong\]/);
    assert.match(stderr, /did you mean "keystone-server"\?/);
  });

  test("a release for which the model names no base, once, with 64; and shows its plan", () => {
    const { directory, edit } = makeDeployment(join(workDirectory(), "model"));
    edit("classes/system/release/kilo.yml", "base: ubuntu:14.04", "base: null");
    const kilo = build("--model", directory, "--release", "kilo");
    assert.equal(kilo.status, 64);
    assert.match(kilo.stderr, /^error\[release-without-base\]: [^\n]*\n[^\n]*\n$/);
    const plan = build("--model", directory, "--release", "kilo", "--dry-run");
    assert.equal(plan.status, 0, plan.stderr);
    assert.match(plan.stdout, /\n {2}base: none \(.*kilo\)/);
  });

  const archive = "https://snapshots.example/archive/debian";
  const mistakes = [
    { words: ["--release", "2025.l"], code: "build-release-unknown", status: 64 },
    { words: ["--what"], code: "words-wrong", status: 64 },
    { words: ["--mirror", "http://user:example@mirror.example/debian"], code: "mirror-with-password", status: 64 },
    { words: ["--registry", "not a host"], code: "registry-wrong", status: 64 },
    { words: ["--engine", "rocket"], code: "engine-unknown", status: 64 },
    { words: ["--jobs", "0"], code: "number-wrong", status: 64 },
    { words: ["--jobs", "two"], code: "number-wrong", status: 64 },
    { words: ["--snapshot", "yesterday", "--mirror", archive], code: "snapshot-wrong", status: 64 },
    { words: ["--snapshot", "20261301T000000Z", "--mirror", archive], code: "snapshot-wrong", status: 64 },
    { words: ["--snapshot", "20261101T000000Z"], code: "snapshot-without-archive", status: 64 },
    {
      words: ["--snapshot", "20261101T000000Z", "--mirror", "https://mirror.example/d"],
      code: "snapshot-without-archive",
      status: 64,
    },
    { words: ["--model", "test"], code: "model-directory-missing", status: 78 },
    { words: ["--since", "no-such-revision"], code: "revision-unknown", status: 78 },
    { words: ["--push"], code: "registry-missing", status: 78 },
  ];
  for (const { words, code, status } of mistakes) {
    test(`${words.join(" ")}: ${code}, ${status}`, () => {
      const ran = build(...words, "--dry-run");
      assert.match(ran.stderr, new RegExp(`\\[${code}\\]`));
      assert.equal(ran.status, status);
    });
  }

  test("a SOURCE_DATE_EPOCH that is no number", () => {
    const { status, stderr } = buildIn({ SOURCE_DATE_EPOCH: "2026-11-01" }, "--dry-run");
    assert.equal(status, 64);
    assert.match(stderr, /\[epoch-wrong\]/);
  });

  test("a mistake in the model with its place, once, though every node has it", () => {
    const { directory, edit } = makeDeployment(join(workDirectory(), "model"));
    edit(parameterFile, "deploy_name: plinth", "deploy_name: Foo Bar");
    const { status, stderr } = build("--model", directory, "--image", "nova-compute", "--dry-run");
    assert.equal(status, 78);
    assert.deepEqual(stderr.match(/\[image-data-wrong\]: .*_image:deploy_name/g)?.length, 1);
    assert.match(stderr, /example\.yml:\d+:18\n.*deploy_name: Foo Bar$/m);
    assert.ok(stderr.includes(`${directory}/${parameterFile}:`), stderr);
  });

  for (const engine of ["docker", "podman"]) {
    test(`a ${engine} that is missing, with 127`, () => {
      const words = ["images/build.ts", "--image", "debian-base", "--engine", engine];
      const { status, stderr } = spawnSync(process.execPath, words, { encoding: "utf8", env: { PATH: "/nowhere" } });
      assert.equal(status, 127);
      assert.match(stderr, new RegExp(`\\[engine-missing\\]: there is no ${engine} command`));
    });
  }

  test("an engine that does not answer, with 75", (t) => {
    if (spawnSync("docker", ["--version"]).error) return t.skip("no docker command");
    const { status, stderr } = buildIn({ DOCKER_HOST: "tcp://127.0.0.1:1" }, "--image", "debian-base");
    assert.equal(status, 75);
    assert.match(stderr, /\[builder-silent\]/);
  });
});

describe("images that changed since a revision", () => {
  const { directory, git, edit } = makeDeployment(join(workDirectory(), "deployment"));

  /** Edits a file, and undoes it. @returns the nodes of the images that changed. */
  function changedBy(file: string, from: string, to: string): readonly string[] {
    edit(file, from, to);
    const { status, stdout, stderr } = build("--model", directory, "--since", "HEAD", "--list");
    git("checkout", "--quiet", ".");
    assert.equal(status, 0, stderr);
    const lines = stdout.split("\n").filter(Boolean);
    return lines.map((line) => line.split(" ")[0] ?? "");
  }

  test("none, when nothing changed", () => {
    const { stdout } = build("--model", directory, "--since", "HEAD");
    assert.equal(stdout, "no image to build\n");
  });
  test("one, by a parameter of it", () => {
    const changed = changedBy(parameterFile, "dhcp_domain: novalocal", "dhcp_domain: cloud.example");
    assert.ok(changed.includes("nova-controller") && !changed.includes("keystone-server"), changed.join());
  });
  test("two, by a parameter that both know", () => {
    const changed = changedBy(parameterFile, "cpu_allocation_ratio: 8.0", "cpu_allocation_ratio: 4.0");
    assert.deepEqual([...changed].sort(), ["nova-compute", "nova-controller"]);
  });
  test("all, by the release", () => {
    const changed = changedBy(parameterFile, 'release: "2025.1"', "release: zed");
    assert.deepEqual([...changed].sort(), rows.map(({ recipe }) => recipe.node).sort());
  });
  test("none, by what only says how many containers there are", () => {
    assert.deepEqual(changedBy(parameterFile, "nova_controller_replicas: 1", "nova_controller_replicas: 7"), []);
  });
  test("a base, and what stands on it", () => {
    const changed = changedBy("classes/openstack/base.yml", "- uwsgi-core\n", "- uwsgi-core\n      - uwsgi-extra\n");
    assert.deepEqual([...changed].sort(), [...withChildren(rows, new Set(["openstack-base"]))].sort());
  });
});
