import { boolean, integer, list, map, port, secret, section, string } from "../schema/field.ts";
import { host, path, pathOfUrl, word } from "../schema/text.ts";
import {
  before,
  cache,
  database,
  deletedDays,
  logging,
  messageQueue,
  notification,
  pageHealth,
  python,
  requestsEnd,
  threads,
  wsgi,
} from "./blocks.ts";
import type { Account, FileRow, ImageRow, NeedRow } from "./component.ts";
import { ports } from "./ports.ts";
import { upgradeStep } from "./upgrade-steps.ts";
import type { KeptRow } from "./workload.ts";

/** kolla's ids (kolla/common/users.py), so that key repositories written by kolla's containers stay readable. */
const account: Account = { user: "keystone", group: "keystone", uid: 42425, gid: 42425 };

const configuration: FileRow = {
  template: "keystone/keystone.conf",
  path: "/etc/keystone/keystone.conf",
  dialect: "oslo",
};
const uwsgi: FileRow = {
  template: "keystone/keystone-uwsgi.ini",
  path: "/etc/keystone/keystone-uwsgi.ini",
  dialect: "uwsgi",
};

const catalog: FileRow = { template: "keystone/catalog.json", path: "/etc/keystone/catalog.json", dialect: "json" };

const manage = (...words: string[]): readonly string[] => [
  "/usr/bin/keystone-manage",
  "--config-file",
  "/etc/keystone/keystone.conf",
  ...words,
];

const databaseReady: NeedRow = { probe: "mysql", from: "database", schema: false };
const schemaReady: NeedRow = { probe: "mysql", from: "database", schema: true };
const cacheReady: NeedRow = { probe: "memcached", from: "cache.members", optional: true };
/** If it stores tokens, no token works without it. */
const tokensReady: NeedRow = {
  probe: "memcached",
  from: "cache.members",
  where: { setting: "tokens.engine", is: "cache" },
  until: "rocky",
};
const holdingKeys = { holds: [{ path: ".", mode: 0o700 }] } as const;
type KeyDirectory = { readonly writes?: true; readonly fills?: true };
const keyDirectories = (fernet: KeyDirectory = {}, credential: KeyDirectory = fernet): readonly KeptRow[] => [
  {
    of: "shared",
    volume: "fernet-keys",
    path: "/var/lib/keystone/fernet-keys",
    secret: "keystone-fernet-keys",
    ...holdingKeys,
    ...fernet,
  },
  {
    of: "shared",
    volume: "credential-keys",
    path: "/var/lib/keystone/credential-keys",
    secret: "keystone-credential-keys",
    since: "newton",
    ...holdingKeys,
    ...credential,
  },
];
/** The one that `plinth keys` makes last. */
const keysReady: NeedRow = { probe: "file", path: "{tokens.location}/0" };

const endpoint = (what: string) => ({
  [`${what}_address`]: host(`Host of the ${what} endpoint.`, { optional: true }),
  [`${what}_port`]: port(`Port of the ${what} endpoint.`, { optional: true }),
  [`${what}_protocol`]: string(`Protocol of the ${what} endpoint.`, { default: "http", choices: ["http", "https"] }),
  [`${what}_path`]: pathOfUrl(`Path of the ${what} endpoint; $$(tenant_id)s stands for the project.`, {
    default: "",
    empty: true,
  }),
});

export const keystoneServer = {
  component: "keystone",
  role: "server",
  account,
  environment: python,
  files: [configuration],
  schema: section("keystone-server: the identity service.", {
    version: string("OpenStack release of the image."),
    enabled: boolean("Whether the role is in use.", { default: true }),
    debug: boolean("Log at debug level.", { default: false }),
    logging,
    region: string("Region.", { default: "RegionOne" }),
    service_name: string("What runs keystone.", { default: "keystone", choices: ["keystone", "apache2"] }),
    service_token: secret("admin_token, for bootstrapping where there is no `bootstrap` job.", { optional: true }),
    service_tenant: string("Project of the services.", { default: "service" }),
    admin_tenant: string("The administrator's project.", { default: "admin" }),
    admin_name: string("The administrator's name.", { default: "admin" }),
    admin_password: secret("The administrator's password.", { optional: true }),
    admin_email: string("The administrator's address.", { optional: true }),
    api_version: string("Version of the identity API.", { default: "3", choices: ["2", "3"] }),
    workers: integer("Worker processes.", { default: 1, minimum: 1 }),
    // A login takes a third of a second of a processor: more at a time only delay each.
    threads: threads(".", {}, 8),
    bind: section("Addresses and ports.", {
      address: host("Address keystone listens on.", { default: "0.0.0.0" }),
      private_address: host("Host of the internal and admin endpoints.", { default: "localhost" }),
      private_port: port("Port of the admin API while it has its own, then of the internal endpoint.", {
        default: {
          byRelease: [
            ["kilo", ports.identity_admin],
            ["stein", ports.identity],
          ],
        },
      }),
      public_address: host("Host of the public endpoint.", { default: { from: "bind.private_address" } }),
      public_port: port("Port of the public API.", { default: ports.identity }),
      protocol: string("Protocol of the endpoints.", { default: "http", choices: ["http", "https"] }),
    }),
    administrator: section("As whom, and where, the catalog is made.", {
      protocol: string("Protocol.", { default: { from: "bind.protocol" }, choices: ["http", "https"] }),
      host: host("Host of keystone.", { default: { from: "bind.private_address" } }),
      port: port("Port of keystone.", { default: { from: "bind.private_port" } }),
      user: string("User.", { default: { from: "admin_name" } }),
      password: secret("Password.", { default: { from: "admin_password" }, optional: true }),
      tenant: string("Project.", { default: { from: "admin_tenant" } }),
      domain: string("Domain (its id) of both, and of what is made.", { default: "default" }),
    }),
    database: database("keystone", "keystone"),
    message_queue: messageQueue,
    cache,
    notification,
    notification_format: string("Format of notifications.", { default: "basic", choices: ["basic", "cadf"] }),
    tokens: section("Tokens.", {
      engine: string("Token provider. Releases since rocky have fernet only.", {
        default: "fernet",
        choices: ["fernet", "database", "cache"],
      }),
      expiration: integer("Seconds a token lives.", { default: 43200, minimum: 1 }),
      location: path("Directory of the fernet keys.", { default: "/var/lib/keystone/fernet-keys" }),
      max_active_keys: integer("Fernet keys kept.", { default: 3, minimum: 1 }),
    }),
    deleted_days: deletedDays,
    credential: section(
      "Keys that encrypt credentials at rest.",
      { location: path("Directory of the keys.", { default: "/var/lib/keystone/credential-keys" }) },
      { since: "newton" },
    ),
    backend: string("Where users are.", { default: "sql", choices: ["sql", "ldap"] }),
    assignment_backend: string("Where roles are.", { default: "sql", choices: ["sql"] }),
    ldap: section(
      "LDAP, for `backend: ldap`.",
      {
        url: string("URL of the server."),
        uid: string("DN that keystone binds as.", { optional: true }),
        password: secret("Its password.", { optional: true }),
        suffix: string("Base DN."),
        read_only: boolean("Never write.", { default: true }),
      },
      { optional: true },
    ),
    domain: map(
      "Further domains.",
      section("A domain.", {
        description: string("Description.", { default: "", empty: true }),
        backend: string("Where its users are.", { default: "sql", choices: ["sql", "ldap"] }),
        administrator: section(
          "A user of the domain with the admin role on it, such as heat's for its stacks' users.",
          { name: string("Name."), password: secret("Password.") },
          { optional: true },
        ),
      }),
    ),
    roles: list("Roles.", string("Role."), { default: ["admin", "Member"] }),
    service: map(
      "The catalog.",
      section("A service.", {
        type: string("Type in the catalog."),
        description: string("Description.", { default: "", empty: true }),
        user: section(
          "The service's user.",
          {
            name: string("Name."),
            password: secret("Password."),
            roles: list("Its roles in the services' project.", string("Role."), { default: ["admin", "service"] }),
          },
          { optional: true },
        ),
        bind: section("Endpoints.", { ...endpoint("public"), ...endpoint("internal"), ...endpoint("admin") }),
      }),
    ),
    tenant: map(
      "Projects.",
      section("A project.", { description: string("Description.", { default: "", empty: true }) }),
    ),
    websso: section(
      "Web single sign-on.",
      {
        protocol: word("Federation protocol.", { default: "saml2" }),
        remote_id_attribute: string("Attribute with the identity provider.", { optional: true }),
        trusted_dashboard: list("Dashboards that may ask.", string("URL.")),
      },
      { optional: true, since: "liberty" },
    ),
  }),
  services: {
    server: {
      kind: "service",
      doc: "The identity API.",
      run: [
        { until: "mitaka", command: ["/usr/bin/keystone-all", "--config-file", "/etc/keystone/keystone.conf"] },
        { command: ["/usr/bin/uwsgi", "--ini", "/etc/keystone/keystone-uwsgi.ini"], files: [uwsgi, wsgi("keystone")] },
      ],
      needs: [schemaReady, cacheReady, tokensReady, keysReady],
      health: pageHealth({ host: "{bind.address}", port: "{bind.public_port}" }, "/v3", [200]),
      ports: {
        public: { port: "{bind.public_port}" },
        // Version 2 of its API manages users and projects there, from any address.
        admin: { port: "{bind.private_port}", until: "mitaka" },
      },
      workload: { runs: "replicas", keeps: keyDirectories(), priority: "first", stop: requestsEnd },
    },
    "db-sync": {
      kind: "job",
      doc: "Schema of the database.",
      run: [{ command: manage("db_sync") }],
      needs: [databaseReady],
      lock: "database",
      schemas: [{ from: "database" }],
      workload: { runs: "one", priority: "first" },
    },
    "db-expand": {
      ...upgradeStep("What the schema of this release adds, while services of the release before run.", {
        command: manage("db_sync", "--expand"),
      }),
      since: "newton",
    },
    "db-contract": {
      ...upgradeStep("Takes away what only the release before needed: none of its services may run any more.", {
        command: manage("db_sync", "--contract"),
      }),
      since: "newton",
    },
    // No upgrade-check: keystone-status loads its back ends before it reads its configuration, and so ends where keys are not in
    // /etc/keystone/fernet-keys (keystone/cmd/status.py).
    keys: {
      kind: "job",
      doc: "The first fernet keys, and keys for credentials, where there are none yet.",
      run: [
        { until: "newton", command: ["/opt/plinth/bin/plinth", "keys", "{tokens.location}"] },
        { command: ["/opt/plinth/bin/plinth", "keys", "{tokens.location}", "{credential.location}"] },
      ],
      needs: [],
      workload: { runs: "one", keeps: keyDirectories({ writes: true, fills: true }), priority: "first" },
    },
    bootstrap: {
      kind: "job",
      doc: "The administrator, the admin role and the identity endpoints; harmless when repeated.",
      since: "mitaka",
      run: [{ command: manage("bootstrap") }],
      // In the environment, where keystone-manage reads them, too: everyone can read an argument vector.
      environment: {
        OS_BOOTSTRAP_USERNAME: "{admin_name}",
        OS_BOOTSTRAP_PASSWORD: "{admin_password}",
        OS_BOOTSTRAP_PROJECT_NAME: "{admin_tenant}",
        OS_BOOTSTRAP_ROLE_NAME: "admin",
        OS_BOOTSTRAP_SERVICE_NAME: "keystone",
        OS_BOOTSTRAP_REGION_ID: "{region}",
        OS_BOOTSTRAP_PUBLIC_URL: "{bind.protocol}://{[bind.public_address]}:{bind.public_port}/v3",
        OS_BOOTSTRAP_INTERNAL_URL: "{bind.protocol}://{[bind.private_address]}:{bind.private_port}/v3",
        OS_BOOTSTRAP_ADMIN_URL: "{bind.protocol}://{[bind.private_address]}:{bind.private_port}/v3",
      },
      needs: [schemaReady, keysReady],
      lock: "database",
      workload: { runs: "one", keeps: keyDirectories(), makes: "administrator", priority: "first" },
    },
    "fernet-rotate": {
      kind: "job",
      doc: "A new primary fernet key; the oldest goes, unless its tokens are valid still.",
      run: [
        {
          command: [
            ...["/opt/plinth/bin/plinth", "keys", "--rotate", "--keep", "{tokens.max_active_keys}"],
            ...["--lifetime", "{tokens.expiration}", "--secret", "keystone-fernet-keys", "{tokens.location}"],
          ],
        },
      ],
      needs: [databaseReady, keysReady],
      lock: "database",
      // A key signs for a week and is accepted for two more (max_active_keys), far longer than a token lives.
      workload: { runs: "one", schedule: "53 2 * * 0", keeps: keyDirectories({ writes: true }, {}) },
    },
    "purge-deleted": {
      kind: "job",
      doc: "Removes trusts that have expired, or were deleted, long ago.",
      since: "newton",
      run: [{ command: before("{deleted_days}", "%d-%m-%Y", [...manage("trust_flush"), "--date"]) }],
      // Without a lock: services would wait for its end.
      needs: [schemaReady],
      workload: { runs: "one", schedule: "53 3 * * *" },
    },
    "credential-rotate": {
      kind: "job",
      doc: "A new primary key for credentials, and all credentials encrypted with it.",
      since: "newton",
      run: [
        {
          command: [
            "/bin/sh",
            "-ec",
            // plinth's own rotation, since a Secret cannot be changed by its files. An hour: by then no keystone encrypts with a key
            // that is primary no more, so that what was migrated just now is all that the oldest key has encrypted.
            `keystone-manage --config-file /etc/keystone/keystone.conf credential_migrate
exec /opt/plinth/bin/plinth keys --rotate --keep 3 --lifetime 3600 --secret keystone-credential-keys "$1"`,
            "sh",
            "{credential.location}",
          ],
        },
      ],
      needs: [schemaReady, keysReady],
      lock: "database",
      workload: { runs: "one", byHand: true, keeps: keyDirectories({}, { writes: true }) },
    },
    catalog: {
      kind: "job",
      doc: "Roles, projects, users, services and endpoints as the pillar has them; harmless when repeated.",
      since: "mitaka",
      run: [{ command: ["/opt/plinth/bin/plinth", "catalog", catalog.path], files: [catalog] }],
      needs: [schemaReady, { probe: "keystone", from: "administrator", made: "administrator" }],
      lock: "database",
      workload: { runs: "one", makes: "users", priority: "first" },
    },
  },
} satisfies ImageRow;
