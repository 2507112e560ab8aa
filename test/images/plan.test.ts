import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type BuildRun, buildWords, type Prepared, servicesOf } from "../../images/plan.ts";
import type { Recipe } from "../../src/image/recipe.ts";

const run: BuildRun = {
  engine: "docker",
  jobs: 2,
  noCache: false,
  pause: 10,
  index: {},
  mirrors: { debian: "http://mirror.example/debian", security: "http://mirror.example/debian-security" },
  snapshot: undefined,
  epoch: undefined,
  revision: "abc",
  revisionTime: 1793491200,
  modelRevision: "def",
  proxies: ["http_proxy"],
};

const recipe: Recipe = {
  node: "keystone-server",
  name: "keystone-server",
  directory: "keystone-server",
  title: "keystone",
  release: "2026.1",
  deployName: "plinth",
  image: "plinth/keystone-server:2026.1",
  registered: false,
  parent: "openstack-base",
  base: null,
  archive: null,
  source: "debian",
  onlyOfSource: null,
  lock: null,
  filesOnly: [],
  buildPackages: [],
  packages: ["keystone", "curl"],
  schemaPackages: ["mariadb-server-core"],
};
const base: Recipe = { ...recipe, name: "debian-base", image: "plinth/debian-base:2026.1", parent: null, packages: [] };

const prepared = (own: Recipe, on: string): Prepared => ({
  recipe: own,
  on,
  directory: "build/images/2026.1/here",
  contract: own.parent === null ? undefined : "[]",
  ports: own.parent === null ? [] : [5000, 35357],
  inputs: "sha256:1",
});
const keystone = prepared(recipe, "plinth/openstack-base:2026.1");
const debian = prepared(base, "debian:trixie");

/** The values of an option that may stand several times, by name. */
function values(words: readonly string[], option: string): Readonly<Record<string, string>> {
  const given = words.flatMap((word, index) => (words[index - 1] === option ? [word] : []));
  return Object.fromEntries(given.map((word) => [word.replace(/=.*/s, ""), word.replace(/^[^=]*=?/, "")]));
}

describe("the words that build an image", () => {
  test("have what is below it, packages, account, ports, mirrors and proxies as build arguments", () => {
    assert.deepEqual(values(buildWords(run, keystone), "--build-arg"), {
      BASE: "plinth/openstack-base:2026.1",
      PACKAGES: "keystone curl",
      SCHEMA_PACKAGES: "mariadb-server-core",
      ACCOUNT: "keystone:42425:keystone:42425",
      PORTS: "5000 35357",
      DEBIAN_MIRROR: "http://mirror.example/debian",
      DEBIAN_SECURITY_MIRROR: "http://mirror.example/debian-security",
      http_proxy: "",
    });
  });

  test("have of an environment the component's builder, and its secrets as files", () => {
    const own: Recipe = {
      ...recipe,
      name: "keystone-python",
      directory: "python",
      lock: "keystone",
      packages: [],
      schemaPackages: [],
    };
    const environment = prepared({ ...own, buildPackages: ["gcc"] }, "plinth/openstack-base:2026.1");
    const words = buildWords(run, environment, { index: "/tmp/x/index", ca: "/etc/ca.crt" });
    const given = values(words, "--build-arg");
    assert.match(given["BUILD_PACKAGES"] ?? "", /^gcc /);
    assert.equal(given["DEBIAN_MIRROR"], "http://mirror.example/debian");
    assert.deepEqual(
      words.filter((_, index) => words[index - 1] === "--secret"),
      ["id=index,src=/tmp/x/index", "id=ca,src=/etc/ca.crt"],
    );
    assert.ok(!buildWords(run, keystone).includes("--secret"));
  });

  test("have labels: what it is, from which commits, and what it is built from", () => {
    assert.deepEqual(values(buildWords(run, keystone), "--label"), {
      "org.opencontainers.image.title": "keystone-server",
      "org.opencontainers.image.description": "keystone",
      "org.opencontainers.image.version": "2026.1",
      "org.opencontainers.image.base.name": "plinth/openstack-base:2026.1",
      "org.opencontainers.image.created": "2026-11-01T00:00:00Z",
      "org.opencontainers.image.revision": "abc",
      "io.plinth.model-revision": "def",
      "io.plinth.contract": "[]",
      "io.plinth.inputs": "sha256:1",
    });
  });

  test("tell no commit of an image without plinth", () => {
    const labels = Object.keys(values(buildWords(run, debian), "--label"));
    assert.deepEqual(
      labels.filter((label) => /revision|created/.test(label)),
      [],
    );
  });

  test("give a snapshot to the image below the others, and its time to all", () => {
    const past: BuildRun = { ...run, snapshot: "20261101T000000Z", epoch: 1793491200 };
    const below = values(buildWords(past, debian), "--build-arg");
    assert.equal(below["SNAPSHOT"], "20261101T000000Z");
    assert.equal(below["SOURCE_DATE_EPOCH"], "1793491200");
    const above = values(buildWords(past, keystone), "--build-arg");
    assert.equal(above["SNAPSHOT"], undefined);
    assert.equal(above["SOURCE_DATE_EPOCH"], "1793491200");
    assert.equal(
      values(buildWords(past, debian), "--label")["org.opencontainers.image.created"],
      "2026-11-01T00:00:00Z",
    );
  });

  test("name an archive of packages to the image below the others", () => {
    const old = { ...debian, recipe: { ...base, archive: "cloud-archive:liberty" } };
    assert.equal(values(buildWords(run, old), "--build-arg")["ARCHIVE"], "cloud-archive:liberty");
    assert.equal(values(buildWords(run, debian), "--build-arg")["ARCHIVE"], undefined);
  });

  const beginnings = [
    { run, words: ["build", "--tag", "plinth/debian-base:2026.1"] },
    { run: { ...run, noCache: true }, words: ["build", "--no-cache", "--tag"] },
    { run: { ...run, engine: "podman" }, words: ["build", "--format", "docker", "--tag"] },
  ] as const;
  for (const { run: own, words } of beginnings) {
    test(`begin with ${words.join(" ")}, and end with the context`, () => {
      const all = buildWords(own, debian);
      assert.deepEqual(all.slice(0, words.length), words);
      assert.equal(all.at(-1), "build/images/2026.1/here");
    });
  }
});

describe("the services of an image", () => {
  const rows = [
    { name: "nova-controller", release: "kilo", has: ["cert", "consoleauth"], hasNot: ["metadata"] },
    { name: "nova-controller", release: "2025.1", has: ["metadata"], hasNot: ["cert", "consoleauth"] },
    { name: "debian-base", release: "2025.1", has: [], hasNot: [] },
  ];
  for (const { name, release, has, hasNot } of rows) {
    test(`${name} of ${release}: ${has.join(" ") || "none"}`, () => {
      const { service } = servicesOf({ ...recipe, name, release });
      for (const one of has) assert.ok(service.includes(one), one);
      for (const one of hasNot) assert.ok(!service.includes(one), one);
      if (has.length === 0) assert.deepEqual(service, []);
    });
  }
});
