import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { recipeNames, recipes, startedByPlinth, withParents } from "../../images/catalog.ts";
import { imageName, images } from "../../src/openstack/images.ts";

const build = (...words: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, ["images/build.ts", ...words], {
    encoding: "utf8",
    env: { ...process.env, DEPLOY: undefined },
  });

const folders = readdirSync("images", { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);
const dockerfile = (name: string): string => readFileSync(`images/${name}/Dockerfile`, "utf8");

describe("the recipes", () => {
  test("there is one for each folder, and for each image that plinth starts", () => {
    assert.deepEqual([...recipeNames].sort(), folders.sort());
    for (const image of images) assert.ok(recipeNames.includes(imageName(image)), imageName(image));
  });

  test("stand in an order in which they can be built", () => {
    for (const [index, { name, from }] of recipes.entries()) {
      assert.ok(from === null || recipeNames.slice(0, index).includes(from), name);
    }
    assert.deepEqual(
      withParents(["keystone-server"]).map((recipe) => recipe.name),
      ["debian-base", "openstack-base", "keystone-server"],
    );
  });

  for (const { name, from } of recipes) {
    test(`${name} stands on what its recipe says, and names no mirror`, () => {
      const text = dockerfile(name);
      assert.match(text, from === null ? /^ARG DEBIAN=debian:/m : new RegExp(`^ARG BASE=plinth/${from}:`, "m"));
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
      assert.ok(existsSync(`images/${name}/pillar.yml`));
    });
  }
});

describe("images/build.ts", () => {
  test("says what it would run, with the account's ids and labels", () => {
    const { status, stdout } = build(
      "--release",
      "2025.1",
      "--image",
      "keystone-server",
      "--deploy-name",
      "tcpcloud",
      "--dry-run",
    );
    assert.equal(status, 0);
    const last = stdout.trim().split("\n").at(-1) ?? "";
    for (const part of [
      "--tag tcpcloud/keystone-server:2025.1",
      "--build-arg BASE=tcpcloud/openstack-base:2025.1",
      "--build-arg ACCOUNT=keystone:42425:keystone:42425",
      "--label org.opencontainers.image.version=2025.1",
    ]) {
      assert.ok(last.includes(part), part);
    }
  });

  test("says where a suite holds a later release of a component, on a label too", () => {
    const { status, stdout, stderr } = build("--release", "2026.1", "--image", "keystone-server", "--dry-run");
    assert.equal(status, 0);
    assert.match(stderr, /warning\[later-release\].*forky.*2026\.1.*2026\.2/);
    assert.match(stdout, /io\.plinth\.component-release=2026\.2/);
  });

  test("refuses a release without packages, an unknown image and a bad name in one go, with 64", () => {
    const { status, stderr } = build("--release", "kilo", "--image", "keystone-servr", "--deploy-name", "Foo");
    assert.equal(status, 64);
    assert.match(stderr, /\[release-without-packages\]/);
    assert.match(stderr, /Did you mean "keystone-server"\?/);
    assert.match(stderr, /\[deploy-name-wrong\]/);
  });

  const mistakes = [
    { words: [], code: "release-not-said" },
    { words: ["--release", "2025.l"], code: "release-unknown" },
    { words: ["--release", "2025.1", "--what"], code: "words-wrong" },
    {
      words: ["--release", "2025.1", "--mirror", "http://user:example@mirror.example/debian"],
      code: "mirror-with-password",
    },
  ];
  for (const { words, code } of mistakes) {
    test(`${code} ends in 64`, () => {
      const { status, stderr } = build(...words, "--dry-run");
      assert.equal(status, 64);
      assert.match(stderr, new RegExp(`\\[${code}\\]`));
    });
  }

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
