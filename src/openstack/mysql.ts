import { boolean, integer, map, port, secret, section, string } from "../schema/field.ts";
import { databaseUser, hostOrAll } from "../schema/text.ts";
import { databasePassword } from "./blocks.ts";
import type { Account, ImageRow } from "./component.ts";
import { ports } from "./ports.ts";

/** kolla's ids (kolla/common/users.py), so that data directories written by kolla's containers stay readable. */
const account: Account = { user: "mysql", group: "mysql", uid: 42434, gid: 42434 };

const configuration = "/etc/mysql/my.cnf";
/** At the socket, without a password: see config-templates/mysql/init.sql. */
const login = { socket: "/run/mysqld.sock", user: "plinth" } as const;
const bytes = ["[1-9]\\d*[KMG]", "a number of bytes with K, M or G, such as 128M"] as const;

export const mysqlServer = {
  component: "mysql",
  role: "server",
  account,
  schema: section("mysql-server: MariaDB, with databases and accounts.", {
    version: string("OpenStack release of the image."),
    enabled: boolean("Whether the role is in use.", { default: true }),
    bind: section("Address and port.", {
      address: hostOrAll("Address MariaDB listens on.", { default: "0.0.0.0" }),
      port: port("Port.", { default: ports.database }),
    }),
    max_connections: integer("Connections at the same time.", { default: 1000, minimum: 1 }),
    innodb_buffer_pool_size: string("Memory for pages of tables.", { default: "128M", pattern: bytes }),
    innodb_log_file_size: string("Size of the redo log.", { default: "96M", pattern: bytes }),
    database: map(
      "Databases by name. Each has an account that may do everything in it, and may log in from everywhere.",
      section("A database.", {
        user: databaseUser("Its account; several databases can share one."),
        password: secret("Password of the account.", { pattern: databasePassword }),
      }),
      {
        key: [
          "(?!(?:mysql|sys|information_schema|performance_schema)$)[\\w-]+",
          "a name of letters, digits, _ and -, and none of MariaDB's own databases",
        ],
      },
    ),
  }),
  files: [
    { template: "mysql/my.cnf", path: configuration, dialect: "mysql" },
    { template: "mysql/init.sql", path: "/etc/mysql/init.sql", dialect: "sql" },
  ],
  services: {
    server: {
      kind: "service",
      doc: "The database server; at each start it makes what is missing of databases and accounts.",
      run: [{ command: ["/usr/local/sbin/start-mariadb", configuration] }],
      // MariaDB crashes on a full disk (InnoDB: "Out of disk space in rollback"), and after a restart it checks once a minute for free
      // space (Aria's recovery: "Disk is full writing ... Retry in 60 secs"). So it starts when there is space for a
      // temporary tablespace (12 MiB), and for the growth of tables and undo logs during the rollback.
      needs: [{ probe: "space", path: "/var/lib/mysql", mebibytes: 32 }],
      health: {
        alive: [{ ask: "mysql", ...login }],
        ready: [{ ask: "mysql", ...login, query: "REPLACE INTO plinth.health VALUES (1, NOW())" }],
      },
      ports: { mysql: { port: "{bind.port}" } },
      workload: {
        runs: "stateful",
        uses: { memory: 256, cpu: 100 },
        keeps: [
          {
            of: "own",
            volume: "database",
            path: "/var/lib/mysql",
            writes: true,
            fills: true,
            holds: [{ path: ".", mode: 0o700 }],
          },
          { of: "scratch", path: "/run/mysqld" },
        ],
        priority: "first",
      },
    },
  },
} satisfies ImageRow;
