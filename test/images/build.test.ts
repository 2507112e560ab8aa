import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { imagesOf, startedByPlinth } from "../../images/catalog.ts";
import { openFolder } from "../../src/host/inventory.ts";
import { openModel } from "../../src/model/model.ts";
import { imageName, images } from "../../src/openstack/images.ts";
import { makeDeployment, parameterFile } from "../support/deployment.ts";
import { workFolder } from "../support/plinth.ts";

type Ran = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

function buildIn(env: NodeJS.ProcessEnv, ...words: string[]): Ran {
  return spawnSync(process.execPath, ["images/build.ts", ...words], {
    encoding: "utf8",
    env: { ...process.env, DEPLOY: undefined, PLINTH_MODEL: undefined, ...env },
  });
}
const build = (...words: string[]): Ran => buildIn({}, ...words);

const source = openFolder("model");
const model = source.ok ? openModel(source.value) : source;
const rows = model.ok ? imagesOf(model.value) : model;
assert.ok(rows.ok, "the project's model compiles");
const recipes = rows.value.map(({ recipe }) => recipe);

const folders = readdirSync("images", { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);
const dockerfile = (name: string): string => readFileSync(`images/${name}/Dockerfile`, "utf8");

describe("the Dockerfiles", () => {
  test("there is a node for each folder, and for each image that plinth starts", () => {
    assert.deepEqual(recipes.map(({ node }) => node).sort(), folders.sort());
    for (const image of images) assert.ok(recipes.some(({ name }) => name === imageName(image)));
  });

  for (const { name, packages } of recipes) {
    test(`${name} takes what it stands on and its packages from the model, and names no mirror`, () => {
      const text = dockerfile(name);
      assert.match(text, /^ARG BASE\nFROM \$\{BASE\}$/m);
      assert.match(text, packages.length > 0 ? /^ARG PACKAGES$/m : /^ARG PACKAGES=""$/m);
      assert.match(text, /install-packages \$PACKAGES/);
      assert.doesNotMatch(text, /https?:\/\/[^ ]*debian/);
    });
  }

  for (const { name } of recipes.filter((recipe) => startedByPlinth(recipe.name))) {
    test(`${name} makes its account before its packages, and starts through plinth`, () => {
      const text = dockerfile(name);
      const { user, uid, group, gid } = startedByPlinth(name)?.account ?? assert.fail();
      assert.match(text, new RegExp(`^ARG ACCOUNT=${user}:${uid}:${group}:${gid}$`, "m"));
      assert.ok(text.indexOf("create-account") < text.indexOf("install-packages"));
      assert.match(text, /^ENTRYPOINT \["\/opt\/plinth\/bin\/plinth", "start"\]$/m);
    });
  }
});

describe("images/build.ts", () => {
  test("says what it would run: what the model says, with the account's ids and labels", () => {
    const { status, stdout, stderr } = build("--image", "keystone-server", "--dry-run");
    assert.equal(status, 0, stderr);
    const lines = stdout.trim().split("\n");
    assert.equal(lines.length, 3);
    assert.match(lines[0] ?? "", /^docker build --tag plinth\/debian-base:2025\.1 --build-arg BASE=debian:trixie /);
    for (const part of [
      "--tag plinth/keystone-server:2025.1",
      "--build-arg BASE=plinth/openstack-base:2025.1",
      "--build-arg PACKAGES=keystone",
      "--build-arg ACCOUNT=keystone:42425:keystone:42425",
      "--label org.opencontainers.image.version=2025.1",
    ]) {
      assert.ok(lines[2]?.includes(part), part);
    }
  });

  test("takes a release and a deploy name in place of the model's", () => {
    const words = ["--release", "zed", "--deploy-name", "tcpcloud", "--image", "memcached-server", "--dry-run"];
    const { stdout } = build(...words);
    assert.match(stdout, /--tag tcpcloud\/debian-base:zed --build-arg BASE=debian:bookworm /);
    assert.match(stdout, /--tag tcpcloud\/memcached-server:zed --build-arg BASE=tcpcloud\/debian-base:zed /);
    assert.match(buildIn({ DEPLOY: "elsewhere" }, "--dry-run").stdout, /--tag elsewhere\/nova-compute:2025\.1 /);
  });

  test("says where a release's packages hold a later one of a component, on a label too", () => {
    const { status, stdout, stderr } = build("--release", "2026.1", "--image", "keystone-server", "--dry-run");
    assert.equal(status, 0);
    assert.match(stderr, /warning\[later-release\].*2026\.1.*keystone of 2026\.2/);
    assert.match(stdout, /io\.plinth\.component-release=2026\.2/);
  });

  test("refuses a release without packages, an unknown image and a bad name in one go, with 64", () => {
    const { status, stderr } = build("--release", "kilo", "--image", "keystone-servr", "--deploy-name", "Foo");
    assert.equal(status, 64);
    assert.match(stderr, /\[deploy-name-wrong\]/);
    assert.match(stderr, /Did you mean "keystone-server"\?/);
    assert.match(
      build("--release", "kilo", "--dry-run").stderr,
      /^error\[release-without-packages\]: [^\n]*\n[^\n]*\n$/,
    );
  });

  const mistakes = [
    { words: ["--release", "2025.l"], code: "release-unknown", status: 64 },
    { words: ["--what"], code: "words-wrong", status: 64 },
    { words: ["--mirror", "http://user:example@mirror.example/debian"], code: "mirror-with-password", status: 64 },
    { words: ["--model", "test"], code: "model-folder-missing", status: 78 },
    { words: ["--since", "no-such-revision"], code: "revision-unknown", status: 78 },
    { words: ["--push"], code: "registry-missing", status: 78 },
  ];
  for (const { words, code, status } of mistakes) {
    test(`${code} ends in ${status}`, () => {
      const ran = build(...words, "--dry-run");
      assert.match(ran.stderr, new RegExp(`\\[${code}\\]`));
      assert.equal(ran.status, status);
    });
  }

  test("says a mistake in the model with its place, once, though every node has it", () => {
    const { folder, edit } = makeDeployment(join(workFolder(), "model"));
    edit(parameterFile, "deploy_name: plinth", "deploy_name: Foo Bar");
    const { status, stderr } = build("--model", folder, "--image", "nova-compute", "--dry-run");
    assert.equal(status, 78);
    assert.match(stderr, /\[image-data-wrong\]: _image:deploy_name of the node nova-compute/);
    assert.ok(stderr.includes(`${folder}/${parameterFile}:8:18`), stderr);
  });

  test("pushes each image to the model's registry once it is built", () => {
    const work = workFolder();
    const { folder, edit } = makeDeployment(join(work, "model"));
    const registry = "registry.example.com:5000";
    edit(parameterFile, "registry: null", `registry: ${registry}`);
    mkdirSync(join(work, "bin"));
    const log = join(work, "log");
    writeFileSync(log, "");
    // Stands for docker: writes down what it was asked for, and says an image's size.
    writeFileSync(join(work, "bin/docker"), `#!/bin/sh\necho "$1 $2 $3" >> ${log}\necho 1000000\n`);
    chmodSync(join(work, "bin/docker"), 0o755);
    const PATH = `${join(work, "bin")}:${process.env["PATH"]}`;
    const ran = buildIn({ PATH }, "--model", folder, "--image", "memcached-server", "--push");
    assert.equal(ran.status, 0, ran.stderr);
    const asked = readFileSync(log, "utf8").split("\n");
    assert.deepEqual(
      asked.filter((line) => /^(build|push) /.test(line)).map((line) => line.trim()),
      ["debian-base", "memcached-server"].flatMap((name) => [
        `build --tag ${registry}/plinth/${name}:2025.1`,
        `push ${registry}/plinth/${name}:2025.1`,
      ]),
    );
    assert.match(ran.stdout, /registry\.example\.com:5000\/plinth\/memcached-server:2025\.1 +1 MB/);
  });

  test("a Docker that is missing ends in 127, one that does not answer in 75, each saying so", () => {
    const words = ["images/build.ts", "--release", "2025.1", "--image", "debian-base"];
    const run = (env: NodeJS.ProcessEnv) => spawnSync(process.execPath, words, { encoding: "utf8", env });
    const missing = run({ PATH: "/nowhere" });
    assert.equal(missing.status, 127);
    assert.match(missing.stderr, /\[docker-missing\]/);
    const path = process.env["PATH"] ?? "";
    if (spawnSync("docker", ["--version"]).error) return;
    const silent = run({ PATH: path, DOCKER_HOST: "tcp://127.0.0.1:1" });
    assert.equal(silent.status, 75);
    assert.match(silent.stderr, /\[engine-silent\]/);
  });
});

describe("images that changed since a revision", () => {
  const { folder, git, edit } = makeDeployment(join(workFolder(), "deployment"));

  /** Edits a file, and undoes it. @returns the nodes of the images that changed. */
  function changedBy(file: string, from: string, to: string): readonly string[] {
    edit(file, from, to);
    const { status, stdout, stderr } = build("--model", folder, "--since", "HEAD", "--list");
    git("checkout", "--quiet", ".");
    assert.equal(status, 0, stderr);
    const lines = stdout.split("\n").filter(Boolean);
    return lines.map((line) => line.split(" ")[0] ?? "");
  }

  test("none, when nothing changed", () => {
    const { stdout } = build("--model", folder, "--since", "HEAD");
    assert.equal(stdout, "no image to build\n");
  });
  test("one, by a parameter of it", () => {
    const changed = changedBy(parameterFile, "dhcp_domain: novalocal", "dhcp_domain: cloud.example");
    assert.deepEqual(changed, ["nova-controller"]);
  });
  test("two, by a parameter that both know", () => {
    const changed = changedBy(parameterFile, "cpu_allocation_ratio: 8.0", "cpu_allocation_ratio: 4.0");
    assert.deepEqual([...changed].sort(), ["nova-compute", "nova-controller"]);
  });
  test("all, by the release", () => {
    const changed = changedBy(parameterFile, 'release: "2025.1"', "release: zed");
    assert.deepEqual([...changed].sort(), recipes.map(({ node }) => node).sort());
  });
  test("none, by what only says how many containers there are", () => {
    assert.deepEqual(changedBy(parameterFile, "nova_controller_replicas: 5", "nova_controller_replicas: 7"), []);
  });
  test("a base, and what stands on it", () => {
    const changed = changedBy("classes/openstack/base.yml", "- uwsgi-core\n", "- uwsgi-core\n      - uwsgi-extra\n");
    const expected = ["openstack-base", "keystone-server", "nova-compute", "nova-controller", "openstack-client"];
    assert.deepEqual(changed, expected);
  });
});
