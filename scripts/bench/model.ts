/**
 * The model: every shape of test/model/generate*.ts by `reclass --inventory` and by `plinth model show --all --json`, whose answers
 * must agree; then what grows with the number of nodes, and one node of 2,000 after a change of one class, by plinth alone.
 * Writes build/bench/model.json. A clone of a public model is measured as one more shape:
 *
 *   MODEL_DIR=~/mk-lab-salt-model MODEL_COPIES=11 make bench-model
 */
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { largeModel } from "../../test/model/generate.ts";
import { clustersModel } from "../../test/model/generate-clusters.ts";
import { nestedModel } from "../../test/model/generate-nested.ts";
import { queriesModel } from "../../test/model/generate-queries.ts";
import { type TextFile, writeFiles } from "../../test/model/generated-files.ts";
import { withoutReclass } from "../../test/support/reclass.ts";
import { multiplyNodes } from "./clone.ts";

/** Of plinth; reclass, which takes half a minute and more for each shape, runs once. */
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

function measure(commands: Readonly<Record<string, Command>>, times = rounds): Record<string, Run[]> {
  const input = JSON.stringify({ rounds: times, warmup: 0, commands });
  return JSON.parse(execFileSync("python3", ["scripts/bench/measure.py"], { input, encoding: "utf8", maxBuffer: 1e8 }));
}

const of = (runs: readonly Run[], key: keyof Run): number => median(runs.map((run) => run[key]));
const peak = (runs: readonly Run[]): number => round(Math.max(...runs.map(({ rss }) => rss)) / 1024, 1);

/** A command whose output goes to a file: the shell becomes the command. */
const into = (file: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}): Command => ({
  argv: ["/bin/sh", "-c", `exec "$0" "$@" > '${file}'`, ...argv],
  env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C.UTF-8", ...env },
});

const plinth = (directory: string): Command =>
  into(`${directory}.plinth`, [binary, "model", "show", "--all", "--json", "--model", directory]);
const reclass = (directory: string): Command =>
  into(`${directory}.reclass`, ["/usr/bin/reclass", "-b", directory, "-o", "json", "--inventory"], {
    PYTHONPATH: cure,
  });

/** @returns the number of values at the ends of a node's parameters. */
const leaves = (value: unknown): number =>
  value !== null && typeof value === "object"
    ? Object.values(value).reduce((sum: number, each) => sum + leaves(each), 0)
    : 1;

function agreeing(directory: string): Inventory {
  const [theirs, ours] = ["reclass", "plinth"].map(
    (name) => JSON.parse(readFileSync(`${directory}.${name}`, "utf8")) as Inventory,
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

const mean = (numbers: readonly number[]): number =>
  round(numbers.reduce((sum, each) => sum + each, 0) / numbers.length, 1);

type Shape = { readonly name: string; readonly write: (directory: string) => void };

const generated = (name: string, files: () => Iterable<TextFile>): Shape => ({
  name,
  write: (directory) => writeFiles(directory, files()),
});

const clone = process.env["MODEL_DIR"];
const copies = Number(process.env["MODEL_COPIES"] ?? 11);
const shapes: readonly Shape[] = [
  generated("generated", () => largeModel(2000)),
  generated("mk-lab", () => clustersModel(16, 11)),
  generated("stacklight", () => clustersModel(4, 20)),
  generated("nested", () => nestedModel(2000)),
  generated("queries", () => queriesModel(4000)),
  ...(clone
    ? [{ name: basename(resolve(clone)), write: (directory: string) => multiplyNodes(clone, directory, copies) }]
    : []),
];

/** Measures one shape by both. */
function compared({ name, write }: Shape) {
  const directory = join(work, name);
  write(directory);
  const theirs = measure({ reclass: reclass(directory) }, 1)["reclass"] ?? [];
  const ours = measure({ plinth: plinth(directory) })["plinth"] ?? [];
  const nodes = Object.values(agreeing(directory).nodes);
  const ratio = (key: "wall" | "cpu"): number => round(of(theirs, key) / of(ours, key), 1);
  const row = {
    name,
    cpu: ratio("cpu"),
    wall: ratio("wall"),
    peak_mib: peak(ours),
    nodes: nodes.length,
    classes_per_node: mean(nodes.map(({ classes }) => classes.length)),
    values_per_node: mean(nodes.map(({ parameters }) => leaves(parameters))),
    plinth_s: { cpu: round(of(ours, "cpu")), wall: round(of(ours, "wall")) },
    reclass_s: { cpu: round(of(theirs, "cpu")), wall: round(of(theirs, "wall")) },
    reclass_mib: peak(theirs),
  };
  console.error(`bench: ${name}: ${row.cpu} times reclass by CPU time, ${row.wall} by the clock, ${row.peak_mib} MiB`);
  for (const each of ["", ".plinth", ".reclass"]) rmSync(`${directory}${each}`, { recursive: true });
  return row;
}

/** Measures models of one shape and several sizes by plinth. */
function growing(name: string, sizes: readonly number[], files: (nodes: number) => Iterable<TextFile>) {
  const directories = sizes.map((nodes): [string, string] => [String(nodes), join(work, `${name}-${nodes}`)]);
  for (const [nodes, directory] of directories) writeFiles(directory, files(Number(nodes)));
  const runs = measure(Object.fromEntries(directories.map(([nodes, directory]) => [nodes, plinth(directory)])));
  const output = Object.fromEntries(
    directories.map(([nodes, directory]) => [nodes, statSync(`${directory}.plinth`).size]),
  );
  for (const [, directory] of directories)
    for (const each of ["", ".plinth"]) rmSync(`${directory}${each}`, { recursive: true });
  const each = <T>(number: (runs: readonly Run[]) => T): Record<string, T> =>
    Object.fromEntries(Object.entries(runs).map(([nodes, its]) => [nodes, number(its)]));
  return {
    seconds: each((its) => round(of(its, "wall"))),
    cpu: each((its) => round(of(its, "cpu"))),
    mib: each(peak),
    output,
  };
}

/** @returns milliseconds for one node of 2,000, a class of it changed before each run. */
function oneNode(): number {
  const directory = join(work, "one");
  writeFiles(directory, largeModel(2000));
  const command = into(`${directory}.plinth`, [binary, "model", "show", "n77", "--model", directory]);
  const runs = Array.from({ length: 4 * rounds + 1 }, () => {
    appendFileSync(join(directory, "classes/cluster/cloud/init.yml"), "# changed\n");
    return (measure({ plinth: command }, 1)["plinth"] ?? [])[0] as Run;
  });
  return round(of(runs, "wall") * 1000, 1);
}

const missing = withoutReclass();
if (missing) {
  console.error(`bench: ${missing}`);
  process.exit(1);
}

try {
  const ratios = shapes.map(compared);
  const [first] = ratios;
  if (!first) throw new Error("no shapes");
  const large = growing("large", [2500, 5000, 10_000], largeModel);
  const queries = growing("queries", [1000, 2000, 4000], queriesModel);
  const result = {
    ratios,
    ratio_reclass: first.wall,
    ratio_reclass_cpu: first.cpu,
    one_node_ms: oneNode(),
    nodes_10000_s: large.seconds["10000"],
    peak_mib: large.mib["10000"],
    seconds_2000: { reclass: first.reclass_s.wall, plinth: first.plinth_s.wall },
    seconds: large.seconds,
    memory_mib: { reclass: first.reclass_mib, plinth: first.peak_mib, ...large.mib },
    growth_2500_to_10000: round((large.seconds["10000"] ?? 0) / (large.seconds["2500"] ?? 1), 2),
    queries: { cpu_s: queries.cpu, memory_mib: queries.mib },
    output_10000_mib: round((large.output["10000"] ?? 0) / 2 ** 20, 1),
    values_per_node: first.values_per_node,
    classes_per_node: first.classes_per_node,
    rounds,
  };
  mkdirSync("build/bench", { recursive: true });
  writeFileSync("build/bench/model.json", `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result, null, 2));
} finally {
  rmSync(work, { recursive: true, force: true });
}
