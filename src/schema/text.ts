import { type StringField, string } from "./field.ts";

/**
 * Texts that files, commands and URLs are put together from. Free text would change what the whole means there (a host
 * `db/evil?x=1`, a path `--rotate`), so these fields say what they are, and every text is checked against that before it is
 * used. Each gives a pattern over the whole text; options of the field come behind it.
 */

type Options = Omit<StringField, "kind" | "doc" | "pattern">;
type Pattern = NonNullable<StringField["pattern"]>;

type Kind = {
  (doc: string): ReturnType<typeof string>;
  <const Given extends Options>(doc: string, given: Given): ReturnType<typeof string> & Given;
};

const kind = (...pattern: Pattern): Kind =>
  ((doc: string, given?: Options) => string(doc, { pattern, ...given })) as Kind;

// An address with its zone (RFC 4007, section 11). Groups are not counted: what listens or connects does that.
const ipv6 = String.raw`(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{0,4}|\d{1,3}(?:\.\d{1,3}){3})(?:%[\w.~-]+)?`;
// Underscores are in no host name of RFC 952, but in many of Docker's. 253 characters are the most that the DNS has.
const hostName = String.raw`\w[\w.-]{0,252}`;
const anyHost = String.raw`${hostName}|${ipv6}|\[${ipv6}\]`;
const hostWords = "a host name or an address, and nothing beside it";
const port = String.raw`\d{1,5}`;
// RFC 3986's characters of a path; `$` also for keystone's $(tenant_id)s.
const urlPath = String.raw`(?:/[\w.~!$&'()*+,;=:@%-]*)*`;

/** A host name, an IPv4 or an IPv6 address. */
export const host = kind(anyHost, hostWords);

const loopbackAddress = String.raw`localhost|127(?:\.\d{1,3}){3}|::1`;

/** @returns whether a host is this machine itself. */
export const isLoopback = (text: string): boolean => new RegExp(`^(?:${loopbackAddress})$`).test(text);

/** An address of this machine, for what nobody has to log in to: guests and other machines cannot reach it. */
export const loopback = kind(
  loopbackAddress,
  "an address of this machine only, such as 127.0.0.1, since there is no login",
);

/** The same as host, or `*` for all addresses. */
export const hostOrAll = kind(String.raw`\*|${anyHost}`, `${hostWords}, or *`);

/** A name that browsers may call a site by: a host, `.example.org` for all below a domain, `*` for any. */
export const hostPattern = kind(
  String.raw`\*|\.?${hostName}|${ipv6}|\[${ipv6}\]`,
  "a host name or an address, a domain behind a dot, or *",
);

/** A domain of the DNS; one that may be empty says so. */
export const domainName = kind(hostName, "a domain name: letters, digits, hyphens and dots");

export const wordPattern: Pattern = [
  String.raw`\w[\w.-]{0,254}`,
  "one word of letters, digits, _ . and -, that begins with none of . and -",
];
/** One word: letters, digits, `_`, `-` and `.`, no option of a command. */
export const word = kind(...wordPattern);

/** A name of a database: what MariaDB takes without a thought, and every reader of a URL leaves as it is. */
export const databaseName = kind(String.raw`[\w-]{1,64}`, "a name of up to 64 letters, digits, _ and -");

/**
 * An account of MariaDB. It keeps names in utf8mb3 with 128 characters and no blank at the end, and ends its init file at
 * one that does not fit; a login's name loses quotes around it (sql/sql_acl.cc, parse_client_handshake_packet).
 */
export const databaseUser = kind(
  String.raw`(?!'.*'$|.* $)[^\p{Cc}\u{10000}-\u{10FFFF}]{1,128}`,
  "a name of up to 128 characters, without quotes around it, a blank at its end, emoji and control characters",
);

/** An absolute path. */
export const path = kind(String.raw`/[^\0-\x1f\x7f]*`, "an absolute path");

/** The path of a URL, such as `/v2.1`: empty, or from its slash on. */
export const pathOfUrl = kind(urlPath, "the path of a URL, that begins with / and holds no blank, ? or #");

/** A URL that is gone on from: no user, no query. */
export const baseUrl = kind(
  String.raw`https?://(?:[\w.~$-]+|\[${ipv6}\])(?::${port})?${urlPath}`,
  "a URL such as https://cloud.example.org:6080, without user and query",
);

/** A connection of Open vSwitch's database. */
export const ovsdbConnection = kind(
  String.raw`(?:tcp|ssl):(?:${hostName}|\[${ipv6}\]):${port}|unix:/[^\0-\x20\x7f]+`,
  "tcp:HOST:PORT, ssl:HOST:PORT or unix:PATH",
);

/** A connection URI of libvirt (https://libvirt.org/uri.html): a driver, a transport, a server or a file, parameters. */
export const libvirtUri = kind(
  String.raw`[a-z]+(?:\+[a-z\d]+)?://(?:[\w.-]+@)?(?:[\w.~-]+|\[${ipv6}\])?(?::${port})?${urlPath}(?:\?[\w.~/=&;%+:-]*)?`,
  "a URI such as qemu:///system or qemu+unix:///system?socket=/run/libvirt/libvirt-sock",
);

export const uuid = kind("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "a UUID");
