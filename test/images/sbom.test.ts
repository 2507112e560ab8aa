import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { countOf, installedBytes, packageUrl, readListing, spdxOf } from "../../images/sbom.ts";
import type { Recipe } from "../../src/image/recipe.ts";
import { spdxMistakes } from "./spdx.ts";

const recipe: Recipe = {
  node: "memcached-server",
  name: "memcached-server",
  directory: "memcached-server",
  title: "memcached",
  release: "2025.1",
  deployName: "plinth",
  image: "plinth/memcached-server:2025.1",
  registered: false,
  parent: "debian-base",
  base: null,
  archive: null,
  source: "debian",
  onlyOfSource: null,
  lock: null,
  filesOnly: [],
  buildPackages: [],
  packages: ["memcached"],
  schemaPackages: [],
};

const listing = [
  "debian trixie",
  "install ok installed\tlibstdc++6\t14.2.0-19\tamd64\tgcc-14\t14.2.0-19\t2700\tDebian GCC Maintainers <debian-gcc@lists.example>\thttp://gcc.gnu.org/",
  "install ok installed\tattr\t1:2.5.2-3+b1\tamd64\tattr\t1:2.5.2-3\t166\tSomebody <a@b.example>\t",
  "deinstall ok config-files\tgone\t1\tall\tgone\t1\t999\tSomebody <a@b.example>\t",
  "",
].join("\n");
const installed = readListing(listing);
const contents = {
  recipe,
  id: `sha256:${"0".repeat(64)}`,
  created: "2026-11-01T00:00:00.123456789Z",
  plinth: "0.1.0",
  node: "24.21.0",
  tool: "0.1.0",
};
const bill = spdxOf(contents, installed);

test("packages of which only configuration is left are not in the image", () => {
  assert.deepEqual(
    installed.packages.map(({ name }) => name),
    ["libstdc++6", "attr"],
  );
});

const urls = [
  {
    name: "curl",
    version: "8.14.1-2",
    architecture: "amd64",
    expected: "pkg:deb/debian/curl@8.14.1-2?arch=amd64&distro=trixie",
  },
  // Of the purl specification's own tests.
  {
    name: "attr",
    version: "1:2.4.47-2+b1",
    architecture: "amd64",
    expected: "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64&distro=trixie",
  },
  {
    name: "libstdc++6",
    version: "1~rc1",
    architecture: "all",
    expected: "pkg:deb/debian/libstdc%2B%2B6@1~rc1?arch=all&distro=trixie",
  },
];
for (const { expected, ...one } of urls) {
  test(`${one.name} ${one.version} is ${expected}`, () => assert.equal(packageUrl(one, installed), expected));
}
test("Ubuntu's packages are Ubuntu's", () => {
  const trusty = readListing("ubuntu \n");
  assert.equal(packageUrl({ name: "a", version: "1", architecture: "all" }, trusty), "pkg:deb/ubuntu/a@1?arch=all");
});

describe("the bill of materials", () => {
  test("is valid SPDX 2.3", () => assert.deepEqual(spdxMistakes(bill), []));

  test("names the image, plinth and its Node, and every package with its source and supplier", () => {
    assert.deepEqual(
      bill.packages.map(({ name, versionInfo }) => `${name} ${versionInfo}`),
      [
        "plinth/memcached-server:2025.1 2025.1",
        "plinth 0.1.0",
        "node 24.21.0",
        "libstdc++6 14.2.0-19",
        "attr 1:2.5.2-3+b1",
      ],
    );
    const [, , node, standard, attr] = bill.packages;
    assert.equal(node?.externalRefs?.[0]?.referenceLocator, "pkg:generic/node@24.21.0");
    assert.equal(standard?.supplier, "Organization: Debian GCC Maintainers (debian-gcc@lists.example)");
    assert.equal(standard?.homepage, "http://gcc.gnu.org/");
    assert.equal(attr?.homepage, undefined);
    assert.equal(attr?.sourceInfo, "built from the source package attr 1:2.5.2-3");
    assert.equal(attr?.licenseDeclared, "NOASSERTION");
  });

  test("adds up what the packages take on disk", () => assert.equal(installedBytes(bill), (2700 + 166) * 1024));

  test("is the same for the same image, and has another address for another image", () => {
    assert.deepEqual(spdxOf(contents, installed), bill);
    const other = spdxOf({ ...contents, id: `sha256:${"1".repeat(64)}` }, installed);
    assert.notEqual(other.documentNamespace, bill.documentNamespace);
  });

  test("names plinth and Node only if they are in the image", () => {
    const namesOf = (plinth: string | undefined, node: string | undefined): readonly string[] =>
      spdxOf({ ...contents, plinth, node }, installed).packages.map(({ name }) => name);
    assert.deepEqual(namesOf(undefined, "24.21.0").slice(1, 2), ["node"]);
    assert.deepEqual(namesOf(undefined, undefined).slice(1, 2), ["libstdc++6"]);
  });
});

describe("the bill of materials of an environment", () => {
  const [one, other] = ["a".repeat(64), "b".repeat(64)];
  const lines = [
    "debian trixie",
    `python\tsqlalchemy\t2.0.44\t9000\t${one} ${other}`,
    `python\tovs\t3.6.0\t2000\t${one}`,
    "",
  ];
  const environment = spdxOf(contents, readListing(lines.join("\n")));
  const [, , , ovs, sqlalchemy] = environment.packages;

  test("is valid SPDX 2.3", () => assert.deepEqual(spdxMistakes(environment), []));

  test("has each Python package by its package URL", () => {
    assert.deepEqual(
      [ovs, sqlalchemy].map((row) => row?.externalRefs?.[0]?.referenceLocator),
      ["pkg:pypi/ovs@3.6.0", "pkg:pypi/sqlalchemy@2.0.44"],
    );
    assert.equal(countOf(environment, "pypi"), 2);
    assert.equal(countOf(environment, "deb"), 0);
    assert.equal(installedBytes(environment), 11000 * 1024);
  });

  test("has the hashes of its lock, and marks packages with several", () => {
    assert.deepEqual(
      sqlalchemy?.checksums?.map(({ checksumValue }) => checksumValue),
      [one, other],
    );
    assert.match(sqlalchemy?.sourceInfo ?? "", /one of the checksums/);
    assert.deepEqual(ovs?.checksums, [{ algorithm: "SHA256", checksumValue: one }]);
    assert.equal(ovs?.sourceInfo, undefined);
  });
});

describe("the check of a bill of materials finds", () => {
  const [image, ...rest] = bill.packages;
  const broken = [
    { what: "another version", bill: { ...bill, spdxVersion: "SPDX-2.2" } },
    {
      what: "a time with fractions",
      bill: { ...bill, creationInfo: { ...bill.creationInfo, created: "2026-11-01T00:00:00.1Z" } },
    },
    { what: "no creators", bill: { ...bill, creationInfo: { ...bill.creationInfo, creators: [] } } },
    { what: "an id twice", bill: { ...bill, packages: [image, image, ...rest] } },
    { what: "a package without a name", bill: { ...bill, packages: [{ ...image, name: "" }, ...rest] } },
    { what: "a relationship to nothing", bill: { ...bill, packages: [image] } },
    { what: "a namespace with a fragment", bill: { ...bill, documentNamespace: "https://a.example/b#c" } },
  ];
  for (const { what, bill: wrong } of broken) {
    test(what, () => assert.notDeepEqual(spdxMistakes(wrong), []));
  }
});
