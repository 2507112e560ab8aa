/**
 * Measures a start: a controller's pillar of about a hundred values, 18 of them dynamic, becomes nova.conf, then plinth
 * becomes /bin/true. Without etcd the 18 come from the environment, with etcd from a real one. Everything as a ratio to
 * `node -e 0` of the same Node in the same run. And a health check, of real servers: what one asks by HTTP, TCP, MySQL's
 * protocol and AMQP; ratio_healthcheck is the dearest. ratio_options is a start with options of the model to one without. Writes build/bench/start.json.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startEtcd, withoutEtcd } from "../../test/support/etcd.ts";
import { startAsked } from "./health.ts";

const rounds = Number(process.env["ROUNDS"] ?? 60);
const binary = resolve("build/bin/plinth");

type Run = { readonly wall: number; readonly cpu: number; readonly rss: number };
type Command = {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly fresh?: string;
};

// Containers have their files on a tmpfs; so has the measurement, where there is one.
const work = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "plinth-bench-"));

/** The dynamic parameters of the measured pillar, which has nearly every key of a controller. */
const dynamic: Readonly<Record<string, string>> = {
  DEBUG: "false",
  FILTERS: "ComputeFilter,ImagePropertiesFilter",
  SERVICE_DATABASE_HOST: "192.0.2.10",
  SERVICE_DATABASE_PORT: "3306",
  SERVICE_DATABASE_PASSWORD: "bench-database",
  SERVICE_RABBITMQ_NODE01_HOST: "192.0.2.11",
  SERVICE_RABBITMQ_NODE02_HOST: "192.0.2.12",
  SERVICE_RABBITMQ_PASSWORD: "bench-broker",
  SERVICE_IDENTITY_HOST: "192.0.2.13",
  SERVICE_IDENTITY_PASSWORD: "bench-identity",
  SERVICE_MEMCACHED_NODE01_HOST: "192.0.2.14",
  SERVICE_MEMCACHED_NODE02_HOST: "192.0.2.15",
  SERVICE_NETWORK_HOST: "192.0.2.16",
  SERVICE_NETWORK_MTU: "1500",
  SERVICE_NETWORK_PASSWORD: "bench-network",
  SERVICE_PLACEMENT_PASSWORD: "bench-placement",
  SERVICE_GLANCE_HOST: "192.0.2.17",
  SERVICE_METADATA_PASSWORD: "bench-metadata",
};

const median = (numbers: readonly number[]): number => {
  const sorted = numbers.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
};

function measure(commands: Readonly<Record<string, Command>>): Record<string, Run[]> {
  const input = JSON.stringify({ rounds, warmup: 5, commands });
  return JSON.parse(execFileSync("python3", ["scripts/bench/measure.py"], { input, encoding: "utf8", maxBuffer: 1e8 }));
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

const image = join(work, "image.json");
const withOptions = join(work, "with-options.json");
const model = join(work, "model");
cpSync("test/fixtures/model", model, { recursive: true });

function bake(to: string): void {
  const words = ["--release", "2025.1", "--templates", "config-templates", "--output", to];
  execFileSync(binary, ["bake", "--node", "nova-controller", "--model", model, ...words], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}
bake(image);
// Some that the template writes, some that it does not, a list, one of a service, and one that a dynamic parameter fills.
appendFileSync(
  join(model, "nodes/nova-controller.yml"),
  `
  _options:
    nova.conf:
      DEFAULT: { report_interval: 7, my_block_storage_ip: $SERVICE_DATABASE_HOST }
      filter_scheduler: { enabled_filters: [ComputeFilter, ImagePropertiesFilter] }
      scheduler: { max_attempts: 4 }
      pci: { alias: ["{}", { name: b }] }
  _service_options:
    conductor: { nova.conf: { conductor: { workers: 3 } } }
`,
);
bake(withOptions);
const base = { PATH: process.env["PATH"] ?? "/usr/bin:/bin" };
if (withoutEtcd) {
  console.error(`bench: ${withoutEtcd}`);
  process.exit(1);
}
const etcd = await startEtcd();
for (const [name, value] of Object.entries(dynamic)) etcd.put(`/plinth/all/${name}`, value);

const checkWords = (root: string) => [binary, "healthcheck", "--alive", "--root", root];
const asked = await startAsked(work, (root) => {
  const [program = "", ...rest] = checkWords(root);
  return spawnSync(program, rest, { stdio: "ignore" }).status === 0;
});
const checks = Object.fromEntries(
  Object.entries(asked.roots).map(([name, root]) => [`healthcheck_${name}`, { argv: checkWords(root), env: base }]),
);

try {
  const words = (root: string, from = image) => [
    binary,
    "start",
    "conductor",
    "--image",
    from,
    "--root",
    join(work, root),
    "--no-wait",
    "--user",
    "0:0",
    "--",
    "/bin/true",
  ];
  const runs = measure({
    node: { argv: [process.execPath, "-e", "0"], env: base },
    plinth: { argv: words("plain"), env: { ...base, ...dynamic }, fresh: join(work, "plain") },
    options: {
      argv: words("options", withOptions),
      env: { ...base, ...dynamic },
      fresh: join(work, "options"),
    },
    etcd: {
      argv: words("etcd-run"),
      env: { ...base, PLINTH_ETCD_ENDPOINTS: etcd.member.url },
      fresh: join(work, "etcd-run"),
    },
    ...checks,
  });
  const of = (name: string, key: keyof Run): number => median((runs[name] ?? []).map((run) => run[key]));
  const ratio = (name: string, key: keyof Run): number => round(of(name, key) / of("node", key));
  const { pillar } = JSON.parse(readFileSync(image, "utf8").split("\n")[0] ?? "") as { pillar: unknown };
  const leaves = (value: unknown): number =>
    value !== null && typeof value === "object"
      ? Object.values(value).reduce((sum: number, each) => sum + leaves(each), 0)
      : 1;
  const result = {
    ratio_wall: ratio("plinth", "wall"),
    ratio_cpu: ratio("plinth", "cpu"),
    ratio_wall_etcd: ratio("etcd", "wall"),
    ratio_cpu_etcd: ratio("etcd", "cpu"),
    ratio_healthcheck: Math.max(...Object.keys(checks).map((name) => ratio(name, "cpu"))),
    ratio_options: round(of("options", "cpu") / of("plinth", "cpu")),
    ratio_memory: round(Math.max(of("plinth", "rss"), of("etcd", "rss")) / of("node", "rss")),
    rounds,
    values: leaves(pillar),
    dynamic: Object.keys(dynamic).length,
    options: readFileSync(join(work, "plain/etc/nova/nova.conf"), "utf8")
      .split("\n")
      .filter((line) => /^\w.*=/.test(line)).length,
    milliseconds: Object.fromEntries(
      Object.keys(runs).map((name) => [
        name,
        { wall: round(of(name, "wall") * 1000), cpu: round(of(name, "cpu") * 1000) },
      ]),
    ),
    memory_kib: Object.fromEntries(Object.keys(runs).map((name) => [name, of(name, "rss")])),
  };
  mkdirSync("build/bench", { recursive: true });
  writeFileSync("build/bench/start.json", `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result, null, 2));
} finally {
  await asked.stop();
  await etcd.stop();
  rmSync(work, { recursive: true, force: true });
}
