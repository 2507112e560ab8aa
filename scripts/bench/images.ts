/**
 * Builds all images of a release from each source that it has, from nothing, and tells how long that took and what a controller's set
 * takes on disk: `node scripts/bench/images.ts [RELEASE]` (make bench-images), build/bench/images.json. The images are removed again.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { bytesOnDisk, controllerSet, type Sized } from "../../images/disk.ts";
import { openDirectory } from "../../src/host/inventory/inventory.ts";
import { imagesOf } from "../../src/image/catalog.ts";
import { openModel } from "../../src/model/model.ts";
import { supportedNames, supportedRelease } from "../../src/openstack/releases.ts";

const output = "build/bench/images.json";
const release = process.argv[2] || "2025.1";
const sources = Object.keys(supportedRelease(release)?.sources ?? {});

type Report = {
  readonly seconds: number;
  readonly images: readonly { readonly node: string; readonly image: string; readonly bytes: number | null }[];
};

/** The project's model with the one line that says where a release's components come from. */
function modelOf(source: string): string {
  const directory = `build/bench/model-${source}`;
  rmSync(directory, { recursive: true, force: true });
  cpSync("model", directory, { recursive: true });
  const path = `${directory}/classes/system/release/${release}.yml`;
  writeFileSync(path, readFileSync(path, "utf8").replace(/^( +source:) \S+$/m, `$1 ${source}`));
  return directory;
}

function sizedOf(model: string, { images }: Report): readonly Sized[] {
  const source = openDirectory(model);
  const opened = source.ok ? openModel(source.value, { overrides: new Map([["_param:release", release]]) }) : source;
  const rows = opened.ok ? imagesOf(opened.value) : opened;
  if (!rows.ok) throw new Error(rows.diagnostics.map(({ what }) => what).join("\n"));
  const bytesOf = new Map(images.map(({ node, bytes }) => [node, bytes ?? 0]));
  return rows.value.map(({ recipe }) => ({ recipe, bytes: bytesOf.get(recipe.node) ?? 0 }));
}

function measure(source: string) {
  const model = modelOf(source);
  const words = ["--model", model, "--release", release, "--deploy-name", `bench-${source}`, "--no-cache"];
  const { status } = spawnSync(process.execPath, ["images/build.ts", ...words], { stdio: ["ignore", 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
  const report = JSON.parse(readFileSync(`build/images/${release}.json`, "utf8")) as Report;
  const sized = sizedOf(model, report);
  const set = controllerSet(sized.map(({ recipe }) => recipe));
  spawnSync("docker", ["image", "rm", ...report.images.map(({ image }) => image).toReversed()], { stdio: "ignore" });
  rmSync(model, { recursive: true });
  return {
    name: source,
    release,
    images: sized.length,
    build_s: Math.round(report.seconds),
    controller_images: set.size,
    controller_set_mb: Math.round(bytesOnDisk(sized, set) / 1e6),
  };
}

if (sources.length === 0) {
  process.stderr.write(`${release} has no source of its own here: one of ${supportedNames.join(", ")}\n`);
  process.exit(64);
}
mkdirSync("build/bench", { recursive: true });
const measured = sources.map(measure);
const known = existsSync(output) ? (JSON.parse(readFileSync(output, "utf8")) as object) : {};
// Whole or not at all: the tests with Docker write other parts of it.
writeFileSync(`${output}.new`, `${JSON.stringify({ ...known, sources: measured }, undefined, 1)}\n`);
renameSync(`${output}.new`, output);
process.stdout.write(`${JSON.stringify(measured, undefined, 1)}\n`);
