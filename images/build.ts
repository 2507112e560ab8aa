/**
 * Builds images: `node images/build.ts --release 2025.1 [--image keystone-server]...`, from the repository's root.
 *
 * Exit status: 0; 64 usage (also a release without packages); 75 the engine did not answer or a build failed; 78 what
 * `make binary` makes is missing, or a pillar is wrong; 127 no docker command.
 */
import { existsSync, mkdirSync } from "node:fs";
import { type Diagnostic, type Result, success } from "../src/diagnostics/diagnostic.ts";
import { statusOf } from "../src/diagnostics/exit-status.ts";
import { type Recipe, recipes, startedByPlinth } from "./catalog.ts";
import { makeContext, plinthForImages, plinthHere } from "./context.ts";
import { type Built, engineProblem, runBuild } from "./engine.ts";
import { buildMessage } from "./messages.ts";
import { type BuildRun, buildWords, imageTag, laterRelease } from "./plan.ts";
import { planRun, readWords } from "./request.ts";

/** Prints diagnostics. @returns the exit status they give. */
function say(diagnostics: readonly Diagnostic[]): number {
  for (const { severity, code, what, fix } of diagnostics) {
    process.stderr.write(`${severity}[${code}]: ${what}\n  fix: ${fix}\n`);
  }
  return statusOf(diagnostics);
}

/** A word as a shell wants it. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

function table(rows: readonly (readonly string[])[]): string {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join("  ")).join("\n");
}

async function buildAll(run: BuildRun, chosen: readonly Recipe[], dry: boolean): Promise<Result<readonly Built[]>> {
  const logs = "build/images/logs";
  mkdirSync(logs, { recursive: true });
  const built: Built[] = [];
  for (const recipe of chosen) {
    const component = startedByPlinth(recipe.name)?.component;
    const really = laterRelease(run, recipe);
    if (really && component) {
      const { name: release, suite } = run.release;
      say([buildMessage("later-release", { image: recipe.name, suite, component, really, release })]);
    }
    if (dry) {
      const folder = `build/images/${run.release.name}/${recipe.name}`;
      process.stdout.write(`docker ${buildWords(run, recipe, folder).map(quoted).join(" ")}\n`);
      continue;
    }
    const context = makeContext(recipe, run.release.name);
    if (!context.ok) return context;
    const words = buildWords(run, recipe, context.value.folder, context.value.contract);
    const image = imageTag(run, recipe.name);
    process.stderr.write(`building ${image}\n`);
    const done = await runBuild(image, words, `${logs}/${recipe.name}-${run.release.name}.log`);
    if (!done.ok) return done;
    built.push(done.value);
  }
  return success(built);
}

async function main(args: readonly string[]): Promise<number> {
  const words = readWords(args);
  if (!words.ok) return say(words.diagnostics);
  if (words.value.list) {
    for (const { name, title } of recipes) process.stdout.write(`${name.padEnd(20)}${title}\n`);
    return 0;
  }
  const planned = planRun(words.value);
  if (!planned.ok) return say(planned.diagnostics);
  const { run, chosen } = planned.value;
  const dry = words.value["dry-run"] === true;

  const needed = chosen.some((recipe) => startedByPlinth(recipe.name)) ? [plinthHere, plinthForImages] : [];
  const missing = dry
    ? []
    : needed.filter((path) => !existsSync(path)).map((path) => buildMessage("plinth-missing", { path }));
  const silent = dry ? undefined : engineProblem();
  const problems = [...missing, ...(silent ? [silent] : [])];
  if (problems.length > 0) return say(problems);

  const built = await buildAll(run, chosen, dry);
  if (!built.ok) return say(built.diagnostics);
  if (dry) return 0;
  const rows = built.value.map(({ bytes, seconds }, index) => [
    imageTag(run, chosen[index]?.name ?? ""),
    megabytes(bytes),
    `${seconds.toFixed(1)} s`,
  ]);
  process.stdout.write(`${table([["image", "size", "time"], ...rows])}\n`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
