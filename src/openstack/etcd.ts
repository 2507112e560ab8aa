import { boolean, port, section, string } from "../schema/field.ts";
import { host } from "../schema/text.ts";
import type { Account, ImageRow } from "./component.ts";
import { ports } from "./ports.ts";

/** kolla's ids (kolla/common/users.py), so that data directories written by kolla's containers stay readable. */
const account: Account = { user: "etcd", group: "etcd", uid: 42413, gid: 42413 };

const configuration = "/etc/etcd/etcd.json";

export const etcdServer = {
  component: "etcd",
  role: "server",
  account,
  schema: section("etcd-server: etcd, one member.", {
    version: string("OpenStack release of the image."),
    enabled: boolean("Whether the role is in use.", { default: true }),
    bind: section("Addresses and ports.", {
      address: host("Address etcd listens on.", { default: "0.0.0.0" }),
      port: port("Port for clients.", { default: ports.etcd }),
      host: host("Host that clients are told."),
    }),
    log_level: string("What is logged.", {
      default: "info",
      choices: ["debug", "info", "warn", "error", "panic", "fatal"],
    }),
  }),
  files: [{ template: "etcd/etcd.json", path: configuration, dialect: "json" }],
  services: {
    server: {
      kind: "service",
      doc: "etcd.",
      run: [{ command: ["/usr/bin/etcd", `--config-file=${configuration}`] }],
      needs: [],
      health: {
        alive: [{ ask: "http", host: "{bind.address}", port: "{bind.port}", path: "/version" }],
        // It has a leader, answers a consistent read, and has no alarm.
        ready: [{ ask: "http", host: "{bind.address}", port: "{bind.port}", path: "/health", expect: [200] }],
      },
      ports: { client: { port: "{bind.port}" } },
      workload: {
        runs: "stateful",
        when: "host-network",
        keeps: [
          {
            of: "own",
            volume: "parameters",
            path: "/var/lib/etcd",
            writes: true,
            fills: true,
            holds: [
              { path: ".", mode: 0o700 },
              { path: "default", mode: 0o700 },
            ],
          },
        ],
        priority: "first",
      },
    },
  },
} satisfies ImageRow;
