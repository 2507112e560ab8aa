import { boolean, integer, port, section, string } from "../schema/field.ts";
import { host, path, word } from "../schema/text.ts";
import {
  apiHealth,
  cacheUntil,
  database,
  deletedDays,
  identity,
  logging,
  messageQueue,
  notification,
  python,
  requestsEnd,
  threads,
  wsgi,
} from "./blocks.ts";
import type { Account, CommandRow, FileRow, ImageRow, NeedRow } from "./component.ts";
import { ports } from "./ports.ts";
import { upgradeCheck, upgradeStep } from "./upgrade-steps.ts";

/** kolla's ids (kolla/common/users.py), so that images stored by kolla's containers stay readable. */
const account: Account = { user: "glance", group: "glance", uid: 42415, gid: 42415 };

const configuration: FileRow = {
  template: "glance/glance-api.conf",
  path: "/etc/glance/glance-api.conf",
  dialect: "oslo",
};
const configFile = ["--config-file", configuration.path] as const;

const uwsgi: FileRow = {
  template: "glance/glance-api-uwsgi.ini",
  path: "/etc/glance/glance-api-uwsgi.ini",
  dialect: "uwsgi",
};
const registry: FileRow = {
  template: "glance/glance-registry.conf",
  path: "/etc/glance/glance-registry.conf",
  dialect: "oslo",
};

const manage = (...words: readonly string[]): CommandRow => ({
  command: ["/usr/bin/glance-manage", ...configFile, ...words],
  files: [configuration],
});

const needs = {
  database: { probe: "mysql", from: "database", schema: true },
  // glance uses a broker only to report events of images.
  broker: { probe: "amqp", from: "message_queue", optional: true, where: { setting: "notification" } },
  cache: { probe: "memcached", from: "cache.members", optional: true },
  identity: { probe: "keystone", from: "identity" },
} as const satisfies Record<string, NeedRow>;

export const glanceServer = {
  component: "glance",
  role: "server",
  account,
  environment: python,
  files: [],
  schema: section("glance-server: images of virtual machines.", {
    version: string("OpenStack release of the image."),
    enabled: boolean("Whether the role is in use.", { default: true }),
    debug: boolean("Log at debug level.", { default: false }),
    logging,
    workers: integer("Worker processes.", { default: 1, minimum: 1 }),
    threads: threads(": so many images come and go at a time.", { since: "zed" }),
    bind: section("Where the API listens.", {
      address: host("Address.", { default: "0.0.0.0" }),
      port: port("Port.", { default: ports.image }),
    }),
    registry: section(
      "The registry, by which the API reached the database.",
      {
        host: host("Host name or address of the registry.", { default: "127.0.0.1" }),
        port: port("Port of the registry.", { default: ports.image_registry }),
      },
      { until: "ussuri" },
    ),
    database: database("glance", "glance"),
    identity: identity("glance"),
    cache: cacheUntil("zed"),
    message_queue: messageQueue,
    notification,
    storage: section("Where images are kept.", {
      engine: string("Kind of store.", { default: "file", choices: ["file", "rbd"] }),
      path: path("Directory of a file store's images; what is being uploaded and imported is beside it.", {
        default: "/var/lib/glance/images",
      }),
      pool: word("Ceph: pool.", { default: "images" }),
      user: word("Ceph: user.", { default: "glance" }),
      chunk_size: integer("Ceph: size of an image's objects, MiB.", { default: 8, minimum: 1 }),
      import_path: path("Directory for what is being imported, since stores are several.", {
        default: "/var/lib/glance",
        since: "train",
      }),
    }),
    deleted_days: deletedDays,
    show_image_direct_url: boolean("Whether users may see where an image is stored.", { default: false }),
  }),
  services: {
    api: {
      kind: "service",
      doc: "The image API.",
      run: [
        { until: "zed", command: ["/usr/bin/glance-api", ...configFile], files: [configuration] },
        { command: ["/usr/bin/uwsgi", "--ini", uwsgi.path], files: [configuration, uwsgi, wsgi("glance")] },
      ],
      needs: [needs.database, needs.cache, needs.broker, needs.identity],
      health: apiHealth({ host: "{bind.address}", port: "{bind.port}" }, "/v2/images"),
      ports: { api: { port: "{bind.port}" } },
      workload: {
        name: "glance-server",
        runs: "replicas",
        stop: requestsEnd,
        keeps: [
          {
            of: "shared",
            volume: "images",
            path: "/var/lib/glance",
            writes: true,
            fills: true,
            holds: [".", "images", "staging", "tasks"].map((path) => ({ path, mode: 0o750 })),
          },
        ],
      },
    },
    registry: {
      kind: "service",
      doc: "Between the API and the database.",
      until: "ussuri",
      run: [{ command: ["/usr/bin/glance-registry", "--config-file", registry.path], files: [registry] }],
      needs: [needs.database, needs.cache, needs.broker, needs.identity],
      health: { alive: [{ ask: "http", host: "{bind.address}", port: "{registry.port}", path: "/" }] },
      ports: { registry: { port: "{registry.port}" } },
      // The API expects it at its own address.
      workload: { runs: "replicas" },
    },
    "purge-deleted": {
      kind: "job",
      doc: "Removes what belonged to images that were deleted long ago.",
      // Not their ids (purge_images_table): somebody could take a free id for an image of their own, to which servers and
      // snapshots would then refer (OSSN-0075). --max_rows -1 means all.
      run: [manage("db", "purge", "--age_in_days", "{deleted_days}", "--max_rows", "-1")],
      since: "queens",
      // Without a lock: services would wait for its end.
      needs: [needs.database],
      workload: { runs: "one", schedule: "33 3 * * *" },
    },
    "db-sync": {
      kind: "job",
      doc: "Schema of the database.",
      run: [manage("db_sync")],
      needs: [{ probe: "mysql", from: "database", schema: false }],
      lock: "database",
      schemas: [{ from: "database" }],
      workload: { runs: "one" },
    },
    "db-expand": {
      ...upgradeStep(
        "What the schema of this release adds, while services of the release before run.",
        manage("db", "expand"),
      ),
      since: "pike",
    },
    "db-migrate": {
      ...upgradeStep(
        "Moves data to the new schema, while services of the release before run.",
        manage("db", "migrate"),
      ),
      since: "pike",
    },
    "db-contract": {
      ...upgradeStep(
        "Takes away what only the release before needed: none of its services may run any more.",
        manage("db", "contract"),
      ),
      since: "pike",
    },
    "upgrade-check": {
      ...upgradeCheck({
        command: ["/usr/bin/glance-status", ...configFile, "upgrade", "check"],
        files: [configuration],
      }),
      since: "stein",
    },
  },
} satisfies ImageRow;
