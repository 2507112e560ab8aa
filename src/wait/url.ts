import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { waitMessage } from "./messages.ts";
import { addressText, type Target, target } from "./probe.ts";

/** The parts of a URL, percent-decoded and with `$NAME` filled in; `path` and `query` as they were written. */
type Parts = {
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
};

type Scheme = {
  readonly example: string;
  /** @returns what to ask, or what is wrong. */
  readonly read: (parts: Parts) => Target | string;
};

/** A page is there when it answers with one of these, unless the URL ends in `#expect=200,300`. */
const answered = [200, 201, 202, 203, 204, 206, 300, 301, 302, 303, 304, 307, 308];

const rest = (path: string): string => decodeURIComponent(path.replace(/^\//, ""));

function expected(fragment: string): readonly number[] | undefined {
  if (fragment === "") return answered;
  const [, statuses] = /^expect=(\d{3}(?:,\d{3})*)$/.exec(fragment) ?? [];
  return statuses?.split(",").map(Number);
}

const http = (scheme: "http" | "https"): Scheme => ({
  example: `${scheme}://keystone:5000/v3#expect=200,300`,
  read: ({ host, port, path, query, fragment }) => {
    const expect = expected(fragment);
    if (!expect) return `after # stands ${fragment} in place of expect=STATUS,...`;
    const address =
      port === undefined ? addressText({ host, port: 0 }).replace(/:0$/, "") : addressText({ host, port });
    return target({ kind: "http", url: `${scheme}://${address}${path || "/"}${query}`, expect });
  },
});

const mysql: Scheme = {
  example: "mysql://nova:$PASSWORD@db:3306/nova",
  read: ({ user, password = "", host, port = 3306, path, query }) => {
    if (!user) return "it names no user";
    const schema = /[?&]schema=true(?:&|$)/.test(query);
    return target({ kind: "mysql", host, port, user, password, database: rest(path), schema });
  },
};

const amqp: Scheme = {
  example: "amqp://openstack:$PASSWORD@mq:5672/%2Fopenstack",
  // An empty vhost is "/" to oslo.messaging, and nobody has one whose name is empty.
  read: ({ user = "guest", password = "guest", host, port = 5672, path }) =>
    target({ kind: "amqp", host, port, user, password, virtualHost: rest(path) || "/" }),
};

const etcd = (protocol: "http" | "https"): Scheme => ({
  example: `${protocol === "http" ? "etcd" : "etcds"}://etcd:2379`,
  read: ({ host, port = 2379 }) => target({ kind: "etcd", url: `${protocol}://${addressText({ host, port })}` }),
});

const schemes: Readonly<Record<string, Scheme>> = {
  tcp: {
    example: "tcp://host:1234",
    read: ({ host, port }) => (port === undefined ? "it names no port" : target({ kind: "tcp", host, port })),
  },
  http: http("http"),
  https: http("https"),
  mysql,
  amqp,
  memcached: {
    example: "memcached://cache:11211",
    read: ({ host, port = 11211 }) => target({ kind: "memcached", host, port }),
  },
  etcd: etcd("http"),
  etcds: etcd("https"),
  file: {
    example: "file:///etc/keystone/fernet-keys/0",
    read: ({ host, path }) =>
      host === "" && path.length > 1
        ? target({ kind: "file", path: decodeURIComponent(path) })
        : "it names no absolute path",
  },
};

/** The schemes of services' own settings, so that those URLs can be used as they are. */
const aliases: Readonly<Record<string, string>> = { "mysql+pymysql": "mysql", mariadb: "mysql", rabbit: "amqp" };

const shape =
  /^(?<scheme>[a-z][a-z0-9+.-]*):\/\/(?:(?<user>[^:@/?#]*)(?::(?<password>[^@/?#]*))?@)?(?<host>\[(?:[0-9a-f:.]+|\$[a-z_]\w*)\]|[^:@/?#[\]]*)(?::(?<port>[^/?#@]*))?(?<path>\/[^?#]*)?(?<query>\?[^#]*)?(?:#(?<fragment>.*))?$/is;

/** An address with a zone in the host's place, with or without brackets; not the `a:%40` of a user and a password. */
const zoned = /^[^/]*\/\/(?:[^/?#]*@)?\[?[0-9a-f:.]*:[0-9a-f:.]*%[^@/?#]*(?=[/?#]|$)/i;
const zone = "its address has a zone, which means something on one machine only";

const dollar = /\$(\$|[A-Za-z_][A-Za-z0-9_]*)/;

const named = /^\$[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * @returns the URL as it may be shown: what stands in a password's place is masked unless it is a name, and so is what
 * stands in a port's place and is no port, for it may be the password of a URL whose host was forgotten.
 */
function shown(text: string): string {
  const mask = (before: string, part: string, after: string) => `${before}${named.test(part) ? part : "***"}${after}`;
  return text
    .replace(/^([^/:]*:(?:\/\/[^:/]*:)?)(.*)(@)/s, (_, before, part, after) => mask(before, part, after))
    .replace(/^([^/:]*:\/\/[^:/@[]*:)(?!\d+(?:$|\/))([^/@]+)($|\/)/s, (_, before, part, after) =>
      mask(before, part, after),
    );
}

const isIpv6 = (text: string): boolean => text.includes(":") && URL.canParse(`http://[${text}]/`);

/** The place of host and port, where nothing but an IPv6 address and a port may stand. */
const bare = /^([a-z][a-z0-9+.-]*:\/\/(?:[^@/?#]*@)?)([0-9a-f:.]+)(?=[/?#]|$)/i;

/**
 * @returns the URL as it should be, where an IPv6 address stands in it without brackets: `tcp://[::1]:80` for `tcp://::1:80`,
 * which may be an address as a whole, but who writes a number behind a colon means a port. Undefined for all others.
 */
function bracketed(text: string): string | undefined {
  const [, , authority = ""] = bare.exec(text) ?? [];
  const [, address = "", port = ""] = /^(.*):(\d+)$/.exec(authority) ?? [];
  if (!isIpv6(authority) && !isIpv6(address)) return undefined;
  return text.replace(bare, (_, before) => before + (isIpv6(address) ? `[${address}]:${port}` : `[${authority}]`));
}

/**
 * Reads what to wait for from a URL: tcp, http, https, mysql, amqp, memcached, etcd, etcds, file.
 *
 * `$NAME` is filled in part by part, after the URL was taken apart, so that a password with `@` or `/` in it can not
 * change what the URL means. A password in the text itself is a warning: other users see it in the process list.
 *
 * @param parameter the value of a name, or undefined.
 */
export function probeFromUrl(text: string, parameter: (name: string) => string | undefined): Result<Target> {
  const proper = bracketed(text);
  // An address is no password, although it stands where one may.
  const url = proper === undefined ? shown(text) : shown(proper).replace(/\[(.*)\]/, "$1");
  const groups = shape.exec(text)?.groups;
  const malformed = (reason: string, example = "mysql://nova:$PASSWORD@db:3306/nova") =>
    failure([waitMessage("url-malformed", { url, reason, example })]);
  if (zoned.test(text)) {
    return malformed(zone, "http://[fd00::1]:5000/v3");
  }
  if (!groups) return malformed("it is no URL");
  const name = (groups.scheme ?? "").toLowerCase();
  const scheme = schemes[aliases[name] ?? name];
  if (!scheme) {
    const known = Object.keys(schemes);
    return failure([waitMessage("url-scheme-unknown", { url, scheme: name, known, near: nearest(name, known) })]);
  }
  if (proper !== undefined) return malformed("an IPv6 address needs brackets", shown(proper));
  const missing = new Set<string>();
  // Splitting by a pattern with one group leaves text and names in turn.
  const fill = (part = "", literal: (text: string) => string, value: (text: string) => string): string =>
    part
      .split(dollar)
      .map((piece, index) => {
        if (index % 2 === 0) return literal(piece);
        if (piece === "$") return "$";
        const found = parameter(piece);
        if (found === undefined) missing.add(piece);
        return value(found ?? "");
      })
      .join("");
  const same = (text: string): string => text;
  const decoded = (part: string | undefined): string | undefined =>
    part === undefined ? undefined : fill(part, decodeURIComponent, same);
  const encoded = (part: string | undefined): string => fill(part, same, encodeURIComponent);
  try {
    const port = groups.port === undefined ? undefined : fill(groups.port, same, same);
    const parts: Parts = {
      user: decoded(groups.user),
      password: decoded(groups.password),
      host: (decoded(groups.host) ?? "").replace(/^\[+(.*?)\]+$/, "$1"),
      port: port === undefined ? undefined : Number(port),
      path: encoded(groups.path),
      query: encoded(groups.query),
      fragment: groups.fragment ?? "",
    };
    if (missing.size > 0) {
      return failure([...missing].map((key): Diagnostic => waitMessage("url-parameter-missing", { url, name: key })));
    }
    if (port !== undefined && !(/^\d+$/.test(port) && Number(port) >= 1 && Number(port) <= 65535)) {
      return malformed("its port is not a number from 1 to 65535", scheme.example);
    }
    if (parts.host === "" && name !== "file") return malformed("it names no host", scheme.example);
    // What a name was filled with may be anything, and a host stands in further URLs: `db:3306`, `db/evil?x=1`, `a@b`.
    if (/^[0-9a-f:.]*:[0-9a-f:.]*%/i.test(parts.host)) return malformed(zone, scheme.example);
    if (parts.host.includes(":") && !isIpv6(parts.host)) {
      return malformed("its host is neither a name nor an address: does it hold a port?", scheme.example);
    }
    if (!/^[\w.~:%-]*$/.test(parts.host)) return malformed("its host is neither a name nor an address", scheme.example);
    const read = scheme.read(parts);
    if (typeof read === "string") return malformed(read, scheme.example);
    return success(read, url === text ? [] : [waitMessage("url-password-visible", { url })]);
  } catch (error) {
    if (error instanceof URIError)
      return malformed("a % in it is not followed by two hexadecimal digits", scheme.example);
    throw error;
  }
}
