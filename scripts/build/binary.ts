/**
 * Builds the binary: the program's parts with their code caches, carried by Node 24 (pkg's SEA mode).
 *
 *   build/bin/plinth        runs on this machine (glibc 2.28 or newer)
 *   build/plinth/{bin,lib}  runs in any image at /opt/plinth: the loader and the libraries come along (`--relocate`)
 *
 * usage: node scripts/build/binary.ts [--relocate]
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import pkgSea, { type SeaConfig } from "@yao-pkg/pkg/lib-es5/sea.js";
import { workingState } from "../../src/host/inventory/git-state.ts";
import { manualPages } from "../reference/manual.ts";
import type { Place } from "./elf.ts";
import { ignoreLoaderVariables } from "./loader-variables.ts";
import { closeDoors } from "./node.ts";
import { parts } from "./parts.ts";
import { makeProgram, stage } from "./program.ts";
import { relocate } from "./relocation.ts";
import { withoutSymbols } from "./symbols.ts";

/** Where the relocated tree lives in every image: an ELF interpreter is an absolute path, so the place is fixed. */
const home = "/opt/plinth";

const carrier = join(stage, "node");
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

/**
 * Makes the Node that carries the program: closed to the outside, less its symbols.
 *
 * @returns where in it there is room for a few bytes.
 */
function makeCarrier(): Place {
  const node = readFileSync(process.execPath);
  const room = closeDoors(node);
  writeFileSync(carrier, withoutSymbols(node), { mode: 0o755 });
  return room;
}

async function makeBinary(): Promise<void> {
  const assets = Object.keys(parts).flatMap((part) => [`${part}.cjs`, `${part}.cache`]);
  const injected = join(stage, "plinth");
  await pkgSea.default(resolve("scripts/build/loader.cjs"), {
    nodePath: resolve(carrier),
    seaConfig: {
      disableExperimentalSEAWarning: true,
      useSnapshot: false,
      useCodeCache: true,
      execArgv: [
        // Room for the young objects of a whole start: no garbage is collected on the way (a millisecond less).
        "--min-semi-space-size=16",
        "--max-semi-space-size=16",
        "--disable-sigusr1",
        // Otherwise /etc/ssl/openssl.cnf, which may load any library.
        "--openssl-config=/dev/null",
        // What follows, argv[0] first, is no option of Node.
        "--",
      ],
      execArgvExtension: "none",
      assets: Object.fromEntries(assets.map((name) => [name, resolve(stage, name)])),
    } as SeaConfig,
    targets: [{ platform: "linux", arch: process.arch, nodeRange: "node24", output: resolve(injected) }] as never,
  });
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

/**
 * Makes the tree that runs in any image, kilo's Ubuntu 14.04 (glibc 2.19) and `FROM scratch` included: the finished
 * binary is pointed at its own loader and libraries.
 */
function makeTree(room: Place): void {
  rmSync(tree, { recursive: true, force: true });
  mkdirSync(join(tree, "bin"), { recursive: true });
  mkdirSync(join(tree, "lib"), { recursive: true });
  const needed = libraries(binary);
  const loader = needed.find((path) => basename(path).startsWith("ld-linux"));
  if (loader === undefined) throw new Error(`ldd names no loader for ${binary}`);
  for (const library of needed) copyFileSync(realpathSync(library), join(tree, "lib", basename(library)));
  const loaderInTree = join(tree, "lib", basename(loader));
  const loaderBytes = readFileSync(loaderInTree);
  if (ignoreLoaderVariables(loaderBytes)) writeFileSync(loaderInTree, loaderBytes);
  else
    console.error(
      "binary: the dynamic loader of this machine is not as expected: LD_PRELOAD will reach plinth in images",
    );
  const program = readFileSync(binary);
  relocate(program, room, { loader: `${home}/lib/${basename(loader)}`, libraries: "$ORIGIN/../lib" });
  const relocated = join(stage, "relocated");
  writeFileSync(relocated, program, { mode: 0o755 });
  // A copy, for the reason that makeBinary gives.
  copyFileSync(relocated, join(tree, "bin/plinth"));
  cpSync("config-templates", join(tree, "share/config-templates"), { recursive: true });
  cpSync(manual, join(tree, "share/man/man1"), { recursive: true });
}

const size = (path: string): string => `${(statSync(path).size / 1e6).toFixed(1)} MB`;

const { values } = parseArgs({ options: { relocate: { type: "boolean", default: false } } });
const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
await makeProgram({ PLINTH_VERSION: JSON.stringify(version), PLINTH_COMMIT: JSON.stringify(commit()) });
const room = makeCarrier();
await makeBinary();
makeManual(version);
const own = Object.keys(parts).map((part) => `${part} ${size(join(stage, `${part}.cjs`))}`);
console.log(`${binary}: ${size(binary)} (Node ${process.version} ${size(carrier)}; ${own.join(", ")})`);
if (values.relocate) {
  makeTree(room);
  console.log(`${tree}: ${run("du", ["-sh", tree]).split("\t")[0]}, to be copied to ${home}`);
}
