import { endpointsOf, type WantedCatalog } from "./wanted.ts";

/** A thing that keystone has, as its API shows it. */
export type KeystoneResource = { readonly id: string; readonly [key: string]: unknown };

/** keystone's v3 API, as far as a catalog needs it (https://docs.openstack.org/api-ref/identity/v3/). Rejects with words for people. */
export type Keystone = {
  readonly list: (
    collection: string,
    filters: Readonly<Record<string, string>>,
  ) => Promise<readonly KeystoneResource[]>;
  /** @returns undefined when somebody else has just made it (409). */
  readonly create: (
    collection: string,
    thing: Readonly<Record<string, unknown>>,
  ) => Promise<KeystoneResource | undefined>;
  readonly update: (collection: string, id: string, changes: Readonly<Record<string, unknown>>) => Promise<void>;
  /** Gives a role on a project or domain; harmless when it is there. */
  readonly grant: (on: "projects" | "domains", onId: string, user: string, role: string) => Promise<void>;
  /** Whether a user can log in. */
  readonly knows: (user: string, password: string, domain: string) => Promise<boolean>;
};

/** Is told of everything that was made or changed: `user nova`, `made`. */
export type OnChange = (what: string, done: "made" | "changed") => void;

type WantedResource = {
  readonly collection: string;
  readonly what: string;
  /** What identifies it. */
  readonly key: Readonly<Record<string, string>>;
  /** What else it shall have. */
  readonly rest?: Readonly<Record<string, unknown>>;
};

const differs = (thing: KeystoneResource, rest: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(rest).some(([name, value]) => thing[name] !== value);

/** Makes a thing, or mends it. Whoever makes it at the same time is as welcome. */
async function ensure(
  keystone: Keystone,
  { collection, what, key, rest = {} }: WantedResource,
  tell: OnChange,
): Promise<KeystoneResource> {
  const [there] = await keystone.list(collection, key);
  if (there) {
    if (differs(there, rest)) {
      await keystone.update(collection, there.id, rest);
      tell(what, "changed");
    }
    return there;
  }
  const made = await keystone.create(collection, { ...key, ...rest });
  if (made) {
    tell(what, "made");
    return made;
  }
  const [other] = await keystone.list(collection, key);
  if (!other) throw new Error(`${what} is there (409), but keystone does not list it`);
  return other;
}

async function ensureUser(
  keystone: Keystone,
  { name, password }: { readonly name: string; readonly password: string },
  domain: string,
  tell: OnChange,
): Promise<KeystoneResource> {
  const key = { name, domain_id: domain };
  const [there] = await keystone.list("users", key);
  if (!there) {
    const made = await keystone.create("users", { ...key, password, enabled: true });
    if (made) tell(`user ${name}`, "made");
    return made ?? ensureUser(keystone, { name, password }, domain, tell);
  }
  // A password cannot be read, and setting it again would revoke every token of the user: so it is tried.
  if (!(await keystone.knows(name, password, domain))) {
    await keystone.update("users", there.id, { password, enabled: true });
    tell(`user ${name}`, "changed");
  }
  return there;
}

/** Makes all of a catalog that is not there yet, and mends what differs. What is there beside it is left alone. */
export async function applyCatalog(wanted: WantedCatalog, keystone: Keystone, tell: OnChange): Promise<void> {
  const { region, serviceProject } = wanted;
  const domain = wanted.login.domain;
  const named = (
    collection: string,
    word: string,
    name: string,
    rest: WantedResource["rest"] = {},
    key: WantedResource["key"] = {},
  ) => ensure(keystone, { collection, what: `${word} ${name}`, key: { name, ...key }, rest }, tell);

  const users = Object.values(wanted.services).flatMap(({ user }) => user ?? []);
  const roleIds = new Map<string, string>();
  for (const role of new Set(["admin", ...wanted.roles, ...users.flatMap(({ roles }) => roles)])) {
    roleIds.set(role.toLowerCase(), (await named("roles", "role", role)).id);
  }
  await ensure(keystone, { collection: "regions", what: `region ${region}`, key: { id: region } }, tell);
  const projects = { [serviceProject]: { description: "" }, ...wanted.projects };
  const projectIds = new Map<string, string>();
  for (const [name, { description }] of Object.entries(projects)) {
    projectIds.set(name, (await named("projects", "project", name, { description }, { domain_id: domain })).id);
  }
  for (const [name, { description, administrator }] of Object.entries(wanted.domains)) {
    const made = await named("domains", "domain", name, { description });
    if (!administrator) continue;
    const user = await ensureUser(keystone, administrator, made.id, tell);
    await keystone.grant("domains", made.id, user.id, roleIds.get("admin") ?? "");
  }
  for (const [name, service] of Object.entries(wanted.services)) {
    const { id } = await named(
      "services",
      "service",
      name,
      { description: service.description, enabled: true },
      { type: service.type },
    );
    for (const [face, url] of endpointsOf(service)) {
      const key = { service_id: id, interface: face, region_id: region };
      await ensure(keystone, { collection: "endpoints", what: `endpoint ${name} ${face}`, key, rest: { url } }, tell);
    }
  }
  // Users last: services wait for theirs, and then all else is there.
  for (const user of users) {
    const { id } = await ensureUser(keystone, user, domain, tell);
    for (const role of user.roles) {
      await keystone.grant("projects", projectIds.get(serviceProject) ?? "", id, roleIds.get(role.toLowerCase()) ?? "");
    }
  }
}
