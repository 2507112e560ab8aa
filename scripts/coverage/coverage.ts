/**
 * Measures which lines of src the tests run (make coverage).
 *
 * The binary carries one bundle without names of files. So the tests get a program in its place that runs plinth from copies of its
 * sources without types, and writes down what ran; what is true of the binary alone is left out. Lines are counted as Node counts them: each line of a file, but for
 * those in functions and branches that never ran. A file with code that no test loads counts with all of its lines.
 *
 * Exit status: 0; 1 where less than 90 % of the lines ran, or a test failed.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, resolve } from "node:path";

const least = 90;
const directory = "build/coverage";
const raw = resolve(directory, "raw");
const program = resolve(directory, "plinth");
const report = `${directory}/lcov.info`;

/** These look at the binary: what reaches its Node, its parts, how it is carried. */
const ofTheBinary = ["test/build/", "test/cli/outside.test.ts", "test/render/start-path.test.ts"];

/** Writes a module without its types, where blanks are in their place: each character stands where it stood. */
function writeStripped(from: string, to: string): void {
  const text = stripTypeScriptTypes(readFileSync(from, "utf8"));
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, text.replace(/((?:from |import\()"[^"]*)\.ts"/g, '$1.js"'));
}

rmSync(directory, { recursive: true, force: true });
mkdirSync(raw, { recursive: true });
// plinth may run as another account.
chmodSync(raw, 0o1777);
for (const file of globSync("src/**/*.ts")) writeStripped(file, resolve(directory, file.replace(/\.ts$/, ".js")));
const recorder = resolve(directory, "recorder.js");
writeStripped("scripts/coverage/recorder.ts", recorder);
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
exec '${node}' --import='${recorder}' '${resolve(directory, "src")}/'$main.js "$@"
`,
  { mode: 0o755 },
);

const tests = process.argv.slice(2).length > 0 ? process.argv.slice(2) : globSync("test/!(e2e)/**/*.test.ts");
const chosen = tests.filter((file) => !ofTheBinary.some((start) => file.startsWith(start))).sort();
const ran = spawnSync(
  process.execPath,
  [
    ...["--test", "--test-timeout=600000", `--test-concurrency=${process.env["JOBS"] || 2}`],
    ...["--experimental-test-coverage", "--test-coverage-include=src/**/*.ts"],
    ...["--test-reporter=dot", "--test-reporter-destination=stdout"],
    ...["--test-reporter=lcov", `--test-reporter-destination=${report}`],
    ...chosen,
  ],
  { stdio: "inherit", env: { ...process.env, NODE_V8_COVERAGE: raw, PLINTH_UNDER_TEST: program } },
);

type Lines = { readonly file: string; readonly all: number; readonly ran: number };

/** The records of a report, by geninfo(1): SF a file, LF its lines, LH those that ran. */
const records = readFileSync(report, "utf8")
  .split("end_of_record\n")
  .flatMap((text): readonly Lines[] => {
    const file = /^SF:(.*)$/m.exec(text)?.[1];
    const count = (key: string): number => Number(new RegExp(`^${key}:(\\d+)$`, "m").exec(text)?.[1] ?? 0);
    return file === undefined ? [] : [{ file, all: count("LF"), ran: count("LH") }];
  });
const loaded = new Set(records.map(({ file }) => file));
/** Whether anything is left of a module without types and comments: one of types alone is never loaded. */
const hasCode = (file: string): boolean =>
  stripTypeScriptTypes(readFileSync(file, "utf8"))
    .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "")
    .trim() !== "";
const others = globSync("src/**/*.ts")
  .filter((file) => !loaded.has(file) && hasCode(file))
  .map((file) => ({ file, all: readFileSync(file, "utf8").split("\n").length - 1, ran: 0 }));

const lines: readonly Lines[] = [...records, ...others];
const share = ({ all, ran }: Pick<Lines, "all" | "ran">): number => (all === 0 ? 100 : (100 * ran) / all);
const sum = lines.reduce((total, one) => ({ all: total.all + one.all, ran: total.ran + one.ran }), { all: 0, ran: 0 });
const low = lines.filter((one) => share(one) < least).sort((one, other) => share(one) - share(other));
for (const one of low) console.log(`${share(one).toFixed(1).padStart(6)} %  ${one.file} (${one.ran} of ${one.all})`);
console.log(`${share(sum).toFixed(1)} % of the lines of src ran (${sum.ran} of ${sum.all}); ${report} has them all`);
rmSync(raw, { recursive: true });
if (ran.status !== 0) console.log("a test failed: what it would have run is not counted");
process.exitCode = ran.status === 0 && share(sum) >= least ? 0 : 1;
