/**
 * Builds the images of a model: `node images/build.ts [--model DIR] [--image NODE]...`, from the repository's root.
 *
 * Exit status: 0; 64 usage (also a release without packages); 75 the engine did not answer, or a build or push failed;
 * 78 what `make binary` makes is missing, or the model is wrong; 127 no command of the engine's name.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Diagnostic } from "../src/diagnostics/diagnostic.ts";
import { statusOf } from "../src/diagnostics/exit-status.ts";
import { placeText } from "../src/diagnostics/frame.ts";
import { engineProblem } from "./engine.ts";
import { commitOf, plinthDigest } from "./fingerprint.ts";
import { lockDirectory } from "./lock.ts";
import { type Made, type Making, makeImage } from "./make.ts";
import { buildMessage } from "./messages.ts";
import { planText } from "./outline.ts";
import type { Planned } from "./plan.ts";
import { nodeVersion, plinthForImages, plinthHere, plinthIn } from "./plinth.ts";
import { reportJson, reportTable } from "./report.ts";
import { type Plan, planRun, readRequest, readWords } from "./request.ts";
import { inOrder } from "./schedule.ts";

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

const tell = (line: string): boolean => process.stderr.write(`${line}\n`);

/** What is missing on this machine to build these images. */
function missingFor({ run, planned }: Plan): readonly Diagnostic[] {
  const parts = [...plinthIn(planned.map(({ recipe }) => recipe)).values()];
  const needed = parts.some(({ adds }) => adds.length > 0) ? [plinthHere, plinthForImages] : [];
  const paths = needed.filter((path) => !existsSync(path));
  const silent = engineProblem(run.engine);
  return [...(silent ? [silent] : []), ...(paths.length > 0 ? [buildMessage("plinth-missing", { paths })] : [])];
}

function makingOf({ run, model, planned }: Plan, push: boolean): Making {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  const images = plinthIn(planned.map(({ recipe }) => recipe));
  const used = [...new Set([...images.values()].flatMap(({ adds }) => adds))];
  const commit = used.includes("program") ? commitOf(plinthHere) : undefined;
  const tree = { tree: plinthForImages, scripts: "scripts/build" };
  const digests = new Map(used.map((half) => [half, plinthDigest(half, tree, commit)]));
  const plinth = { images, digests, version, node: used.length > 0 ? nodeVersion() : "" };
  return { run, model, push, plinth, tell };
}

/** Builds all, parents first. @returns how each went, in the order of the plan. */
async function makeAll(making: Making, planned: readonly Planned[]): Promise<readonly Made[]> {
  const made = new Map<Planned, Made>();
  const tasks = planned.map((image) => ({ name: image.recipe.node, parent: image.recipe.parent, image }));
  const imageOf = (node: string): string => planned.find(({ recipe }) => recipe.node === node)?.recipe.image ?? node;
  await inOrder(
    tasks,
    making.run.jobs,
    async ({ image }) => {
      const one = await makeImage(making, image);
      made.set(image, one);
      return one.outcome.result !== "failed";
    },
    ({ image }, failed) => {
      const because = imageOf(failed);
      tell(`${image.recipe.image}: skipped, since ${because} failed`);
      made.set(image, { outcome: { recipe: image.recipe, result: "skipped", because, seconds: 0 }, diagnostics: [] });
    },
  );
  return planned.flatMap((image) => made.get(image) ?? []);
}

async function carryOut(plan: Plan, push: boolean): Promise<number> {
  const problems = missingFor(plan);
  if (problems.length > 0) return say(problems);
  const began = performance.now();
  mkdirSync("build/images", { recursive: true });
  await lockDirectory(resolve("build/images"), (pid) => tell(`waiting for process ${pid}, which builds here`));
  const made = await makeAll(makingOf(plan, push), plan.planned);
  const seconds = (performance.now() - began) / 1000;
  const outcomes = made.map(({ outcome }) => outcome);
  const [first] = outcomes;
  const report = `build/images/${first?.recipe.release}.json`;
  // Whole or not at all: somebody may read it while the next run writes it.
  writeFileSync(`${report}.new`, `${JSON.stringify(reportJson(outcomes, plan.run.engine, seconds), null, 2)}\n`);
  renameSync(`${report}.new`, report);
  process.stdout.write(reportTable(outcomes, seconds));
  return say(made.flatMap(({ diagnostics }) => diagnostics));
}

async function main(args: readonly string[]): Promise<number> {
  const words = readWords(args);
  if (!words.ok) return say(words.diagnostics);
  const request = readRequest(words.value);
  if (!request.ok) return say(request.diagnostics);
  say(request.warnings);
  if (words.value.list) {
    const chosen = request.value.rows.filter(({ recipe }) => request.value.wanted.has(recipe.node));
    const width = Math.max(...chosen.map(({ recipe }) => recipe.node.length));
    for (const { recipe } of chosen) process.stdout.write(`${recipe.node.padEnd(width)}  ${recipe.title}\n`);
    return say(request.value.problems);
  }
  const plan = planRun(words.value, request.value);
  if (!plan.ok) return say(plan.diagnostics);
  const { planned, obstacles } = plan.value;
  if (planned.length === 0) {
    process.stdout.write("no image to build\n");
    return 0;
  }
  if (words.value["dry-run"]) {
    process.stdout.write(planText(planned));
    // That there is no base stands in the plan.
    return say(obstacles.filter(({ code }) => code !== "release-without-base"));
  }
  if (obstacles.length > 0) return say(obstacles);
  return carryOut(plan.value, words.value.push === true);
}

process.exitCode = await main(process.argv.slice(2));
