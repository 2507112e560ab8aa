import assert from "node:assert/strict";
import { test } from "node:test";
import { applyCatalog, type Keystone, type KeystoneResource } from "../../src/catalog/apply.ts";
import { endpointsOf, type WantedCatalog } from "../../src/catalog/wanted.ts";

const bind = {
  public_address: "cloud.example.org",
  public_port: 8774,
  public_protocol: "https",
  public_path: "/v2.1",
  internal_address: "fd00::1",
  internal_port: 8774,
  internal_protocol: "http",
  internal_path: "/v2.1",
  admin_address: null,
  admin_port: null,
  admin_protocol: "http",
  admin_path: "",
};

const wanted: WantedCatalog = {
  url: "http://keystone:5000/v3",
  login: { user: "admin", password: "a", project: "admin", domain: "default" },
  region: "eu",
  roles: ["member", "service"],
  serviceProject: "service",
  projects: { demo: { description: "To try" } },
  domains: { heat: { description: "", administrator: { name: "heat_admin", password: "h" } } },
  services: {
    nova: { type: "compute", description: "", user: { name: "nova", password: "n", roles: ["service"] }, bind },
  },
};

/** A keystone in memory. `race` lets somebody else make each thing just before. */
class MemoryKeystone implements Keystone {
  readonly things: Record<string, KeystoneResource[]> = {};
  readonly grants = new Set<string>();
  race = false;
  async list(collection: string, filters: Readonly<Record<string, string>>) {
    return (this.things[collection] ?? []).filter((thing) =>
      Object.entries(filters).every(([key, value]) => thing[key] === value),
    );
  }
  async create(collection: string, thing: Readonly<Record<string, unknown>>) {
    this.things[collection] ??= [];
    const made = { id: `${collection}${this.things[collection].length}`, ...thing };
    this.things[collection].push(made);
    return this.race ? undefined : made;
  }
  async update(collection: string, id: string, changes: Readonly<Record<string, unknown>>) {
    this.things[collection] = (this.things[collection] ?? []).map((thing) =>
      thing.id === id ? { ...thing, ...changes } : thing,
    );
  }
  async grant(on: string, onId: string, user: string, role: string) {
    this.grants.add(`${on} ${onId} ${user} ${role}`);
  }
  async knows(user: string, password: string, domain: string) {
    const key = { name: user, domain_id: domain, password };
    return (await this.list("users", key)).length > 0;
  }
}

async function changes(keystone: Keystone, catalog = wanted): Promise<readonly string[]> {
  const told: string[] = [];
  await applyCatalog(catalog, keystone, (what, done) => told.push(`${what} ${done}`));
  return told;
}

test("the job creates the whole catalog, and a second run changes nothing", async () => {
  const keystone = new MemoryKeystone();
  const made = await changes(keystone);
  for (const what of ["role service", "project service", "project demo", "domain heat", "user nova", "service nova"]) {
    assert.ok(made.includes(`${what} made`), what);
  }
  assert.deepEqual(
    keystone.things["endpoints"]?.map(({ interface: face, url }) => `${face} ${url}`),
    [
      "public https://cloud.example.org:8774/v2.1",
      "internal http://[fd00::1]:8774/v2.1",
      "admin http://[fd00::1]:8774/v2.1",
    ],
  );
  assert.deepEqual(await changes(keystone), []);
});

test("the job corrects what differs: a password, an endpoint's address", async () => {
  const keystone = new MemoryKeystone();
  await changes(keystone);
  const nova = wanted.services["nova"] as NonNullable<(typeof wanted.services)[string]>;
  const moved: WantedCatalog = {
    ...wanted,
    services: {
      nova: {
        ...nova,
        user: { name: "nova", password: "new", roles: ["service"] },
        bind: { ...bind, public_address: "other.example.org" },
      },
    },
  };
  assert.deepEqual(await changes(keystone, moved), ["endpoint nova public changed", "user nova changed"]);
  assert.deepEqual(await changes(keystone, moved), []);
});

test("the job accepts what another job creates at the same time", async () => {
  const keystone = new MemoryKeystone();
  keystone.race = true;
  assert.deepEqual(await changes(keystone), []);
  assert.equal(keystone.things["users"]?.length, 2);
});

test("a service without an address has no endpoint", () => {
  const none = { ...bind, public_address: null, internal_address: null };
  assert.deepEqual(endpointsOf({ bind: none }), []);
});
