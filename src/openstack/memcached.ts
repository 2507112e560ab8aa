import { boolean, integer, port, section, string } from "../schema/field.ts";
import { host } from "../schema/text.ts";
import type { Account, ImageRow } from "./component.ts";
import { ports } from "./ports.ts";

/** kolla's ids (kolla/common/users.py), by the package's name. */
const account: Account = { user: "memcache", group: "memcache", uid: 42457, gid: 42457 };

export const memcachedServer = {
  component: "memcached",
  role: "server",
  account,
  schema: section("memcached-server: the cache.", {
    version: string("OpenStack release of the image."),
    enabled: boolean("Whether the role is in use.", { default: true }),
    bind: section("Address and port.", {
      address: host("Address memcached listens on.", { default: "0.0.0.0" }),
      port: port("Port.", { default: ports.memcached }),
    }),
    cache_size: integer("Memory for what is cached, MiB.", { default: 64, minimum: 1 }),
    maxconn: integer("Connections at the same time.", { default: 8192, minimum: 1 }),
    threads: integer("Threads.", { default: 2, minimum: 1 }),
  }),
  files: [],
  services: {
    server: {
      kind: "service",
      doc: "The cache.",
      run: [
        {
          command: [
            "/usr/bin/memcached",
            "--listen={bind.address}",
            "--port={bind.port}",
            "--udp-port=0",
            "--memory-limit={cache_size}",
            "--conn-limit={maxconn}",
            "--threads={threads}",
          ],
        },
      ],
      needs: [],
      health: {
        alive: [{ ask: "memcached", host: "{bind.address}", port: "{bind.port}" }],
        ready: [{ ask: "cache", host: "{bind.address}", port: "{bind.port}" }],
      },
      ports: { memcached: { port: "{bind.port}" } },
      workload: { runs: "one", uses: { memory: 96, cpu: 20 }, priority: "first" },
    },
  },
} satisfies ImageRow;
