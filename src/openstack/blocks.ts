import { boolean, type Field, integer, list, port, secret, section, string } from "../schema/field.ts";
import { databaseName, databaseUser, host, path } from "../schema/text.ts";
import type { FileRow, HealthRow } from "./component.ts";
import { ports } from "./ports.ts";
import type { ReleaseRange } from "./releases.ts";

/** Blocks that several roles share (source: the salt formulas' common pillar, 2016, updated). */

/**
 * PyMySQL sends a password in Latin-1 (pymysql/connections.py). MariaDB keeps the hash of its UTF-8 form. If the two encode a letter
 * differently, every login ends with error 1045.
 */
export const databasePassword = [
  "[\\x20-\\x7e]+",
  "a text of printable ASCII characters, in one line: PyMySQL, by which the service logs in, cannot send others as MariaDB keeps them",
] as const;

export const database = (name: string, user: string) =>
  section("The service's own database.", {
    engine: string("Database engine.", { default: "mysql", choices: ["mysql"] }),
    host: host("Host name or address of the database server."),
    port: port("Port of the database server.", { default: ports.database }),
    name: databaseName("Name of the database.", { default: name }),
    user: databaseUser("Database user.", { default: user }),
    password: secret("Password of the database user.", { pattern: databasePassword }),
  });

export const member = (what: string, defaultPort: number) =>
  section(`One ${what}.`, {
    host: host("Host name or address."),
    port: port("Port.", { default: defaultPort }),
  });

/**
 * oslo.messaging builds kombu's URL from user and password and does not quote a slash, so the password would end there
 * (oslo_messaging/_drivers/impl_rabbit.py, _parse_url_broker: urllib's quote). It does not quote a virtual host at all.
 */
export const brokerLogin = [
  "[^/]+",
  "a text without a slash, in one line: oslo.messaging, by which services log in, takes none",
] as const;
const virtualHost = [
  "[^%?#]+",
  "a name without %, ? and #: oslo.messaging, by which services log in, takes none",
] as const;

export const messageQueue = section(
  "The message broker (RabbitMQ): either `host` and `port`, or `members`.",
  {
    engine: string("Message broker.", { default: "rabbitmq", choices: ["rabbitmq"] }),
    host: host("Host name or address of the broker.", { optional: true }),
    port: port("Port of the broker.", { default: ports.message_queue }),
    members: list("The brokers of a cluster, in place of `host`.", member("broker", ports.message_queue), {
      optional: true,
    }),
    user: string("User at the broker.", { default: "openstack", pattern: brokerLogin }),
    password: secret("Password at the broker.", { pattern: brokerLogin }),
    virtual_host: string("Virtual host.", { default: "/openstack", pattern: virtualHost }),
    ha_queues: boolean("Mirrored queues, for RabbitMQ 3 with classic queues.", { default: false }),
    quorum_queues: boolean("Quorum queues, for RabbitMQ 4.", {
      default: {
        byRelease: [
          ["kilo", false],
          ["2025.1", true],
        ],
      },
      since: "2023.1",
    }),
  },
  { optional: true, exactlyOne: [["host", "members"]] },
);

export const identity = (user: string) =>
  section(
    "Where keystone is, and as whom the service authenticates there.",
    {
      engine: string("Identity service.", { default: "keystone", choices: ["keystone"] }),
      region: string("Region.", { default: "RegionOne" }),
      protocol: string("Protocol of keystone's endpoint.", { default: "http", choices: ["http", "https"] }),
      host: host("Host name or address of keystone."),
      port: port("Port of keystone: the admin port as long as there is one, then the only one.", {
        default: {
          byRelease: [
            ["kilo", ports.identity_admin],
            ["stein", ports.identity],
          ],
        },
      }),
      public_port: port("Port of keystone's public API.", { default: ports.identity }),
      version: string("Version of the identity API.", {
        default: {
          byRelease: [
            ["kilo", "2"],
            ["newton", "3"],
          ],
        },
        choices: ["2", "3"],
      }),
      user: string("The service's user.", { default: user }),
      password: secret("Password of the service's user.", { optional: true }),
      tenant: string("The service's project.", { default: "service" }),
      domain: string("Domain (its id) of user and project.", { default: "default" }),
      application_credential: section(
        "An application credential in place of user and password.",
        { id: string("Id of the application credential."), secret: secret("Secret of the application credential.") },
        { optional: true, since: "queens" },
      ),
    },
    { exactlyOne: [["password", "application_credential"]] },
  );

export const cache = section(
  "The memcached servers.",
  {
    engine: string("Cache.", { default: "memcached", choices: ["memcached"] }),
    members: list("The servers.", member("memcached server", ports.memcached)),
  },
  { optional: true },
);

/** The same of a component that uses it for tokens only, until its APIs keep these themselves (config-templates/shared/wsgi.py). */
export const cacheUntil = (until: string) => ({ ...cache, until });

export const logging = section("Logging. Services log to standard error; there are no log files.", {
  debug: boolean("Log at debug level.", { default: { from: "debug" } }),
});

export const notification = section(
  "Notifications to other services.",
  {
    driver: string("Driver.", { default: "messagingv2" }),
    topics: list("Topics.", string("Topic."), { default: ["notifications"] }),
    notify_on: string("When nova notifies of instances.", {
      optional: true,
      choices: ["vm_state", "vm_and_task_state"],
    }),
  },
  { optional: true },
);

export const audit = section(
  "CADF audit middleware.",
  {
    enabled: boolean("Whether it is on.", { default: false }),
    filter_factory: string("Paste filter factory.", { default: "keystonemiddleware.audit:filter_factory" }),
    map_file: path("Audit map.", { optional: true }),
  },
  { optional: true },
);

export const deletedDays = integer(
  "Days that the records of what was deleted stay in the database, until the job purge-deleted removes them.",
  { default: 30, minimum: 1 },
);

/**
 * Seconds from SIGTERM to SIGKILL of an API. It answers the running requests first (config-templates/shared/uwsgi.ini), and a request
 * that waits for a hypervisor can take long.
 */
export const requestsEnd = { seconds: 30 } as const;

/** A program that takes a date, so many days ago, in its own format (date(1)). Its words contain no secret. */
export const before = (days: string, form: string, words: readonly string[], last = ""): readonly string[] => [
  "/bin/sh",
  "-ec",
  `before=$(date --utc --date "-$1 days" +${form}); shift; "$@" "$before"${last}`,
  "sh",
  days,
  ...words,
];

/** Where uWSGI's master reports what its workers do (config-templates/shared/uwsgi.ini). */
const workers = "/tmp/uwsgi-stats.sock";

/** The first release whose oslo.messaging servers answer pings (`rpc_ping` in features.ts). */
const pinged = "zed";

/** What a uWSGI worker serves (config-templates/shared/wsgi.py), in its component's directory below /etc. */
export const wsgi = (directory: string): FileRow => ({
  template: "shared/wsgi.py",
  path: `/etc/${directory}/wsgi.py`,
  dialect: "text",
});

/**
 * Threads of a uWSGI worker. A call occupies one while it waits for another service: for a minute if that is down
 * ([DEFAULT] rpc_response_timeout). Other calls do not wait as long as a thread is free. 128 of nova-api cost 9 MiB beside the
 * 128 MiB of its process, so there are many (docs/decisions/0037).
 */
export const threads = (doc: string, range: ReleaseRange = {}, count = 32): Field =>
  integer(`Threads of each worker${doc}`, { default: count, minimum: 1, ...range });

type Listening = { readonly host: string; readonly port: string };

/**
 * An API: whether it answers by itself, and whether it rejects a token at `protectedPath`. For that it must ask keystone
 * as its own user.
 */
export const apiHealth = (at: Listening, protectedPath: string, path = "/"): HealthRow => ({
  alive: [{ ask: "http", ...at, path, workers }],
  ready: [{ ask: "http", ...at, path: protectedPath, expect: [401], token: true }],
  page: { port: at.port, path },
});

/** A page that needs no login. */
export const pageHealth = (at: Listening, path: string, expect: readonly number[]): HealthRow => ({
  alive: [{ ask: "http", ...at, path, workers }],
  ready: [{ ask: "http", ...at, path, expect }],
  page: { port: at.port, path },
});

/** A server of oslo.messaging, checked by a call, or by its connection in releases that do not answer pings. */
export const rpcHealth = (
  exchange: string,
  topic: string,
  more: { server?: string; each?: string } = {},
): HealthRow => ({
  alive: [
    { ask: "rpc", from: "message_queue", exchange, topic, ...more, since: pinged },
    { ask: "connected", from: "message_queue", until: pinged },
  ],
});

/** A process without an interface for checks: it keeps a connection to its dependency. */
export const connectedHealth = (from: string): HealthRow => ({ alive: [{ ask: "connected", from }] });

/**
 * Environment of the services that are Python.
 *
 * LC_ALL: uWSGI starts Python without its UTF-8 mode (PEP 540), and a container's default locale is C. The service then ends at the
 * first letter of its configuration that is not ASCII (UnicodeDecodeError).
 *
 * EVENTLET_NO_GREENDNS: the C library resolves names, not eventlet's own resolver, which caches an address as long as the name server
 * allows. Docker's name server allows 600 s, during which a database that returned with another address is not found
 * (EHOSTUNREACH). cinder sets the variable itself for that reason.
 */
export const python = { LC_ALL: "C.UTF-8", EVENTLET_NO_GREENDNS: "yes" } as const;
