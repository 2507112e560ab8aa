/**
 * Builds images twice, with all that they stand on and nothing of a cache, and compares every file of the two:
 * `node images/reproduce.ts --image memcached-server [WORD OF images/build.ts]...`, from the repository's root.
 *
 * Exit status: 0 when all files are the same; 75 when some are not, each on a line; else that of images/build.ts.
 */
import { spawn, spawnSync } from "node:child_process";
import { exitStatus } from "../src/diagnostics/exit-status.ts";
import type { Engine } from "./engine.ts";
import { differences, filesOf } from "./files.ts";
import { planRun, readRequest, readWords } from "./request.ts";

const given = process.argv.slice(2);

/** @returns the engine, and the images that these words of images/build.ts name; undefined where they are wrong. */
function imagesOf(
  words: readonly string[],
): { readonly engine: Engine; readonly images: readonly string[] } | undefined {
  const read = readWords(words);
  const request = read.ok ? readRequest(read.value) : read;
  const plan = read.ok && request.ok ? planRun(read.value, request.value) : undefined;
  if (!plan?.ok) return undefined;
  const images = plan.value.planned.map(({ recipe }) => recipe.image);
  return { engine: plan.value.run.engine, images };
}

/** Builds everything again under a name of its own. images/build.ts reports what is wrong with the words. */
function build(deployName: string): ReturnType<typeof imagesOf> {
  const words = [...given, "--deploy-name", deployName, "--no-cache"];
  const { status } = spawnSync(process.execPath, ["images/build.ts", ...words], { stdio: ["ignore", 2, 2] });
  if (status !== 0) process.exit(status ?? exitStatus.dependency);
  return imagesOf(words);
}

/** @returns what is in an image, by way of a container that is never started. */
async function contentsOf(engine: Engine, image: string): Promise<ReadonlyMap<string, string>> {
  const run = (...words: string[]): string => spawnSync(engine, words, { encoding: "utf8" }).stdout.trim();
  const container = run("create", image, "/nothing");
  const exported = spawn(engine, ["export", container], { stdio: ["ignore", "pipe", "inherit"] });
  const files = await filesOf(exported.stdout);
  run("rm", container);
  return files;
}

const one = build(`reproduce-one-${process.pid}`);
const other = build(`reproduce-other-${process.pid}`);
if (!one || !other) throw new Error("images/build.ts took words that cannot be read");
const { engine } = one;
let different = 0;
for (const [index, image] of one.images.entries()) {
  const again = other.images[index] ?? image;
  const [first, second] = [await contentsOf(engine, image), await contentsOf(engine, again)];
  const found = differences(first, second);
  different += found.length;
  const name = image.replace(/^.*\//, "");
  process.stdout.write(`${name}: ${first.size} files, ${found.length} different\n`);
  for (const line of found) process.stdout.write(`  ${line}\n`);
}
spawnSync(engine, ["image", "rm", ...other.images.toReversed(), ...one.images.toReversed()], { stdio: "ignore" });
process.exitCode = different === 0 ? 0 : exitStatus.dependency;
