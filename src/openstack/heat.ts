import { boolean, integer, list, port, secret, section, string } from "../schema/field.ts";
import { host, path } from "../schema/text.ts";
import {
  apiHealth,
  cache,
  database,
  deletedDays,
  identity,
  logging,
  messageQueue,
  notification,
  pageHealth,
  python,
  requestsEnd,
  rpcHealth,
  threads,
  wsgi,
} from "./blocks.ts";
import type { Account, FileRow, ImageRow, NeedRow, ServiceRow } from "./component.ts";
import { ports } from "./ports.ts";
import { upgradeCheck } from "./upgrade-steps.ts";

/** kolla's ids (kolla/common/users.py). */
const account: Account = { user: "heat", group: "heat", uid: 42418, gid: 42418 };

const configuration: FileRow = { template: "heat/heat.conf", path: "/etc/heat/heat.conf", dialect: "oslo" };
const configFile = ["--config-file", configuration.path] as const;

const needs = {
  database: { probe: "mysql", from: "database", schema: true },
  broker: { probe: "amqp", from: "message_queue" },
  cache: { probe: "memcached", from: "cache.members", optional: true },
  identity: { probe: "keystone", from: "identity" },
} as const satisfies Record<string, NeedRow>;

/** Where an API listens; heat's own names of the sections. */
const listens = (what: string, defaultPort: number) =>
  section(`Where the ${what} API listens.`, {
    address: host("Address.", { default: "0.0.0.0" }),
    port: port("Port.", { default: defaultPort }),
  });

/** Servers get this address, so guests must be able to reach it. */
const announced = (what: string, defaultPort: number) =>
  section(`Where guests find ${what}; left out, by the catalog.`, {
    host: host("Host name or address."),
    port: port("Port.", { default: defaultPort }),
  });

const api = (row: { name: string; bind: "api" | "api_cfn"; doc: string }): ServiceRow => {
  const uwsgi: FileRow = {
    template: `heat/heat-${row.name}-uwsgi.ini`,
    path: `/etc/heat/heat-${row.name}-uwsgi.ini`,
    dialect: "uwsgi",
  };
  const at = { host: `{bind.${row.bind}.address}`, port: `{bind.${row.bind}.port}` };
  return {
    kind: "service",
    doc: row.doc,
    run: [
      { until: "zed", command: [`/usr/bin/heat-${row.name}`, ...configFile] },
      { command: ["/usr/bin/uwsgi", "--ini", uwsgi.path], files: [uwsgi, wsgi("heat")] },
    ],
    needs: [needs.database, needs.broker, needs.cache, needs.identity],
    // api-cfn verifies a signature of requests, not a token.
    health: row.bind === "api" ? apiHealth(at, "/v1/none/stacks") : pageHealth(at, "/", [200, 300]),
    ports: { [row.name]: { port: `{bind.${row.bind}.port}` } },
    workload: { runs: "replicas", priority: "last", stop: requestsEnd },
  };
};

export const heatServer = {
  component: "heat",
  role: "server",
  account,
  environment: python,
  files: [configuration],
  schema: section("heat-server: orchestration.", {
    version: string("OpenStack release of the image."),
    enabled: boolean("Whether the role is in use.", { default: true }),
    debug: boolean("Log at debug level.", { default: false }),
    logging,
    region: string("Region that stacks are made in.", { default: { from: "identity.region" } }),
    workers: integer("Worker processes of each API and of the engine.", { default: 1, minimum: 1 }),
    threads: threads(" of an API: every call waits for the engine in one.", { since: "zed" }),
    bind: section("Where the APIs listen.", {
      api: listens("orchestration", ports.orchestration),
      api_cfn: listens("CloudFormation", ports.orchestration_cfn),
      api_cloudwatch: {
        ...listens("CloudWatch", ports.orchestration_cloudwatch),
        until: "queens",
      },
    }),
    database: database("heat", "heat"),
    message_queue: messageQueue,
    identity: identity("heat"),
    cache,
    notification,
    metadata: { ...announced("their metadata", ports.orchestration_cfn), optional: true },
    waitcondition: { ...announced("the addresses that end a wait", ports.orchestration_cfn), optional: true },
    watch: { ...announced("the CloudWatch API", ports.orchestration_cloudwatch), optional: true, until: "queens" },
    stack_domain_admin: section(
      "Who makes the users of stacks, in a domain of their own. Left out, stacks make them in the caller's project.",
      {
        name: string("The administrator's name.", { default: "heat_domain_admin" }),
        password: secret("The administrator's password."),
        domain: string("Name of the domain.", { default: "heat_user_domain" }),
      },
      { optional: true },
    ),
    auth_encryption_key: secret(
      "Key of the credentials and hidden parameters in the database. Left out it is heat's own, which everybody knows.",
      { optional: true, pattern: ["[\\x20-\\x7e]{32}", "32 ASCII characters: heat's cipher has a key of 32 bytes"] },
    ),
    endpoint_type: string("Which endpoints of the other services the engine calls.", {
      default: "internalURL",
      choices: ["publicURL", "internalURL", "adminURL"],
    }),
    deleted_days: deletedDays,
    dir: section("Directories.", {
      plugins: list("Directories of further resource types.", path("Directory."), { optional: true }),
    }),
  }),
  services: {
    api: api({ name: "api", bind: "api", doc: "The orchestration API." }),
    "api-cfn": api({ name: "api-cfn", bind: "api_cfn", doc: "The CloudFormation API, which guests call." }),
    "api-cloudwatch": {
      kind: "service",
      doc: "The CloudWatch API.",
      until: "queens",
      run: [{ command: ["/usr/bin/heat-api-cloudwatch", ...configFile] }],
      needs: [needs.database, needs.broker, needs.cache, needs.identity],
      health: {
        alive: [{ ask: "http", host: "{bind.api_cloudwatch.address}", port: "{bind.api_cloudwatch.port}", path: "/" }],
      },
      ports: { "api-cloudwatch": { port: "{bind.api_cloudwatch.port}" } },
      workload: { runs: "replicas", priority: "last" },
    },
    engine: {
      kind: "service",
      doc: "Makes what templates describe.",
      run: [{ command: ["/usr/bin/heat-engine", ...configFile] }],
      needs: [needs.database, needs.broker, needs.cache, needs.identity],
      health: rpcHealth("heat", "engine"),
      // At its end it removes its row from heat's list of engines, after its calls over the broker.
      workload: {
        runs: "replicas",
        catalog: ["compute", "image", "network", "volume", "orchestration"],
        stop: { seconds: 60 },
        priority: "last",
      },
    },
    "service-cleaner": {
      kind: "job",
      doc: "Removes rows of engines that are gone.",
      run: [{ command: ["/usr/bin/heat-manage", ...configFile, "service", "clean"] }],
      needs: [needs.database],
      since: "mitaka",
      workload: { runs: "one", schedule: "9-59/10 * * * *" },
    },
    "purge-deleted": {
      kind: "job",
      doc: "Removes the records of stacks that were deleted long ago.",
      run: [{ command: ["/usr/bin/heat-manage", ...configFile, "purge_deleted", "{deleted_days}"] }],
      // Without a lock: services would wait for its end.
      needs: [needs.database],
      workload: { runs: "one", schedule: "43 3 * * *" },
    },
    "upgrade-check": {
      ...upgradeCheck({ command: ["/usr/bin/heat-status", ...configFile, "upgrade", "check"] }),
      since: "stein",
    },
    "db-sync": {
      kind: "job",
      doc: "Schema of the database.",
      run: [{ command: ["/usr/bin/heat-manage", ...configFile, "db_sync"] }],
      needs: [{ ...needs.database, schema: false }],
      lock: "database",
      schemas: [{ from: "database" }],
      workload: { runs: "one", priority: "last" },
    },
  },
} satisfies ImageRow;
