/**
 * Measures which lines of src the tests run (make coverage).
 *
 * The binary's bundle has no names of files, and no environment reaches its Node. So the tests get a program in its place that runs plinth
 * from a bundle with source maps, and writes down what ran; what is true of the binary alone is left out. Lines count that have code. A
 * file that no test loads counts with all of them.
 *
 * Exit status: 0; 1 where less than 90 % of the lines ran, or a test failed.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, globSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { buildSync } from "esbuild";
import { linesRan } from "./lines.ts";

const least = 90;
const directory = "build/coverage";
const raw = resolve(directory, "raw");
const program = resolve(directory, "plinth");
const report = `${directory}/lcov.info`;

/** These look at the binary: what reaches its Node, its parts, how it is carried, how soon it ends. */
const ofTheBinary = [
  "test/build/",
  "test/cli/outside.test.ts",
  "test/cli/signals.test.ts",
  "test/network/names.test.ts",
  "test/render/start-path.test.ts",
];

const sources = globSync("src/**/*.ts").sort();
rmSync(directory, { recursive: true, force: true });
mkdirSync(raw, { recursive: true });
// plinth may run as another account.
chmodSync(raw, 0o1777);
const bundle = resolve(directory, "bundle");
buildSync({
  entryPoints: ["src/main.ts", "src/health.ts"],
  outdir: bundle,
  bundle: true,
  splitting: true,
  // What nothing in the program uses has to count, too.
  treeShaking: false,
  format: "esm",
  platform: "node",
  sourcemap: true,
  // In a bundle `import()` gives mysql2 as one object, without its names, and etcd3 reads files that lie beside it.
  external: ["mysql2", "etcd3"],
  // Packages that are no ES modules ask for what is Node's own.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
});
const recorder = resolve(directory, "recorder.js");
buildSync({ entryPoints: ["scripts/coverage/recorder.ts"], outfile: recorder, format: "esm" });
// Templates that nobody named are looked for beside the program: in ../share of Node, which is the program here.
const node = resolve(directory, "bin/node");
mkdirSync(dirname(node), { recursive: true });
copyFileSync(process.execPath, node);
mkdirSync(resolve(directory, "share"), { recursive: true });
symlinkSync(resolve("config-templates"), resolve(directory, "share/config-templates"));
writeFileSync(
  program,
  `#!/bin/sh
main=main
[ "$1" != healthcheck ] || main=health
exec '${node}' --import='${recorder}' '${bundle}/'$main.js "$@"
`,
  { mode: 0o755 },
);

const tests = process.argv.slice(2).length > 0 ? process.argv.slice(2) : globSync("test/!(e2e)/**/*.test.ts");
const chosen = tests.filter((file) => !ofTheBinary.some((start) => file.startsWith(start))).sort();
const { status } = spawnSync(
  process.execPath,
  [
    ...["--test", "--test-timeout=600000", `--test-concurrency=${process.env["JOBS"] || 2}`, "--test-reporter=dot"],
    ...chosen,
  ],
  { stdio: "inherit", env: { ...process.env, NODE_V8_COVERAGE: raw, PLINTH_UNDER_TEST: program } },
);

const lines = [...linesRan(raw, sources, bundle)].map(([file, { all, ran }]) => ({ file, all, ran }));
/** By geninfo(1): SF a file, DA a line and how often it ran, LF how many lines, LH how many that ran. */
const records = lines.map(
  ({ file, all, ran }) =>
    `SF:${file}\n${all.map((line) => `DA:${line},${ran.has(line) ? 1 : 0}\n`).join("")}LF:${all.length}\nLH:${ran.size}\nend_of_record\n`,
);
writeFileSync(report, records.join(""));
rmSync(raw, { recursive: true });

const rows = lines.map(({ file, all, ran }) => ({
  file,
  all: all.length,
  ran: ran.size,
  share: (100 * ran.size) / all.length,
}));
for (const { file, all, ran, share } of rows.filter(({ share }) => share < least).sort((a, b) => a.share - b.share))
  console.log(`${share.toFixed(1).padStart(6)} %  ${file} (${ran} of ${all})`);
const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);
const [all, ran] = [sum(rows.map((row) => row.all)), sum(rows.map((row) => row.ran))];
const share = (100 * ran) / all;
console.log(`${share.toFixed(1)} % of the lines of src with code ran (${ran} of ${all}): ${report}`);
if (status !== 0) console.log("a test failed: what it would have run is not counted");
process.exitCode = status === 0 && share >= least ? 0 : 1;
