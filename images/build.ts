/**
 * Builds the images of a model: `node images/build.ts [--model DIR] [--image NODE]...`, from the repository's root.
 *
 * Exit status: 0; 64 usage (also a release without packages); 75 the engine did not answer, or a build or push failed;
 * 78 what `make binary` makes is missing, or the model is wrong; 127 no docker command.
 */
import { existsSync, mkdirSync } from "node:fs";
import { type Diagnostic, type Result, success } from "../src/diagnostics/diagnostic.ts";
import { statusOf } from "../src/diagnostics/exit-status.ts";
import { placeText } from "../src/diagnostics/frame.ts";
import { startedByPlinth } from "./catalog.ts";
import { contextFolder, makeContext, plinthForImages, plinthHere } from "./context.ts";
import { type Built, engineProblem, pushWords, runBuild, runPush } from "./engine.ts";
import { buildMessage } from "./messages.ts";
import { buildWords, laterRelease, type Planned } from "./plan.ts";
import { type Plan, planRun, readRequest, readWords } from "./request.ts";

/** Prints diagnostics, each once, though many nodes may have it. @returns the exit status they give. */
function say(diagnostics: readonly Diagnostic[]): number {
  const texts = diagnostics.map(({ severity, code, what, fix, place, through }) => {
    const { at, frame } = place ? placeText(place) : {};
    const from = at ? `\n  at ${at}${through ? ` (${through})` : ""}` : "";
    return `${severity}[${code}]: ${what}${from}${frame ? `\n${frame}` : ""}\n  fix: ${fix}\n`;
  });
  process.stderr.write([...new Set(texts)].join(""));
  return statusOf(diagnostics);
}

/** A word as a shell wants it. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

const sayCommand = (words: readonly string[]): boolean =>
  process.stdout.write(`docker ${words.map(quoted).join(" ")}\n`);

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

function table(rows: readonly (readonly string[])[]): string {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join("  ")).join("\n");
}

function warnOfLaterRelease({ recipe }: Planned): void {
  const component = startedByPlinth(recipe.name)?.component;
  const really = laterRelease(recipe);
  if (!component || !really) return;
  const { image, release } = recipe;
  say([buildMessage("later-release", { image, release, component, really })]);
}

async function buildOne({ run, model }: Plan, planned: Planned, push: boolean): Promise<Result<Built>> {
  const { recipe } = planned;
  const context = makeContext(recipe, model);
  if (!context.ok) return context;
  const logs = "build/images/logs";
  mkdirSync(logs, { recursive: true });
  const log = `${logs}/${recipe.node}-${recipe.release}.log`;
  process.stderr.write(`building ${recipe.image}\n`);
  const words = buildWords(run, planned, context.value.folder, context.value.contract);
  const built = await runBuild(recipe.image, words, log);
  if (!built.ok || !push) return built;
  process.stderr.write(`pushing ${recipe.image}\n`);
  const pushed = await runPush(recipe.image, log);
  return pushed.ok ? built : pushed;
}

async function buildAll(plan: Plan, push: boolean): Promise<Result<readonly Built[]>> {
  const all: Built[] = [];
  for (const planned of plan.planned) {
    warnOfLaterRelease(planned);
    const built = await buildOne(plan, planned, push);
    if (!built.ok) return built;
    all.push(built.value);
  }
  return success(all);
}

/** Prints what would be run. */
function rehearse({ run, planned }: Plan, push: boolean): void {
  for (const one of planned) {
    warnOfLaterRelease(one);
    sayCommand(buildWords(run, one, contextFolder(one.recipe)));
    if (push) sayCommand(pushWords(one.recipe.image));
  }
}

async function main(args: readonly string[]): Promise<number> {
  const words = readWords(args);
  if (!words.ok) return say(words.diagnostics);
  const request = readRequest(words.value);
  if (!request.ok) return say(request.diagnostics);
  say(request.warnings);
  if (words.value.list) {
    const chosen = request.value.rows.filter(({ recipe }) => request.value.wanted.has(recipe.node));
    for (const { recipe } of chosen) process.stdout.write(`${recipe.node.padEnd(20)}${recipe.title}\n`);
    return say(request.value.problems);
  }
  const plan = planRun(words.value, request.value);
  if (!plan.ok) return say(plan.diagnostics);
  const { planned } = plan.value;
  const push = words.value.push === true;
  if (words.value["dry-run"]) {
    rehearse(plan.value, push);
    return 0;
  }
  if (planned.length === 0) {
    process.stdout.write("no image to build\n");
    return 0;
  }
  const needed = planned.some(({ recipe }) => startedByPlinth(recipe.name)) ? [plinthHere, plinthForImages] : [];
  const missing = needed.filter((path) => !existsSync(path)).map((path) => buildMessage("plinth-missing", { path }));
  const silent = engineProblem();
  const problems = [...missing, ...(silent ? [silent] : [])];
  if (problems.length > 0) return say(problems);

  const built = await buildAll(plan.value, push);
  if (!built.ok) return say(built.diagnostics);
  const rows = built.value.map(({ bytes, seconds }, index) => [
    planned[index]?.recipe.image ?? "",
    megabytes(bytes),
    `${seconds.toFixed(1)} s`,
  ]);
  process.stdout.write(`${table([["image", "size", "time"], ...rows])}\n`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
