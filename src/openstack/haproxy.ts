import { boolean, integer, list, map, port, section, string } from "../schema/field.ts";
import { host } from "../schema/text.ts";
import type { Account, ImageRow } from "./component.ts";
import { ports } from "./ports.ts";

/** kolla's ids (kolla/common/users.py). */
const account: Account = { user: "haproxy", group: "haproxy", uid: 42454, gid: 42454 };

const configuration = "/etc/haproxy/haproxy.cfg";

export const haproxyServer = {
  component: "haproxy",
  role: "server",
  account,
  schema: section("haproxy-server: one address in front of the servers of each service.", {
    version: string("OpenStack release of the image."),
    enabled: boolean("Whether the role is in use.", { default: true }),
    bind: section("Address and ports.", {
      address: host("Address the services are reached at.", { default: "0.0.0.0" }),
      health_port: port("Port of this machine at which HAProxy tells that it is well.", {
        default: ports.haproxy_health,
      }),
    }),
    maxconn: integer("Connections at the same time.", { default: 4000, minimum: 1 }),
    threads: integer("Threads.", { default: 2, minimum: 1 }),
    timeout: integer("Seconds that a client or a server may be silent.", { default: 300, minimum: 1 }),
    listen: map(
      "What stands behind HAProxy, by name.",
      section("A service.", {
        type: string("What is passed on: requests, or a connection as it is.", {
          default: "http",
          choices: ["http", "tcp"],
        }),
        port: port("Port."),
        servers: list("Hosts that serve it.", host("Host name or address.")),
        server_port: port("Port of the servers; left out, the same.", { optional: true }),
        check: string("Path that a server must answer with a status of 200 to 399.", {
          default: "/",
          pattern: ["/[!-~]*", "a path from its slash on, without blanks"],
        }),
      }),
      // HAProxy's own characters (src/proxy.c, invalid_char); the health check's frontend has that name already.
      { key: ["(?!health$)[\\w:-]+", "a name of letters, digits, _ : and -, other than health"] },
    ),
  }),
  files: [{ template: "haproxy/haproxy.cfg", path: configuration, dialect: "haproxy" }],
  services: {
    server: {
      kind: "service",
      doc: "The proxy.",
      run: [{ command: ["/usr/sbin/haproxy", "-W", "-db", "-f", configuration] }],
      needs: [],
      health: {
        alive: [{ ask: "http", port: "{bind.health_port}", path: "/health", expect: [200] }],
        // At least one server behind it is up.
        ready: [{ ask: "http", port: "{bind.health_port}", path: "/ready", expect: [200] }],
      },
      ports: { health: { port: "{bind.health_port}" } },
      // hard-stop-after, the seconds after which HAProxy ends remaining connections, and some more.
      workload: { runs: "one", when: "replicas", stop: { seconds: 35 }, priority: "first" },
    },
  },
} satisfies ImageRow;
