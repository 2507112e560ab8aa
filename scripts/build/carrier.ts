/** Makes what carries the program: Node, closed to the outside, with the main script that loads it. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import pkgSea, { type SeaConfig } from "@yao-pkg/pkg/lib-es5/sea.js";
import { buildSync } from "esbuild";
import type { Place } from "./elf.ts";
import { closeDoors } from "./node.ts";
import { withoutSymbols } from "./symbols.ts";
import { shortenStart } from "./v8.ts";

const nodeIn = (stage: string): string => join(stage, "node");

/**
 * Makes the Node that carries the program: closed to the outside, without what a start has no use of, and without its symbols.
 *
 * @returns where in it there is room for a few bytes.
 */
export function closeNode(stage: string): Place {
  const node = readFileSync(process.execPath);
  const room = closeDoors(node);
  shortenStart(node, process.versions.v8);
  writeFileSync(nodeIn(stage), withoutSymbols(node), { mode: 0o755 });
  return room;
}

const seaConfig = {
  disableExperimentalSEAWarning: true,
  useSnapshot: false,
  // It is another one each time (the hashes of V8's strings are seeded by chance), and the main script is a page.
  useCodeCache: false,
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
} as const;

/** A main script as one text. */
function mainScript(entry: string, define: Readonly<Record<string, string>> = {}): string {
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    write: false,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    define: Object.fromEntries(Object.entries(define).map(([name, value]) => [name, JSON.stringify(value)])),
    logLevel: "warning",
  });
  return outputFiles[0]?.text ?? "";
}

/**
 * Puts a main script and files into Node (pkg's SEA mode). The same give the same bytes, whenever and in whichever directory.
 *
 * @param assets files by the names that the script asks for.
 */
async function inject(stage: string, script: string, assets: Readonly<Record<string, string>>, output: string) {
  const main = join(stage, "main.cjs");
  writeFileSync(main, script);
  // The binary names its main script as this does. pkg works in a new directory of the one for temporary files.
  process.env["TMPDIR"] = resolve(stage);
  await pkgSea.default(resolve(main), {
    nodePath: resolve(nodeIn(stage)),
    seaConfig: { ...seaConfig, assets, main: "../main.cjs" } as SeaConfig,
    targets: [{ platform: "linux", arch: process.arch, nodeRange: "node24", output: resolve(output) }] as never,
  });
}

/** Makes the binary that is one file. @param assets files of the program by their names. */
export const carryInside = (stage: string, assets: Readonly<Record<string, string>>, output: string): Promise<void> =>
  inject(stage, mainScript("scripts/build/from-assets.ts"), assets, output);

/** What a carrier is made of besides Node and its main script. */
const tools = ["@yao-pkg/pkg", "postject"].map((name) => readFileSync(`node_modules/${name}/package.json`, "utf8"));

/** A carrier whose program lies in files: `name` is another one for another Node or main script, and for nothing else. */
export type Carrier = { readonly name: string; readonly file: string };

/**
 * Makes the carrier of a program that lies in files below `programs`, in the directory that is called as the carrier. What is there of
 * an earlier run stays: neither the program nor its commit is in it.
 */
export async function carryBeside(stage: string, programs: string): Promise<Carrier> {
  const script = (name: string): string =>
    mainScript("scripts/build/from-files.ts", { PLINTH_PROGRAMS: programs, PLINTH_CARRIER: name });
  const digest = createHash("sha256");
  for (const part of [readFileSync(nodeIn(stage)), script(""), JSON.stringify(seaConfig), ...tools])
    digest.update(part);
  const name = `node-${process.versions.node}-${digest.digest("hex").slice(0, 12)}`;
  const file = join(stage, `carrier-${name}`);
  if (!existsSync(file)) {
    for (const old of readdirSync(stage)) if (old.startsWith("carrier-")) rmSync(join(stage, old));
    await inject(stage, script(name), {}, `${file}.new`);
    renameSync(`${file}.new`, file);
  }
  return { name, file };
}
