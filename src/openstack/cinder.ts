import { boolean, integer, map, port, section, string } from "../schema/field.ts";
import { host, path, uuid, word, wordPattern } from "../schema/text.ts";
import { cinder } from "./accounts.ts";
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
  rpcHealth,
  threads,
  wsgi,
} from "./blocks.ts";
import type { CommandRow, FileRow, HealthRow, ImageRow, NeedRow, ServiceRow } from "./component.ts";
import { volumesDirectory } from "./hypervisor.ts";
import { ports } from "./ports.ts";
import { upgradeCheck } from "./upgrade-steps.ts";

const account = cinder;

const configuration: FileRow = { template: "cinder/cinder.conf", path: "/etc/cinder/cinder.conf", dialect: "oslo" };
const uwsgi: FileRow = {
  template: "cinder/cinder-api-uwsgi.ini",
  path: "/etc/cinder/cinder-api-uwsgi.ini",
  dialect: "uwsgi",
};
const configFile = ["--config-file", configuration.path] as const;

const shared = {
  version: string("OpenStack release of the image."),
  enabled: boolean("Whether the role is in use.", { default: true }),
  debug: boolean("Log at debug level.", { default: false }),
  logging,
  database: database("cinder", "cinder"),
  message_queue: messageQueue,
  identity: identity("cinder"),
  cache: cacheUntil("zed"),
  notification,
  glance: section(
    "glance. Left out, newer releases find it in the catalog.",
    {
      host: host("Host name or address of glance's API."),
      port: port("Port of glance's API.", { default: ports.image }),
    },
    { optional: true },
  ),
  availability_zone_fallback: boolean("A volume asked for in an unknown zone is made in the default one.", {
    default: true,
    since: "liberty",
  }),
  wipe_method: string("What happens to the blocks of a deleted LVM volume.", {
    default: "none",
    choices: ["none", "zero"],
  }),
  backend: map(
    "The back ends, by name. Only cinder-volume has a use for them.",
    section("A back end.", {
      engine: string(
        "`file` keeps volumes as files in a directory that hypervisors share (from zed on), `lvm` exports logical volumes " +
          "by iSCSI, `ceph` has them in RADOS.",
        { choices: ["file", "lvm", "ceph"] },
      ),
      type_name: string("Name that volume types choose back ends by (volume_backend_name); left out, the engine's.", {
        optional: true,
      }),
      path: path("file: the directory, the same in the containers of cinder-volume, nova-compute and libvirt.", {
        default: "/var/lib/cinder/volumes",
      }),
      volume_group: string("lvm: volume group.", {
        default: "cinder-volumes",
        // lvm(8), "Valid names".
        pattern: ["[\\w+.][\\w+.-]*", "a volume group's name: letters, digits, + _ . and -"],
      }),
      target_helper: string("lvm: what exports volumes.", { default: "tgtadm", choices: ["tgtadm", "lioadm"] }),
      pool: word("ceph: pool.", { default: "volumes" }),
      user: word("ceph: user. Its key is in /etc/ceph.", { default: "cinder" }),
      secret_uuid: uuid("ceph: libvirt's secret with that key.", { optional: true }),
    }),
    // Each is a section of cinder.conf.
    { key: wordPattern },
  ),
};

const needs = {
  database: { probe: "mysql", from: "database", schema: true },
  broker: { probe: "amqp", from: "message_queue" },
  cache: { probe: "memcached", from: "cache.members", optional: true },
  identity: { probe: "keystone", from: "identity" },
} as const satisfies Record<string, NeedRow>;

const rpc = (binary: string, doc: string, more: { server?: string; each?: string } = {}): ServiceRow => ({
  kind: "service",
  doc,
  run: [{ command: [`/usr/bin/${binary}`, ...configFile] }],
  needs: [needs.database, needs.broker],
  health: rpcHealth("openstack", binary, more),
});

const job = (doc: string, ...words: string[]): ServiceRow => {
  const run: CommandRow = { command: ["/usr/bin/cinder-manage", ...configFile, ...words] };
  return { kind: "job", doc, run: [run], needs: [{ ...needs.database, schema: false }], lock: "database" };
};

const listening = { host: "{osapi.host}", port: "{osapi.port}" } as const;
const refusal = { ask: "http", ...listening, expect: [401], token: true } as const;

/** cinder's services find others in keystone's catalog: glance for images to copy to volumes, nova to notify of resized volumes. */
const cinderClients = ["compute", "image"] as const;

export const cinderController = {
  component: "cinder",
  role: "controller",
  account,
  environment: python,
  files: [configuration],
  schema: section("cinder-controller: API and scheduler of volumes.", {
    ...shared,
    osapi: section("Where the API listens.", {
      host: host("Address.", { default: "0.0.0.0" }),
      port: port("Port.", { default: ports.volume }),
    }),
    volume_workers: integer("Worker processes of the API.", { default: 1, minimum: 1 }),
    threads: threads(": an attachment waits for cinder-volume in one.", { since: "zed" }),
    deleted_days: deletedDays,
    default_volume_type: string("Type of volumes that name none.", { optional: true }),
  }),
  services: {
    api: {
      kind: "service",
      doc: "The volume API.",
      run: [
        { until: "zed", command: ["/usr/bin/cinder-api", ...configFile] },
        { command: ["/usr/bin/uwsgi", "--ini", uwsgi.path], files: [uwsgi, wsgi("cinder")] },
      ],
      needs: [needs.database, needs.broker, needs.cache, needs.identity],
      health: {
        ...apiHealth(listening, "/v3/volumes"),
        ready: [
          { ...refusal, path: "/v2/volumes", until: "queens" },
          { ...refusal, path: "/v3/volumes", since: "queens" },
        ],
      },
      ports: { api: { port: "{osapi.port}" } },
      workload: { runs: "replicas", catalog: cinderClients, priority: "last", stop: requestsEnd },
    },
    scheduler: {
      ...rpc("cinder-scheduler", "Chooses a back end for each volume."),
      workload: { runs: "replicas", catalog: cinderClients, priority: "last", stop: { seconds: 30 } },
    },
    "db-sync": {
      ...job("Schema of the database.", "db", "sync"),
      schemas: [{ from: "database" }],
      workload: { runs: "one", priority: "last" },
    },
    "service-cleaner": {
      kind: "job",
      doc: "Removes rows of schedulers that are gone.",
      run: [{ command: ["/usr/local/sbin/clean-services", ...configFile] }],
      needs: [needs.database],
      since: "zed",
      workload: { runs: "one", schedule: "6-59/10 * * * *" },
    },
    "purge-deleted": {
      kind: "job",
      doc: "Removes the records of volumes that were deleted long ago.",
      run: [{ command: ["/usr/bin/cinder-manage", ...configFile, "db", "purge", "{deleted_days}"] }],
      // Without a lock: services would wait for its end.
      needs: [needs.database],
      workload: { runs: "one", schedule: "23 3 * * *" },
    },
    "upgrade-check": {
      ...upgradeCheck({ command: ["/usr/bin/cinder-status", ...configFile, "upgrade", "check"] }),
      since: "stein",
    },
    "online-data-migrations": {
      ...job("Moves data to the new schema while services run.", "db", "online_data_migrations"),
      since: "ocata",
      workload: { runs: "one", byHand: true },
    },
  },
} satisfies ImageRow;

/** cinder-volume has a process for each back end, host@backend. */
const perBackend = { server: "{host}@", each: "backend" } as const;
const volume = rpc("cinder-volume", "Makes, exports and deletes volumes.", perBackend);

export const cinderVolume = {
  component: "cinder",
  role: "volume",
  account,
  environment: python,
  files: [configuration],
  schema: section("cinder-volume: back ends of volumes.", {
    ...shared,
    host: word("Name under which volumes are kept in the database; a container's host name would not outlive it.", {
      default: "cinder-volume",
    }),
  }),
  services: {
    volume: {
      ...volume,
      // A back end whose driver did not start does not report; the others continue.
      health: {
        ...(volume.health as HealthRow),
        ready: [{ ask: "reported", from: "database", binary: "cinder-volume", ...perBackend, seconds: 60 }],
      },
      // Hypervisors have the volumes of the file back end at the same path.
      workload: {
        name: "cinder-volume",
        runs: "one",
        catalog: cinderClients,
        keeps: [{ ...volumesDirectory, fills: true }],
        priority: "last",
      },
    },
  },
} satisfies ImageRow;
