/**
 * Builds the binary: the program's parts with their code caches, carried by Node 24 (pkg's SEA mode).
 *
 *   build/bin/plinth                  runs on this machine (glibc 2.28 or newer): one file
 *   build/plinth                      runs in any image at /opt/plinth (`--relocate`):
 *   build/plinth/{bin,lib}            the carrier with its loader and libraries, the same at every commit (docs/decisions/0056)
 *   build/plinth/{program,share}      the program and its templates
 *
 * usage: node scripts/build/binary.ts [--relocate]
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { workingState } from "../../src/host/inventory/git-state.ts";
import { manualPages } from "../reference/manual.ts";
import { carryBeside, carryInside, closeNode } from "./carrier.ts";
import type { Place } from "./elf.ts";
import { ignoreLoaderVariables } from "./loader-variables.ts";
import { parts } from "./parts.ts";
import { makeProgram, stage } from "./program.ts";
import { relocate } from "./relocation.ts";

/** Where the relocated tree lives in every image: an ELF interpreter is an absolute path, so the place is fixed. */
const home = "/opt/plinth";

const binary = "build/bin/plinth";
const tree = "build/plinth";
const templates = "build/share/config-templates";
const manual = "build/share/man/man1";

const run = (command: string, words: readonly string[]): string =>
  execFileSync(command, words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();

function commit(): string {
  const state = workingState(".");
  return state === undefined ? "unknown" : state.revision.replace(state.commit, state.commit.slice(0, 12));
}

/** The program's files. */
const files = Object.keys(parts).flatMap((part) => [`${part}.cjs`, `${part}.cache`]);

async function makeBinary(): Promise<void> {
  const injected = join(stage, "plinth");
  await carryInside(stage, Object.fromEntries(files.map((name) => [name, resolve(stage, name)])), injected);
  mkdirSync("build/bin", { recursive: true });
  // A copy, in small pieces: what the injection wrote in one piece the kernel keeps in 2 MiB folios, and maps 18 MiB more
  // of it into every process than of a file that was copied or unpacked. Removed first: it may be running (ETXTBSY).
  rmSync(binary, { force: true });
  copyFileSync(injected, binary);
  chmodSync(binary, 0o755);
  // Where it looks for the templates that came with it: those of the checkout, as they are now.
  mkdirSync("build/share", { recursive: true });
  rmSync(templates, { recursive: true, force: true });
  symlinkSync("../../config-templates", templates);
}

/** Writes the manual pages: `man -M build/share/man plinth` here, `-M /opt/plinth/share/man` in an image that has man. */
function makeManual(version: string): void {
  rmSync(manual, { recursive: true, force: true });
  mkdirSync(manual, { recursive: true });
  for (const [name, text] of manualPages(version)) writeFileSync(join(manual, name), text);
}

/** The libraries a program is loaded with, the loader first, as ldd(1) finds them. */
function libraries(program: string): readonly string[] {
  const lines = run("ldd", [program]).split("\n");
  return lines.map((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1]).filter((path) => path !== undefined);
}

/** Modes that do not depend on whose umask this is: in an image, other accounts than root run the program. */
function openToAll(path: string): void {
  const directory = statSync(path).isDirectory();
  if (directory) for (const name of readdirSync(path)) openToAll(join(path, name));
  chmodSync(path, directory || statSync(path).mode & 0o100 ? 0o755 : 0o644);
}

/**
 * Makes the tree that runs in any image, kilo's Ubuntu 14.04 (glibc 2.19) and `FROM scratch` included: the carrier is pointed at its
 * own loader and libraries.
 */
async function makeTree(room: Place): Promise<void> {
  const carrier = await carryBeside(stage, `${home}/program`);
  rmSync(tree, { recursive: true, force: true });
  const program = join(tree, "program", carrier.name);
  for (const directory of [join(tree, "bin"), join(tree, "lib"), program]) mkdirSync(directory, { recursive: true });
  const needed = libraries(carrier.file);
  const loader = needed.find((path) => basename(path).startsWith("ld-linux"));
  if (loader === undefined) throw new Error(`ldd names no loader for ${carrier.file}`);
  for (const library of needed) copyFileSync(realpathSync(library), join(tree, "lib", basename(library)));
  const loaderInTree = join(tree, "lib", basename(loader));
  const loaderBytes = readFileSync(loaderInTree);
  if (ignoreLoaderVariables(loaderBytes)) writeFileSync(loaderInTree, loaderBytes);
  else
    console.error(
      "binary: the dynamic loader of this machine is not as expected: LD_PRELOAD will reach plinth in images",
    );
  const bytes = readFileSync(carrier.file);
  relocate(bytes, room, { loader: `${home}/lib/${basename(loader)}`, libraries: "$ORIGIN/../lib" });
  const relocated = join(stage, "relocated");
  writeFileSync(relocated, bytes, { mode: 0o755 });
  for (const name of files) copyFileSync(join(stage, name), join(program, name));
  cpSync("config-templates", join(tree, "share/config-templates"), { recursive: true });
  cpSync(manual, join(tree, "share/man/man1"), { recursive: true });
  // A copy, for the reason that makeBinary gives; last, since make takes it for the whole tree.
  copyFileSync(relocated, join(tree, "bin/plinth"));
  openToAll(tree);
}

const size = (path: string): string => `${(statSync(path).size / 1e6).toFixed(1)} MB`;

const { values } = parseArgs({ options: { relocate: { type: "boolean", default: false } } });
const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
await makeProgram({ PLINTH_VERSION: JSON.stringify(version), PLINTH_COMMIT: JSON.stringify(commit()) });
const room = closeNode(stage);
await makeBinary();
makeManual(version);
const own = Object.keys(parts).map((part) => `${part} ${size(join(stage, `${part}.cjs`))}`);
console.log(`${binary}: ${size(binary)} (Node ${process.version} ${size(join(stage, "node"))}; ${own.join(", ")})`);
if (values.relocate) {
  await makeTree(room);
  console.log(`${tree}: ${run("du", ["-sh", tree]).split("\t")[0]}, to be copied to ${home}`);
}
