import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Diagnostic, failure, type Result, success } from "../src/diagnostics/diagnostic.ts";
import { startedByPlinth } from "../src/image/recipe.ts";
import { makeContext, withPlinth } from "./context.ts";
import { askInside, inspectImage, type Known, pushWords, runLogged, tailOf } from "./engine.ts";
import { classifyFailure, failureTailLines } from "./failures.ts";
import { contextDigest, fingerprint } from "./fingerprint.ts";
import { type Secrets, withSecrets } from "./index.ts";
import { buildMessage } from "./messages.ts";
import { type BuildRun, buildWords, contentArguments, contentLabels, type Planned, type Prepared } from "./plan.ts";
import type { Half, PlinthIn } from "./plinth.ts";
import { inSeconds, megabytes, type Outcome } from "./report.ts";
import { countOf, installedBytes, listingScript, namespaceOf, readListing, type Spdx, spdxOf } from "./sbom.ts";

/** How often a build or push is tried that fails for the network's sake, and lines of its log that are shown. */
const tries = 3;
const shownLines = 30;

/** What all images of a run share. */
export type Making = {
  readonly run: BuildRun;
  readonly model: string;
  readonly push: boolean;
  /** What of plinth is in which node's image, the digest of each half, its version, and its Node's. */
  readonly plinth: {
    readonly images: ReadonlyMap<string, PlinthIn>;
    readonly digests: ReadonlyMap<Half, string>;
    readonly version: string;
    readonly node: string;
  };
  /** Is given each line of progress. */
  readonly tell: (line: string) => void;
};

/** How it went with an image, and why not better. */
export type Made = { readonly outcome: Outcome; readonly diagnostics: readonly Diagnostic[] };

const logs = "build/images/logs";
const logOf = ({ node, release }: Planned["recipe"]): string => `${logs}/${node}-${release}.log`;
const sbomOf = ({ node, release }: Planned["recipe"]): string => `build/images/${release}/${node}.spdx.json`;

const partsIn = ({ plinth }: Making, { recipe }: Planned): readonly Half[] =>
  plinth.images.get(recipe.node)?.adds ?? [];

/** Makes the context, and tells its inputs. */
async function prepare(making: Making, planned: Planned): Promise<Result<Prepared>> {
  const { run, model, plinth } = making;
  const made = await makeContext(planned.recipe, model, run.epoch);
  if (!made.ok) return made;
  const base = planned.on ?? "";
  const inputs = fingerprint({
    context: contextDigest(made.value.directory),
    plinth: partsIn(making, planned)
      .map((half) => plinth.digests.get(half))
      .join(" "),
    base: (await inspectImage(run.engine, base))?.id ?? base,
    arguments: contentArguments(run, { ...planned, ...made.value }),
    labels: contentLabels(planned, made.value.contract),
  });
  return success({ ...planned, ...made.value, inputs });
}

/** Runs the engine; again after a pause, while it fails for the network's sake. @returns why it failed at last. */
async function persist(
  { run, tell }: Making,
  image: string,
  words: readonly string[],
  log: string,
  code: "build-failed" | "push-failed",
): Promise<Diagnostic | undefined> {
  const { engine } = run;
  for (let attempt = 1; ; attempt += 1) {
    if ((await runLogged(engine, words, log)) === 0) return undefined;
    const { kind, line } = classifyFailure(tailOf(log, failureTailLines));
    const failed = { image, engine, log, tail: tailOf(log, shownLines), line, tries };
    if (kind === "disk") return buildMessage("disk-full", failed);
    if (kind === "other") return buildMessage(code, failed);
    if (attempt === tries) return buildMessage("network-lost", failed);
    const pause = run.pause * attempt;
    tell(`${image}: the network failed, next of ${tries} tries in ${pause} s: ${line}`);
    await sleep(pause * 1000);
  }
}

/** @returns the bill of materials of an image as it is now: what is there of it, or a new one. */
async function billOf({ run, plinth }: Making, { recipe }: Planned, known: Known): Promise<Result<Spdx>> {
  const path = sbomOf(recipe);
  if (existsSync(path)) {
    const there = JSON.parse(readFileSync(path, "utf8")) as Spdx;
    if (there.documentNamespace === namespaceOf(recipe, known.id)) return success(there);
  }
  const listing = await askInside(run.engine, recipe.image, listingScript).catch((error: Error) => error);
  if (listing instanceof Error) {
    const { stderr, message } = listing as Error & { stderr?: string };
    return failure([buildMessage("packages-unreadable", { image: recipe.image, reason: stderr?.trim() || message })]);
  }
  const created = known.labels["org.opencontainers.image.created"] ?? known.created;
  const carried = {
    plinth: startedByPlinth(recipe.name) && plinth.version,
    node: plinth.images.get(recipe.node)?.carries ? plinth.node : undefined,
  };
  const contents = { recipe, id: known.id, created, ...carried, tool: plinth.version };
  const bill = spdxOf(contents, readListing(listing));
  // Whole or not at all: the next run reads it.
  writeFileSync(`${path}.new`, `${JSON.stringify(bill, null, 2)}\n`);
  renameSync(`${path}.new`, path);
  return success(bill);
}

/** Builds one image, unless the engine has it as it would become. */
export async function makeImage(making: Making, planned: Planned): Promise<Made> {
  try {
    return await tryImage(making, planned);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "ENOSPC" && code !== "EDQUOT") throw error;
    const { recipe } = planned;
    making.tell(`${recipe.image}: failed`);
    const full = { image: recipe.image, engine: making.run.engine, log: logOf(recipe), tail: "", line: message };
    return { outcome: { recipe, result: "failed", seconds: 0 }, diagnostics: [buildMessage("disk-full", full)] };
  }
}

async function tryImage(making: Making, planned: Planned): Promise<Made> {
  const { run, push, tell } = making;
  const { recipe } = planned;
  const { image } = recipe;
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  const log = logOf(recipe);
  const failed = (diagnostics: readonly Diagnostic[], more: Partial<Outcome> = {}): Made => {
    tell(`${image}: failed after ${inSeconds(seconds())}`);
    return { outcome: { recipe, result: "failed", seconds: seconds(), ...more }, diagnostics };
  };

  const prepared = await prepare(making, planned);
  if (!prepared.ok) return failed(prepared.diagnostics);
  const { inputs, directory } = prepared.value;
  const before = await inspectImage(run.engine, image);
  const builds = run.noCache || before?.labels["io.plinth.inputs"] !== inputs;
  if (builds || push) {
    mkdirSync(logs, { recursive: true });
    rmSync(log, { force: true });
  }
  if (builds) {
    tell(`${image}: building`);
    const build = (secrets: Secrets) =>
      withPlinth(partsIn(making, planned), directory, run.epoch, () =>
        persist(making, image, buildWords(run, prepared.value, secrets), log, "build-failed"),
      );
    const problem = await (recipe.lock === null ? build({}) : withSecrets(run.index, build));
    if (problem) return failed([problem], { log });
  }
  const known = builds ? await inspectImage(run.engine, image) : before;
  if (!known) throw new Error(`${run.engine} built ${image} and does not know it`);
  const own = { bytes: known.bytes, ...(builds || push ? { log } : {}) };
  const bill = await billOf(making, planned, known);
  if (!bill.ok) return failed(bill.diagnostics, own);
  if (push) {
    tell(`${image}: pushing`);
    const problem = await persist(making, image, pushWords(image), log, "push-failed");
    if (problem) return failed([problem], own);
  }
  const result = builds ? "built" : "unchanged";
  tell(builds ? `${image}: built in ${inSeconds(seconds())}, ${megabytes(known.bytes)}` : `${image}: unchanged`);
  const more = {
    packages: countOf(bill.value, "deb"),
    pythonPackages: countOf(bill.value, "pypi"),
    installedBytes: installedBytes(bill.value),
    sbom: sbomOf(recipe),
  };
  return { outcome: { recipe, result, seconds: seconds(), ...own, ...more }, diagnostics: [] };
}
