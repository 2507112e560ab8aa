import { boolean, map, number, port, secret, section, string } from "../schema/field.ts";
import { host } from "../schema/text.ts";
import { brokerLogin } from "./blocks.ts";
import type { Account, ImageRow } from "./component.ts";
import { ports } from "./ports.ts";

/** kolla's ids (kolla/common/users.py). */
const account: Account = { user: "rabbitmq", group: "rabbitmq", uid: 42439, gid: 42439 };

export const rabbitmqServer = {
  component: "rabbitmq",
  role: "server",
  account,
  schema: section("rabbitmq-server: the message broker, with virtual hosts and accounts.", {
    version: string("OpenStack release of the image."),
    enabled: boolean("Whether the role is in use.", { default: true }),
    bind: section("Addresses and ports.", {
      address: host("Address the broker listens on.", { default: "0.0.0.0" }),
      port: port("Port.", { default: ports.message_queue }),
      distribution_address: host("Address for other nodes of a cluster and for rabbitmqctl.", {
        default: "127.0.0.1",
      }),
    }),
    node_name: string(
      "Name of the Erlang node, name@host. What the broker keeps is kept by this name; the host must be known.",
      {
        default: "rabbit@localhost",
        pattern: ["\\w[\\w-]*@\\w[\\w.-]*", "a name and a host, such as rabbit@localhost"],
      },
    ),
    log_level: string("What is logged.", {
      default: "info",
      choices: ["debug", "info", "warning", "error", "critical", "none"],
    }),
    memory: section("Memory.", {
      vm_high_watermark: number("Part of the memory above which publishers are blocked.", {
        default: 0.4,
        minimum: 0,
        maximum: 1,
      }),
    }),
    host: map(
      "Virtual hosts by name. Each has an account that may do everything in it.",
      section("A virtual host.", {
        user: string("Its account; several virtual hosts can share one.", { pattern: brokerLogin }),
        password: secret("Password of the account.", { pattern: brokerLogin }),
      }),
    ),
  }),
  files: [
    { template: "rabbitmq/rabbitmq.conf", path: "/etc/rabbitmq/rabbitmq.conf", dialect: "rabbitmq" },
    { template: "rabbitmq/rabbitmq-env.conf", path: "/etc/rabbitmq/rabbitmq-env.conf", dialect: "sh" },
    { template: "rabbitmq/definitions.json", path: "/etc/rabbitmq/definitions.json", dialect: "json" },
  ],
  services: {
    server: {
      kind: "service",
      doc: "The broker; at each start it takes over the virtual hosts and accounts of the pillar.",
      // The server itself: the packaged /usr/sbin/rabbitmq-server sends the output to files.
      run: [{ command: ["/usr/lib/rabbitmq/bin/rabbitmq-server"] }],
      // Erlang's cookie gives full access. Erlang does not start if somebody else can read it.
      privateFiles: ["/var/lib/rabbitmq/.erlang.cookie"],
      environment: {
        // The cookie's directory, also for a uid without an account.
        HOME: "/var/lib/rabbitmq",
        // The script then becomes Erlang, which stops cleanly on SIGTERM; otherwise it stays its parent.
        RUNNING_UNDER_SYSTEMD: "true",
        // No dump of the memory, passwords and all, when Erlang crashes.
        ERL_CRASH_DUMP_SECONDS: "0",
        // Erlang's port mapper, which Erlang starts by itself.
        ERL_EPMD_ADDRESS: "{bind.distribution_address}",
      },
      // It also starts with little free space. Below 50 MB (disk_free_limit) it accepts no messages, but delivers those it has.
      needs: [{ probe: "space", path: "/var/lib/rabbitmq", mebibytes: 8 }],
      health: {
        alive: [{ ask: "broker", host: "{bind.address}", port: "{bind.port}", from: "host" }],
        ready: [{ ask: "broker", host: "{bind.address}", port: "{bind.port}", from: "host", takes: true }],
      },
      ports: { amqp: { port: "{bind.port}" } },
      workload: {
        runs: "stateful",
        uses: { memory: 192, cpu: 100 },
        keeps: [
          {
            of: "own",
            volume: "queues",
            path: "/var/lib/rabbitmq",
            writes: true,
            fills: true,
            holds: [{ path: ".", mode: 0o755 }],
          },
        ],
        priority: "first",
      },
    },
  },
} satisfies ImageRow;
