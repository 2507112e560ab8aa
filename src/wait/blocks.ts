import { type Field, list, map, port, section, string } from "../schema/field.ts";
import { valueAt } from "../schema/json.ts";
import { isValueOf, misfitOf, type ValueOf } from "../schema/value.ts";
import type { Settings } from "../settings/settings.ts";

/** What plinth itself reads of settings: of the block that a row's `from` names, these keys. */

const at = { host: string("Host name or address."), port: port("Port.") };
const address = section("One server.", at);

/** One server, or the members of a cluster in its place. */
const cluster = {
  host: string("Host name or address.", { optional: true }),
  port: port("Port."),
  members: list("Servers in place of `host`.", address, { optional: true }),
};
const page = { ...at, protocol: string("Protocol; http where there is none.", { optional: true }) };
const login = { user: string("User."), password: string("Password.") };

/**
 * By what is done with it: the probe of a need, or the question of a health check. A test holds every row of
 * src/openstack against it, for each release (test/openstack/paths.test.ts).
 */
export const blocks = {
  mysql: section("A database.", { ...at, ...login, name: string("Name of the database.") }),
  amqp: section("A broker.", { ...cluster, ...login, virtual_host: string("Virtual host.") }),
  memcached: list("Cache servers.", address),
  tcp: address,
  http: section("A site.", page),
  keystone: section("keystone, and as whom to log in there.", {
    ...page,
    user: string("User."),
    password: string("Its password; an application credential may stand in its place.", { optional: true }),
    tenant: string("Project."),
    domain: string("Domain (its id) of both."),
  }),
  libvirt: section("libvirt.", { uri: string("Connection URI.") }),
  connected: section("Limits of a connection.", cluster),
  virtualHosts: map("Virtual hosts of a broker by name.", section("One, with its account.", login)),
} as const satisfies Readonly<Record<string, Field>>;

export type Block<Kind extends keyof typeof blocks> = ValueOf<(typeof blocks)[Kind]>;

/**
 * @returns the block at a path of the settings, typed by its schema; undefined where the pillar or the release leaves it out.
 * A block of another shape is a mistake of our tables, thus a throw.
 */
export function blockAt<Kind extends keyof typeof blocks>(
  kind: Kind,
  from: string,
  { values }: Pick<Settings, "values">,
): Block<Kind> | undefined {
  const value = valueAt(values, from);
  if (value === undefined || value === null) return undefined;
  const field: (typeof blocks)[Kind] = blocks[kind];
  if (isValueOf(field, value)) return value;
  throw new Error(`${misfitOf(field, value, from)} in the settings is not what ${kind} reads there`);
}
