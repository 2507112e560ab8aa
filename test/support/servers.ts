import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const path = `${process.env["PATH"]}${delimiter}/usr/sbin${delimiter}/sbin`;

const has = (program: string): boolean =>
  path.split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/**
 * Below those that the kernel takes by itself (32768 to 60999, ip(7), ip_local_port_range): between the choice of a port and the start
 * of its server no connection of another test gets it. A server may have the two below its own, too.
 */
const ports = { from: 12_000, count: 5000, apart: 4 };

const isFree = (port: number): Promise<boolean> =>
  new Promise((settle) => {
    const server = createServer();
    server.once("error", () => settle(false));
    server.listen(port, "127.0.0.1", () => server.close(() => settle(true)));
  });

const given = new Set<number>();

/** A port nobody listens on, another one each time. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = ports.from + ports.apart * randomInt(ports.count);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
}

const groups = new Set<number>();
const directories = new Set<string>();

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

// Also when a test throws or is ended: no server and no directory stays behind.
process.once("exit", () => {
  for (const group of groups) signalGroup(group, "SIGKILL");
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

/** How to run a kind of server: a row for each. */
export type Kind = {
  readonly program: string;
  /** Debian's package that has it. */
  readonly debianPackage: string;
  /** Done once, in the server's empty directory. */
  readonly prepare?: (directory: string, port: number) => void;
  readonly command: (directory: string, port: number) => readonly string[];
  readonly environment?: (directory: string, port: number) => Readonly<Record<string, string>>;
  /** A second program the first one needs, in the foreground. */
  readonly beside?: (directory: string) => readonly string[];
};

/** Why tests with a kind of server cannot run here, or false. On CI nothing is skipped: there they run and fail. */
export const without = ({ program, debianPackage }: Kind): string | false =>
  process.env["CI"] === undefined && !has(program) ? `needs ${program}: apt-get install ${debianPackage}` : false;

/** A real server on a port and in a directory of its own, that can be frozen, killed and started again. */
export class Server {
  readonly host = "127.0.0.1";
  readonly port: number;
  readonly #kind: Kind;
  readonly directory: string;
  #children: ChildProcess[] = [];

  constructor(kind: Kind, port: number) {
    this.#kind = kind;
    this.port = port;
    this.directory = mkdtempSync(join(tmpdir(), `plinth-${kind.program}-`));
    directories.add(this.directory);
    kind.prepare?.(this.directory, port);
  }

  /** Starts the processes, without waiting until they serve. */
  start(): void {
    const { command, beside, environment } = this.#kind;
    const own = environment?.(this.directory, this.port) ?? {};
    const log = openSync(join(this.directory, "log"), "a");
    for (const words of [...(beside ? [beside(this.directory)] : []), command(this.directory, this.port)]) {
      const [program = "", ...rest] = words;
      const child = spawn(program, rest, {
        cwd: this.directory,
        // A group of its own, so that what a wrapper script starts is reached, too.
        detached: true,
        stdio: ["ignore", log, log],
        env: { PATH: path, LANG: "C.UTF-8", HOME: this.directory, ...own },
      });
      if (child.pid === undefined) throw new Error(`cannot start ${program}: ${this.#kind.debianPackage} is missing`);
      const group = child.pid;
      groups.add(group);
      child.once("exit", () => {
        signalGroup(group, "SIGKILL");
        groups.delete(group);
      });
      this.#children.push(child);
    }
  }

  /** Process id of the server. */
  get pid(): number {
    return this.#children.at(-1)?.pid ?? 0;
  }

  /** The server still accepts connections (the kernel does), but answers nobody any more. */
  freeze(): void {
    if (this.pid > 0) signalGroup(this.pid, "SIGSTOP");
  }

  /** Ends it as a crash would, and waits until it is gone. */
  async kill(): Promise<void> {
    const gone = this.#children.map(
      (child) =>
        new Promise<void>((resolve) => {
          if (child.exitCode !== null || child.signalCode !== null) return resolve();
          child.once("exit", () => resolve());
          signalGroup(child.pid as number, "SIGKILL");
        }),
    );
    await Promise.all(gone);
    this.#children = [];
  }

  /** Ends it for good. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
    directories.delete(this.directory);
  }

  get log(): string {
    const file = join(this.directory, "log");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  /** Waits until `check` holds. */
  async until(check: () => Promise<boolean> | boolean, limitMs = 120_000): Promise<void> {
    const limit = Date.now() + limitMs;
    while (!(await check())) {
      if (Date.now() > limit) throw new Error(`${this.#kind.program} does not serve: ${this.log.slice(-2000)}`);
      await sleep(20);
    }
  }
}

const isRoot = process.getuid?.() === 0;

export const memcached: Kind = {
  program: "memcached",
  debianPackage: "memcached",
  command: (_, port) => [
    "memcached",
    "-l",
    "127.0.0.1",
    "-p",
    `${port}`,
    "-U",
    "0",
    ...(isRoot ? ["-u", "nobody"] : []),
  ],
};

/**
 * With database `nova` and user `nova` at 127.0.0.1. `init` are further statements, run before it serves; `flags` further
 * options of the server.
 */
export const mariadb = (password: string, init: readonly string[] = [], flags: readonly string[] = []): Kind => ({
  program: "mariadbd",
  debianPackage: "mariadb-server",
  prepare: (directory) => {
    const user = isRoot ? ["--user=root"] : [];
    const own = ["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", "--basedir=/usr"];
    // In /tmp a server that starts removes temporary tables of all others.
    mkdirSync(join(directory, "tmp"), { recursive: true });
    const tmpdir = `--tmpdir=${join(directory, "tmp")}`;
    execFileSync("mariadb-install-db", [...own, `--datadir=${join(directory, "data")}`, tmpdir, ...user], {
      stdio: "pipe",
      env: { PATH: path },
    });
    // One statement a line.
    const statements = [
      "CREATE DATABASE IF NOT EXISTS nova;",
      "CREATE DATABASE IF NOT EXISTS forbidden;",
      `CREATE USER IF NOT EXISTS nova@'127.0.0.1' IDENTIFIED BY '${password}';`,
      "GRANT ALL ON nova.* TO nova@'127.0.0.1';",
      ...init,
    ];
    writeFileSync(join(directory, "init.sql"), `${statements.join("\n")}\n`);
  },
  command: (directory, port) => [
    "mariadbd",
    "--no-defaults",
    `--datadir=${join(directory, "data")}`,
    `--tmpdir=${join(directory, "tmp")}`,
    `--socket=${join(directory, "socket")}`,
    `--pid-file=${join(directory, "pid")}`,
    `--init-file=${join(directory, "init.sql")}`,
    `--port=${port}`,
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--innodb-buffer-pool-size=16M",
    "--innodb-flush-log-at-trx-commit=0",
    ...flags,
    ...(isRoot ? ["--user=root"] : []),
  ],
});

/** With user `openstack` and virtual host `/openstack`. */
export const rabbitmq = (password: string): Kind => {
  const ports = (directory: string): { readonly epmd: string; readonly dist: string } =>
    JSON.parse(readFileSync(join(directory, "ports.json"), "utf8"));
  return {
    program: "rabbitmq-server",
    debianPackage: "rabbitmq-server",
    prepare: (directory, port) => {
      // Neighbours of a port the kernel gave: nothing else takes part in this run.
      writeFileSync(join(directory, "ports.json"), JSON.stringify({ epmd: `${port - 1}`, dist: `${port - 2}` }));
      const lines = [
        `listeners.tcp.1 = 127.0.0.1:${port}`,
        "loopback_users = none",
        "default_user = openstack",
        `default_pass = ${password}`,
        "default_vhost = /openstack",
        "disk_free_limit.absolute = 1MB",
        "log.console = true",
        "log.file = false",
      ];
      writeFileSync(join(directory, "rabbitmq.conf"), `${lines.join("\n")}\n`);
      writeFileSync(join(directory, "enabled_plugins"), "[].\n");
      mkdirSync(join(directory, "schema"));
    },
    // Ours runs in the foreground: the one that Erlang would start by itself outlives everybody.
    beside: (directory) => ["epmd", "-port", ports(directory).epmd, "-address", "127.0.0.1"],
    // Debian's wrapper in /usr/sbin would change to user rabbitmq and log to /var/log.
    command: () => ["/usr/lib/rabbitmq/bin/rabbitmq-server"],
    environment: (directory, port) => ({
      ERL_EPMD_PORT: ports(directory).epmd,
      ERL_EPMD_ADDRESS: "127.0.0.1",
      RABBITMQ_NODENAME: `plinth-${port}@localhost`,
      RABBITMQ_DIST_PORT: ports(directory).dist,
      RABBITMQ_CONFIG_FILE: join(directory, "rabbitmq.conf"),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, "enabled_plugins"),
      RABBITMQ_MNESIA_BASE: join(directory, "mnesia"),
      RABBITMQ_LOG_BASE: join(directory, "logs"),
      RABBITMQ_LOGS: "-",
      RABBITMQ_PID_FILE: join(directory, "pid"),
      RABBITMQ_SCHEMA_DIR: join(directory, "schema"),
      RABBITMQ_GENERATED_CONFIG_DIR: join(directory, "schema"),
      // Fewer schedulers: several servers share two processors here.
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "+S 2 +sbwt none",
    }),
  };
};

export const etcd: Kind = {
  program: "etcd",
  debianPackage: "etcd-server",
  command: (directory, port) => [
    "etcd",
    `--data-dir=${join(directory, "data")}`,
    `--listen-client-urls=http://127.0.0.1:${port}`,
    `--advertise-client-urls=http://127.0.0.1:${port}`,
    "--listen-peer-urls=http://127.0.0.1:0",
    "--heartbeat-interval=50",
    "--election-timeout=500",
  ],
};

export const httpServer: Kind = {
  program: "python3",
  debianPackage: "python3",
  prepare: (directory) => writeFileSync(join(directory, "v3"), "{}"),
  command: (_, port) => ["python3", "-u", "-m", "http.server", "--bind", "127.0.0.1", `${port}`],
};
