import { boolean, integer, port, section, string } from "../schema/field.ts";
import { host } from "../schema/text.ts";
import { apiHealth, cacheUntil, database, identity, logging, python, requestsEnd, threads, wsgi } from "./blocks.ts";
import type { Account, FileRow, ImageRow } from "./component.ts";
import { ports } from "./ports.ts";
import { upgradeCheck, upgradeStep } from "./upgrade-steps.ts";

/** kolla's ids (kolla/common/users.py). */
const account: Account = { user: "placement", group: "placement", uid: 42482, gid: 42482 };

const configuration: FileRow = {
  template: "placement/placement.conf",
  path: "/etc/placement/placement.conf",
  dialect: "oslo",
};
const uwsgi: FileRow = {
  template: "placement/placement-api-uwsgi.ini",
  path: "/etc/placement/placement-api-uwsgi.ini",
  dialect: "uwsgi",
};

/** Before stein placement was a part of nova. */
export const placementServer = {
  component: "placement",
  role: "server",
  since: "stein",
  account,
  environment: python,
  files: [configuration],
  schema: section("placement-server: what hosts have, and what is taken of it.", {
    version: string("OpenStack release of the image."),
    enabled: boolean("Whether the role is in use.", { default: true }),
    debug: boolean("Log at debug level.", { default: false }),
    logging,
    workers: integer("Worker processes.", { default: 1, minimum: 1 }),
    threads: threads("."),
    bind: section("Where the API listens.", {
      address: host("Address.", { default: "0.0.0.0" }),
      port: port("Port.", { default: ports.placement }),
    }),
    database: database("placement", "placement"),
    identity: identity("placement"),
    cache: cacheUntil("stein"),
  }),
  services: {
    api: {
      kind: "service",
      doc: "The placement API.",
      run: [{ command: ["/usr/bin/uwsgi", "--ini", uwsgi.path], files: [uwsgi, wsgi("placement")] }],
      needs: [
        { probe: "mysql", from: "database", schema: true },
        { probe: "keystone", from: "identity" },
      ],
      health: apiHealth({ host: "{bind.address}", port: "{bind.port}" }, "/resource_providers"),
      ports: { api: { port: "{bind.port}" } },
      workload: { name: "placement-server", runs: "replicas", stop: requestsEnd },
    },
    "db-sync": {
      kind: "job",
      doc: "Schema of the database.",
      run: [{ command: ["/usr/bin/placement-manage", "--config-file", configuration.path, "db", "sync"] }],
      needs: [{ probe: "mysql", from: "database", schema: false }],
      lock: "database",
      schemas: [{ from: "database" }],
      workload: { runs: "one" },
    },
    "online-data-migrations": {
      ...upgradeStep("Moves data to the new schema while services run.", {
        command: ["/usr/bin/placement-manage", "--config-file", configuration.path, "db", "online_data_migrations"],
      }),
    },
    "upgrade-check": upgradeCheck({
      command: ["/usr/bin/placement-status", "--config-file", configuration.path, "upgrade", "check"],
    }),
  },
} satisfies ImageRow;
