import assert from "node:assert/strict";
import { test } from "node:test";
import { imageName, imagesOf } from "../../src/openstack/images.ts";
import { supportedNames } from "../../src/openstack/releases.ts";
import { setInstead, strayKeys, unreadKeys } from "../../src/overlay/near-names.ts";
import { namesOf } from "../../src/settings/fill.ts";
import { bakeModelNode } from "../support/rendering.ts";

const own = new Set(["SERVICE_DATABASE_HOST", "SERVICE_DATABASE_PASSWORD", "SERVICE_DATABASE_PORT", "NODE01_HOST"]);
const entries = (...keys: readonly string[]) => keys.map((key) => ({ key, value: "x" }));
const unread = (key: string, given: readonly string[] = []) =>
  unreadKeys(entries(key), "/plinth", "nova-controller", own, (name) => given.includes(name));

for (const [key, meant] of [
  ["/plinth/all/SERVICE_DATABSE_HOST", "/plinth/all/SERVICE_DATABASE_HOST"],
  ["/plinth/all/SERVICE_DATABASE_HOST ", "/plinth/all/SERVICE_DATABASE_HOST"],
  ["/plinth/all/service_database_host", "/plinth/all/SERVICE_DATABASE_HOST"],
  ["/plinth/all/SERVICE_DATABASE_PASWORD", "/plinth/all/SERVICE_DATABASE_PASSWORD"],
  ["/plinth/all/nova/SERVICE_DATABASE_HOST", "/plinth/all/SERVICE_DATABASE_HOST"],
  ["/plinth/all/SERVICE_DATABASE_HOST/", "/plinth/all/SERVICE_DATABASE_HOST"],
  ["/plinth/nova-controller/SERVICE_DATABASES_HOSTS", "/plinth/nova-controller/SERVICE_DATABASE_HOST"],
  ["/plinth/nova-controller/db/SERVICE_DATABASE_HOST", "/plinth/nova-controller/SERVICE_DATABASE_HOST"],
] as const) {
  test(`${JSON.stringify(key)} is not read, and ${meant} was meant`, () => {
    const [found, ...more] = unread(key);
    assert.deepEqual(more, []);
    assert.equal(found?.severity, "warning");
    assert.ok(found?.what.includes(JSON.stringify(key)));
    assert.equal(found?.fix, `did you mean ${meant}?`);
  });
}

test("every key in an image's own directory belongs to the image", () =>
  assert.match(unread("/plinth/nova-controller/WEATHER")[0]?.fix ?? "", /plinth check --contract/));

for (const key of [
  "/plinth/all/SERVICE_DATABASE_HOST",
  "/plinth/all/WEATHER",
  "/plinth/all/NODE02_HOST",
  "/plinth/all/SERVICE_DATABASE_NOVA_PASSWORD",
  "/plinth/all/",
]) {
  test(`${key} may be read, by this image or by others`, () => assert.deepEqual(unread(key), []));
}

test("a name similar to a given one is another name", () =>
  assert.deepEqual(unread("/plinth/all/SERVICE_DATABSE_HOST", ["SERVICE_DATABASE_HOST"]), []));

for (const release of supportedNames) {
  test(`${release}: no image reports another image's key as a typing error`, () => {
    const names = new Map(
      imagesOf(release).map((image) => {
        const name = imageName(image);
        return [name, namesOf(bakeModelNode(name, release).image.placeholders)] as const;
      }),
    );
    const keys = entries(...[...names.values()].flatMap((own) => [...own].map((name) => `/plinth/all/${name}`)));
    for (const [name, own] of names) {
      const others = keys.filter(({ key }) => !own.has(key.slice("/plinth/all/".length)));
      assert.deepEqual(
        unreadKeys(others, "/plinth", name, own, () => false),
        [],
        name,
      );
    }
  });
}

for (const [environment, instead] of [
  [{ SERVICE_DATABASE_PASWORD: "x" }, "SERVICE_DATABASE_PASWORD"],
  [{ SERVICE_DATABASE_PASWORD_FILE: "/x" }, "SERVICE_DATABASE_PASWORD_FILE"],
  [{ SERVICE_DATABASE_PASSWORD_FIL: "/x" }, "SERVICE_DATABASE_PASSWORD_FIL"],
  [{ service_database_password: "x" }, "service_database_password"],
  [{ DATABASE_PASSWORD: "x" }, "DATABASE_PASSWORD"],
  [{ SERVICE_DATABASE_PORT: "x", PATH: "/bin", SERVICE_MESSAGE_QUEUE_PASSWORD: "x" }, undefined],
] as const) {
  test(`for SERVICE_DATABASE_PASSWORD there is ${instead ?? "nothing"} in ${JSON.stringify(environment)}`, () =>
    assert.equal(setInstead("SERVICE_DATABASE_PASSWORD", own, environment, []), instead));
}

test("the message for a missing parameter names a similar key in etcd", () =>
  assert.equal(
    setInstead("SERVICE_DATABASE_HOST", own, {}, entries("/plinth/all/SERVICE_DATABSE_HOST")),
    `etcd's key "/plinth/all/SERVICE_DATABSE_HOST"`,
  ));

test("keys in a directory of no image are reported with the directory that was meant", () => {
  const keys = [
    "/plinth/all/A",
    "/plinth/nova-controller/A",
    "/plinth/nova-controler/A",
    "/plinth/ALL/B",
    "/plinth/C",
    "/plinth/weather/D",
    "/elsewhere/E",
  ];
  const found = strayKeys(keys, "/plinth", ["nova-controller", "nova-compute"]);
  assert.deepEqual(
    found.map(({ what, fix }) => [what.split('"')[1], fix]),
    [
      ["/plinth/nova-controler/A", "did you mean /plinth/nova-controller/A?"],
      ["/plinth/ALL/B", "did you mean /plinth/all/B?"],
      ["/plinth/C", "did you mean /plinth/all/C?"],
      ["/plinth/weather/D", "rename it to PREFIX/all/NAME or PREFIX/IMAGE/NAME, or delete it"],
    ],
  );
});
