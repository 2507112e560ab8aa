/**
 * Measures how fast plinth reacts: from the moment a dependency accepts until the service that plinth became has run
 * (/bin/true, to its exit). The dependency comes after a random time, so that no pause is hit by luck. Writes
 * build/bench/reaction.json. Usage: node scripts/bench/reaction.ts [BINARY]
 */
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, mariadb, memcached, rabbitmq, Server } from "../../test/support/servers.ts";

const binary = resolve(process.argv[2] ?? "build/bin/plinth");
const password = "bench-password";
const work = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "plinth-reaction-"));

/** The one place that knows how plinth is called: a job of an image that needs nothing but what the pillar adds. */
const release = "2025.1";
const node = "keystone-server";
const job = "keys";
const environment = (port: number): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "/usr/bin:/bin",
  SERVICE_IDENTITY_HOST: "127.0.0.1",
  SERVICE_IDENTITY_ADMIN_PASSWORD: password,
  SERVICE_DATABASE_HOST: "127.0.0.1",
  SERVICE_DATABASE_PASSWORD: password,
  SERVICE_MEMCACHED_HOST: "127.0.0.1",
  BENCH_PORT: `${port}`,
  BENCH_PASSWORD: password,
});
const startWords = (image: string, root: string): string[] => [
  "start",
  job,
  "--image",
  image,
  "--root",
  root,
  "--user",
  `${process.getuid?.()}:${process.getgid?.()}`,
  "--timeout",
  "60",
  "--",
  "/bin/true",
];

const model = join(work, "model");
cpSync("model", model, { recursive: true });

/** @returns the path of an image that waits for `url`. */
function bake(name: string, url: string): string {
  const own = readFileSync(join("model/nodes", `${node}.yml`), "utf8");
  writeFileSync(join(model, "nodes", `${name}.yml`), `${own}parameters:\n  wait:\n    for:\n      - ${url}\n`);
  const image = join(work, `${name}.json`);
  const words = [
    "bake",
    "--node",
    name,
    "--model",
    model,
    "--release",
    release,
    "--templates",
    "config-templates",
    "--output",
    image,
  ];
  execFileSync(binary, words, { stdio: ["ignore", "ignore", "inherit"] });
  return image;
}

/** A dependency that can come and go. `come` gives the moment from which it accepts, on the clock of performance.now(). */
type Dependency = {
  readonly come: () => Promise<number>;
  readonly go: () => Promise<void>;
  readonly end: () => Promise<void>;
};

/** Polls once a millisecond. @returns the moment of the first connection that is accepted. */
async function firstAccept(port: number): Promise<number> {
  const limit = performance.now() + 30_000;
  while (performance.now() < limit) {
    const accepted = await new Promise<boolean>((done) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        done(true);
      });
      socket.on("error", () => done(false));
    });
    if (accepted) return performance.now();
    await sleep(1);
  }
  throw new Error("the dependency did not come");
}

/** A plain listener: it accepts from listen(2) on, which is called after the moment that is noted. */
function plainTcp(port: number): Dependency {
  let server = createServer();
  const go = async () => void (await new Promise((done) => server.close(done)));
  return {
    come: async () => {
      server = createServer((socket) => socket.on("error", () => {}).resume());
      const moment = performance.now();
      await new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
      return moment;
    },
    go,
    end: async () => {},
  };
}

/** The moment is the first accepted connection. */
function byFirstAccept(server: Server): Dependency {
  return {
    come: () => {
      server.start();
      return firstAccept(server.port);
    },
    go: () => server.kill(),
    end: () => server.stop(),
  };
}

/**
 * MariaDB: the moment is its log line "ready for connections", which it writes just before it begins to accept logins;
 * its port is open earlier. Watched through the log file, once a millisecond.
 */
function realMariadb(server: Server): Dependency {
  const ready = (): number => server.log.split("ready for connections").length - 1;
  return {
    come: async () => {
      const before = ready();
      server.start();
      const limit = performance.now() + 30_000;
      while (ready() === before) {
        if (performance.now() > limit) throw new Error(`mariadbd does not come: ${server.log.slice(-2000)}`);
        await sleep(1);
      }
      return performance.now();
    },
    go: () => server.kill(),
    end: () => server.stop(),
  };
}

/** @returns milliseconds from the dependency's moment to the end of what plinth became. */
async function react(image: string, port: number, dependency: Dependency): Promise<number> {
  const root = join(work, "root");
  rmSync(root, { recursive: true, force: true });
  const child = spawn(binary, startWords(image, root), { env: environment(port), stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  const ended = new Promise<number>((done, fail) => {
    child.once("exit", (status) => {
      const moment = performance.now();
      if (status === 0) done(moment);
      else fail(new Error(`plinth ended with ${status}: ${said}`));
    });
  });
  // Between 0.3 and 3 s, but not before plinth waits.
  await sleep(300 + Math.random() * 2700);
  const accepted = await dependency.come();
  const reaction = (await ended) - accepted;
  await dependency.go();
  return reaction;
}

const round = (value: number): number => Math.round(value * 10) / 10;
const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
};
const summary = (values: readonly number[]) => ({
  median_ms: round(median(values)),
  max_ms: round(Math.max(...values)),
  runs: values.length,
});

const kinds = [
  { name: "tcp", runs: 15, url: "tcp://127.0.0.1:$BENCH_PORT", make: plainTcp },
  {
    name: "memcached",
    runs: 15,
    url: "memcached://127.0.0.1:$BENCH_PORT",
    make: (port: number) => byFirstAccept(new Server(memcached, port)),
  },
  {
    name: "mariadb",
    runs: 8,
    url: "mysql://nova:$BENCH_PASSWORD@127.0.0.1:$BENCH_PORT/nova",
    make: (port: number) => realMariadb(new Server(mariadb(password), port)),
  },
  {
    name: "rabbitmq",
    runs: 6,
    url: "amqp://openstack:$BENCH_PASSWORD@127.0.0.1:$BENCH_PORT//openstack",
    make: (port: number) => byFirstAccept(new Server(rabbitmq(password), port)),
  },
];

const all: number[] = [];
const perKind: Record<string, ReturnType<typeof summary>> = {};
try {
  for (const { name, runs, url, make } of kinds) {
    const image = bake(name, url);
    const port = await freePort();
    const dependency = make(port);
    const values: number[] = [];
    try {
      for (let run = 0; run < runs; run++) values.push(await react(image, port, dependency));
    } finally {
      await dependency.end();
    }
    perKind[name] = summary(values);
    all.push(...values);
  }
  const result = { ...summary(all), per_kind: perKind };
  mkdirSync("build/bench", { recursive: true });
  writeFileSync("build/bench/reaction.json", `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result, null, 2));
} finally {
  rmSync(work, { recursive: true, force: true });
}
