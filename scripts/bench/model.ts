/**
 * Measures compiling a whole model: 2,000 nodes by `reclass --inventory` and by `plinth model show --all --json` in turn,
 * whose answers must agree, then 2,500, 5,000 and 10,000 nodes by plinth alone. Writes build/bench/model.json.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { writeLargeModel } from "../../test/model/generate.ts";
import { withoutReclass } from "../../test/support/reclass.ts";

const rounds = Number(process.env["ROUNDS"] ?? 3);
const binary = resolve("build/bin/plinth");
const cure = resolve("test/model/judge/cure");

type Run = { readonly wall: number; readonly cpu: number; readonly rss: number };
type Command = { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> };
type Node = { readonly __reclass__: unknown; readonly classes: readonly string[]; readonly parameters: unknown };
type Inventory = { readonly nodes: Readonly<Record<string, Node>> };

const work = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "plinth-bench-"));

const median = (numbers: readonly number[]): number => {
  const sorted = numbers.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
};

const round = (value: number, digits = 3): number => Number(value.toFixed(digits));

function measure(commands: Readonly<Record<string, Command>>): Record<string, Run[]> {
  const input = JSON.stringify({ rounds, warmup: 0, commands });
  return JSON.parse(execFileSync("python3", ["scripts/bench/measure.py"], { input, encoding: "utf8", maxBuffer: 1e8 }));
}

/** A command whose output goes to a file: the shell becomes the command. */
const into = (file: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}): Command => ({
  argv: ["/bin/sh", "-c", `exec "$0" "$@" > '${file}'`, ...argv],
  env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C.UTF-8", ...env },
});

const modelOf = (nodes: number): string => {
  const folder = join(work, `model-${nodes}`);
  writeLargeModel(folder, nodes);
  return folder;
};

const plinth = (folder: string): Command =>
  into(`${folder}.plinth`, [binary, "model", "show", "--all", "--json", "--model", folder]);
const reclass = (folder: string): Command =>
  into(`${folder}.reclass`, ["/usr/bin/reclass", "-b", folder, "-o", "json", "--inventory"], { PYTHONPATH: cure });

/** @returns the number of values at the ends of a node's parameters. */
const leaves = (value: unknown): number =>
  value !== null && typeof value === "object"
    ? Object.values(value).reduce((sum: number, each) => sum + leaves(each), 0)
    : 1;

function agreeing(folder: string): Inventory {
  const [theirs, ours] = ["reclass", "plinth"].map(
    (name) => JSON.parse(readFileSync(`${folder}.${name}`, "utf8")) as Inventory,
  );
  if (!theirs || !ours) throw new Error("no answers");
  const without = ({ __reclass__, ...node }: Node) => node;
  for (const [name, node] of Object.entries(theirs.nodes)) {
    const other = ours.nodes[name];
    if (!other || !isDeepStrictEqual(without(node), without(other)))
      throw new Error(`plinth and reclass differ on ${name}`);
  }
  if (Object.keys(ours.nodes).length !== Object.keys(theirs.nodes).length) throw new Error("plinth has other nodes");
  return ours;
}

const missing = withoutReclass();
if (missing) {
  console.error(`bench: ${missing}`);
  process.exit(1);
}

try {
  const compared = modelOf(2000);
  const pair = measure({ reclass: reclass(compared), plinth: plinth(compared) });
  const inventory = agreeing(compared);
  const sizes = [2500, 5000, 10_000];
  const folders = Object.fromEntries(sizes.map((nodes) => [String(nodes), modelOf(nodes)]));
  const growing = measure(Object.fromEntries(sizes.map((nodes) => [String(nodes), plinth(folders[nodes] as string)])));
  const of = (runs: Record<string, Run[]>, name: string, key: keyof Run): number =>
    median((runs[name] ?? []).map((run) => run[key]));
  const seconds = (runs: Record<string, Run[]>) =>
    Object.fromEntries(Object.keys(runs).map((name) => [name, round(of(runs, name, "wall"))]));
  const mebibytes = (runs: Record<string, Run[]>) =>
    Object.fromEntries(
      Object.entries(runs).map(([name, each]) => [name, round(Math.max(...each.map(({ rss }) => rss)) / 1024, 1)]),
    );
  const [first] = Object.values(inventory.nodes);
  const result = {
    ratio_reclass: round(of(pair, "reclass", "wall") / of(pair, "plinth", "wall"), 1),
    ratio_reclass_cpu: round(of(pair, "reclass", "cpu") / of(pair, "plinth", "cpu"), 1),
    nodes_10000_s: round(of(growing, "10000", "wall")),
    peak_mib: mebibytes(growing)["10000"],
    seconds_2000: seconds(pair),
    seconds: seconds(growing),
    memory_mib: { ...mebibytes(pair), ...mebibytes(growing) },
    growth_2500_to_10000: round(of(growing, "10000", "wall") / of(growing, "2500", "wall"), 2),
    output_10000_mib: round(statSync(`${folders["10000"]}.plinth`).size / 2 ** 20, 1),
    values_per_node: leaves(first?.parameters),
    classes_per_node: first?.classes.length,
    rounds,
  };
  mkdirSync("build/bench", { recursive: true });
  writeFileSync("build/bench/model.json", `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result, null, 2));
} finally {
  rmSync(work, { recursive: true, force: true });
}
