import { hostHeaders, isIpv6, isUnspecified, looksLikeIpv6 } from "../schema/address.ts";
import type { Json } from "../schema/json.ts";
import { mask } from "../settings/settings.ts";
import { MaskedText, Unusable } from "./value.ts";

/** What templates compute with: each gives a value, or an Unusable that names what is missing. Never throws. */

type Section = { readonly [key: string]: Json };

/** Everything but RFC 3986's unreserved characters: also `!'()*`, which JavaScript's own function leaves alone. */
const percent = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

const isSection = (value: Json | undefined): value is Section =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `host:port` with an IPv6 address in brackets. */
function authority(host: Json | undefined, port: Json | undefined): string | Unusable {
  if (host === undefined || host === null) return new Unusable("its host is not set");
  if (port === undefined || port === null) return new Unusable("its port is not set");
  const name = String(host).replace(/^\[(.*)\]$/, "$1");
  if (looksLikeIpv6(name)) return `[${name}]:${String(port)}`;
  // Most are ASCII, and Unicode's classes cost a start a millisecond as soon as the expression is made.
  if (!/^[\w.-]+$/.test(name) && !/^[\p{L}\p{N}._-]+$/u.test(name))
    return new Unusable("its host is neither a host name nor an address");
  return `${name}:${String(port)}`;
}

const text = (section: Section, key: string): string | Unusable => {
  const value = section[key];
  return value === undefined || value === null ? new Unusable(`its ${key} is not set`) : String(value);
};

/** Joins the pieces, or gives the first that is unusable. */
function join(pieces: readonly (string | Unusable)[]): string | Unusable {
  const unusable = pieces.find((piece) => piece instanceof Unusable);
  return unusable ?? pieces.join("");
}

/** `user:password@`, shown and masked. */
function credentials(section: Section): { readonly open: string; readonly masked: string } | Unusable {
  const user = text(section, "user");
  const password = text(section, "password");
  if (user instanceof Unusable) return user;
  if (password instanceof Unusable) return password;
  if (!user.isWellFormed() || !password.isWellFormed())
    return new Unusable("its user or password is no valid Unicode text");
  return { open: `${percent(user)}:${percent(password)}@`, masked: `${percent(user)}:${mask}@` };
}

function maskedText(open: string | Unusable, masked: string | Unusable): MaskedText | Unusable {
  if (open instanceof Unusable) return open;
  return masked instanceof Unusable ? masked : new MaskedText(open, masked);
}

/** Which SQLAlchemy driver stands for a database engine: python-mysqldb was what Python 2 had, PyMySQL came with Python 3. */
const drivers = { mysql: { old: "mysql", modern: "mysql+pymysql" } } as const;

/** SQLAlchemy takes the name as it stands, up to a question mark: it decodes user and password only. */
function databaseName(section: Section): string | Unusable {
  const name = text(section, "name");
  if (name instanceof Unusable || !name.includes("?")) return name;
  return new Unusable("its name holds a question mark, behind which a URL has options");
}

/** @returns a function from a database block to SQLAlchemy's URL, judged by `make_url`. */
export const databaseUrl =
  (has: { readonly pymysql: boolean }) =>
  (block: unknown): MaskedText | Unusable => {
    const section = block as Json | undefined;
    if (!isSection(section)) return new Unusable("the database is not set");
    const engine = text(section, "engine");
    if (engine instanceof Unusable) return engine;
    if (!(engine in drivers)) return new Unusable("its engine is unknown");
    const driver = drivers[engine as keyof typeof drivers][has.pymysql ? "modern" : "old"];
    const login = credentials(section);
    if (login instanceof Unusable) return login;
    const rest = [authority(section["host"], section["port"]), "/", databaseName(section)];
    return maskedText(join([driver, "://", login.open, ...rest]), join([driver, "://", login.masked, ...rest]));
  };

/** @returns oslo.messaging's URL of a message_queue block, judged by `TransportURL.parse`. */
export function transportUrl(block: unknown): MaskedText | Unusable {
  const section = block as Json | undefined;
  if (!isSection(section)) return new Unusable("the message queue is not set");
  const login = credentials(section);
  if (login instanceof Unusable) return login;
  const vhost = text(section, "virtual_host");
  const members = section["members"];
  const brokers = Array.isArray(members) ? (members as readonly Section[]) : [section];
  const url = (credential: string): string | Unusable => {
    const hosts = brokers.map(({ host, port }) => join([credential, authority(host, port)]));
    const unusable = hosts.find((host) => host instanceof Unusable);
    if (unusable) return unusable;
    return join(["rabbit://", hosts.join(","), "/", vhost instanceof Unusable ? vhost : percent(vhost)]);
  };
  return maskedText(url(login.open), url(login.masked));
}

/**
 * nova's templates of a cell's URLs (Nova's documentation, "Cells (v2)", "Template URLs in Cell Mappings"; since rocky): where a
 * cell's URLs stand in nova's database, each process fills in the parts of the URL that it is itself configured with. So
 * neither a password nor an address is kept there, and a new one counts without any change of the database.
 *
 * A host goes without its brackets into `{hostname}`.
 */
const cellHost = (host: Json | undefined, number: number | ""): string | Unusable => {
  const written = authority(host, 0);
  if (written instanceof Unusable) return written;
  const name = `{hostname${number}}`;
  return `{username${number}}:{password${number}}@${written.startsWith("[") ? `[${name}]` : name}`;
};

/** @returns nova's template of a database block's URL; `suffix` is added to the database's name (cell0's is `_cell0`). */
export function cellDatabaseUrl(block: unknown, suffix: unknown = ""): string | Unusable {
  const section = block as Json | undefined;
  if (!isSection(section)) return new Unusable("the database is not set");
  return join(["{scheme}://", cellHost(section["host"], ""), `:{port}/{path}${String(suffix)}`]);
}

/** @returns nova's template of a message_queue block's URL. Of a cluster's brokers each has numbered parts. */
export function cellTransportUrl(block: unknown): string | Unusable {
  const section = block as Json | undefined;
  if (!isSection(section)) return new Unusable("the message queue is not set");
  const members = section["members"];
  // nova numbers the parts where there is a comma (nova/objects/cell_mapping.py, _format_url); an IPv6 address' port
  // keeps its colon there (_parse_netloc).
  if (!Array.isArray(members) || members.length < 2) {
    const [only = section] = (Array.isArray(members) ? members : []) as readonly Section[];
    return join(["{scheme}://", cellHost(only["host"], ""), ":{port}/{path}"]);
  }
  const hosts = (members as readonly Section[]).map(({ host }, index) => {
    const written = cellHost(host, index + 1);
    const colon = written instanceof Unusable || written.endsWith("]") ? "" : ":";
    return join([written, `${colon}{port${index + 1}}`]);
  });
  const unusable = hosts.find((host) => host instanceof Unusable);
  return unusable ?? join(["{scheme}://", hosts.join(","), "/{path}"]);
}

/** @returns `http://host:port/path`. */
export const httpUrl = (protocol: unknown, host: unknown, port: unknown, path: unknown = ""): string | Unusable =>
  join([
    typeof protocol === "string" ? protocol : new Unusable("its protocol is not set"),
    "://",
    authority(host as Json | undefined, port as Json | undefined),
    typeof path === "string" ? path : new Unusable("its path is not set"),
  ]);

/** @returns `host:port`, for what listens or connects. */
export const hostPort = (host: unknown, port: unknown): string | Unusable =>
  authority(host as Json | undefined, port as Json | undefined);

/** @returns `host:port` of each member of a block: a cluster's brokers. */
export function servers(members: unknown): readonly string[] | Unusable {
  if (!Array.isArray(members)) return new Unusable("it is not a list of servers");
  const addresses = (members as readonly Section[]).map(({ host, port }) => authority(host, port));
  return addresses.find((address) => address instanceof Unusable) ?? (addresses as readonly string[]);
}

/**
 * @returns the servers in python-memcached's notation, which wants `inet6:` before an IPv6 address. oslo.cache, keystonemiddleware
 * and Django's older back end pass it on as it is; pymemcache, which Django's newer one uses, takes what `servers` gives.
 */
export function memcachedServers(members: unknown): readonly string[] | Unusable {
  const addresses = servers(members);
  if (addresses instanceof Unusable) return addresses;
  return addresses.map((address) => (address.startsWith("[") ? `inet6:${address}` : address));
}

/** @returns the names by which clients may call these hosts (Host header): Django's ALLOWED_HOSTS. */
export const allowedHosts = (...hosts: readonly unknown[]): readonly string[] | Unusable =>
  hosts.some((host) => host === undefined || host === null)
    ? new Unusable("a host is not set")
    : [...new Set((hosts.flat() as readonly unknown[]).flatMap((host) => hostHeaders(String(host))))];

/** @returns whether a host is an IPv6 address. */
export const ipv6 = (host: unknown): boolean | Unusable =>
  typeof host === "string" ? isIpv6(host) : new Unusable("its host is not set");

/** @returns whether an address stands for all of a machine, which no other machine can reach it by. */
export const unspecified = (address: unknown): boolean | Unusable =>
  typeof address === "string" ? isUnspecified(address) : new Unusable("its address is not set");
