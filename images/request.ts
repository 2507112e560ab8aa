import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Diagnostic, failure, type Result, success } from "../src/diagnostics/diagnostic.ts";
import { nearest } from "../src/diagnostics/nearest.ts";
import { openRevision } from "../src/host/inventory/git-inventory.ts";
import { workingState } from "../src/host/inventory/git-state.ts";
import { openDirectory } from "../src/host/inventory/inventory.ts";
import { imagesOf, type Row, withParents } from "../src/image/catalog.ts";
import { shapes } from "../src/image/recipe.ts";
import { openModel } from "../src/model/model.ts";
import { supportedNames, supportedRelease } from "../src/openstack/releases.ts";
import { changedSince } from "./changed.ts";
import { type Engine, engines } from "./engine.ts";
import { machineIndex } from "./index.ts";
import { buildLock, readLock } from "./locks.ts";
import { buildMessage } from "./messages.ts";
import { type Mirrors, machineMirrors, setProxies, snapshotMirrors, snapshotTime } from "./mirror.ts";
import type { BuildRun, Planned } from "./plan.ts";

const options = {
  model: { type: "string" },
  release: { type: "string" },
  image: { type: "string", multiple: true },
  since: { type: "string" },
  "deploy-name": { type: "string" },
  registry: { type: "string" },
  engine: { type: "string" },
  jobs: { type: "string" },
  mirror: { type: "string" },
  snapshot: { type: "string" },
  index: { type: "string" },
  pause: { type: "string" },
  "no-cache": { type: "boolean" },
  push: { type: "boolean" },
  "dry-run": { type: "boolean" },
  list: { type: "boolean" },
} as const;

export type Words = ReturnType<typeof parseArgs<{ readonly options: typeof options }>>["values"];

export function readWords(words: readonly string[]): Result<Words> {
  try {
    return success(parseArgs({ args: [...words], options }).values);
  } catch (error) {
    return failure([buildMessage("words-wrong", { problem: (error as Error).message })]);
  }
}

/** What the words say in place of the model, a path below its parameters and a text; and what they say wrongly. */
function readOverrides(words: Words, problems: Diagnostic[]): ReadonlyMap<string, string> {
  const overrides = new Map<string, string>();
  const { release } = words;
  if (release !== undefined) {
    if (supportedRelease(release)) overrides.set("_param:release", release);
    else problems.push(buildMessage("build-release-unknown", { release, known: supportedNames }));
  }
  const deployName = words["deploy-name"] ?? (process.env["DEPLOY_NAME"] || undefined);
  if (deployName !== undefined) {
    if (shapes.deploy_name.test(deployName)) overrides.set("_param:deploy_name", deployName);
    else problems.push(buildMessage("deploy-name-wrong", { name: deployName }));
  }
  const { registry } = words;
  if (registry !== undefined) {
    if (shapes.registry.test(registry)) overrides.set("_param:registry", registry);
    else problems.push(buildMessage("registry-wrong", { registry }));
  }
  return overrides;
}

/** How to build, as the words and the environment say. */
type BuildSettings = Pick<
  BuildRun,
  "engine" | "jobs" | "noCache" | "pause" | "mirrors" | "index" | "snapshot" | "epoch"
>;

/** @returns a number that is written in digits only; undefined for another text. */
const wholeNumber = (text: string): number | undefined => (/^\d{1,10}$/.test(text) ? Number(text) : undefined);

function mirrorsFor({ mirror, snapshot }: Words, problems: Diagnostic[]): Mirrors {
  if (mirror === undefined && snapshot === undefined) return machineMirrors();
  const address = mirror?.replace(/\/$/, "");
  if (address?.includes("@")) problems.push(buildMessage("mirror-with-password", {}));
  if (snapshot === undefined) return address === undefined ? {} : { debian: address };
  const archive = address === undefined ? undefined : snapshotMirrors(address);
  if (!archive) problems.push(buildMessage("snapshot-without-archive", { snapshot }));
  return archive ?? {};
}

function readBuildSettings(words: Words, problems: Diagnostic[]): BuildSettings {
  const engine = engines.find((known) => known === (words.engine ?? "docker"));
  if (!engine) problems.push(buildMessage("engine-unknown", { engine: words.engine ?? "", known: engines }));
  const number = (option: "jobs" | "pause", usual: number, least: number): number => {
    const text = words[option];
    const value = text === undefined ? usual : wholeNumber(text);
    if (value === undefined || value < least) problems.push(buildMessage("number-wrong", { option, least }));
    return value ?? usual;
  };
  const { snapshot } = words;
  const snapshotMade = snapshot === undefined ? undefined : snapshotTime(snapshot);
  if (snapshot !== undefined && snapshotMade === undefined) problems.push(buildMessage("snapshot-wrong", { snapshot }));
  const said = process.env["SOURCE_DATE_EPOCH"] || undefined;
  const epoch = said === undefined ? snapshotMade : wholeNumber(said);
  if (said !== undefined && epoch === undefined) problems.push(buildMessage("epoch-wrong", { epoch: said }));
  return {
    engine: engine ?? ("docker" satisfies Engine),
    jobs: number("jobs", 2, 1),
    pause: number("pause", 10, 0),
    noCache: words["no-cache"] === true,
    mirrors: mirrorsFor(words, problems),
    index: { ...machineIndex(), ...(words.index === undefined ? {} : { address: words.index }) },
    snapshot,
    epoch,
  };
}

/** The images of a model, those that were asked for, how to build them, and what was asked for wrongly. */
export type Request = {
  readonly way: BuildSettings;
  readonly directory: string;
  readonly rows: readonly Row[];
  readonly wanted: ReadonlySet<string>;
  readonly problems: readonly Diagnostic[];
};

/** Reads the model, and chooses among its images: those that are named, those that changed, or all. */
export function readRequest(words: Words): Result<Request> {
  const problems: Diagnostic[] = [];
  const overrides = readOverrides(words, problems);
  const way = readBuildSettings(words, problems);
  const refused = (diagnostics: readonly Diagnostic[]) => failure([...problems, ...diagnostics]);

  const directory = words.model ?? process.env["PLINTH_MODEL"] ?? "model";
  const source = openDirectory(directory);
  if (!source.ok) return refused(source.diagnostics);
  const model = openModel(source.value, { overrides });
  if (!model.ok) return refused(model.diagnostics);
  const images = imagesOf(model.value);
  if (!images.ok) return refused(images.diagnostics);
  const rows = images.value;
  const known = rows.map(({ recipe }) => recipe.node);
  for (const image of words.image ?? []) {
    if (!known.includes(image))
      problems.push(buildMessage("build-image-unknown", { image, near: nearest(image, known), known }));
  }
  let wanted: ReadonlySet<string> = new Set(words.image ?? known);
  if (words.since !== undefined) {
    const revision = openRevision(directory, words.since);
    if (!revision.ok) return refused(revision.diagnostics);
    const before = openModel(revision.value, { overrides });
    const changed = changedSince(before.ok ? before.value : undefined, rows);
    wanted = new Set([...wanted].filter((node) => changed.has(node)));
  }
  return success({ way, directory, rows, wanted, problems }, [...model.warnings, ...images.warnings]);
}

/** @returns an image with what it stands on, or why it cannot be built. */
function planImage({ recipe }: Row, rows: readonly Row[]): Result<Planned> {
  const { node, directory } = recipe;
  const path = `images/${directory}`;
  if (!existsSync(`${path}/Dockerfile`)) return failure([buildMessage("directory-missing", { node, path })]);
  const on = recipe.base ?? rows.find((row) => row.recipe.node === recipe.parent)?.recipe.image ?? null;
  return success({ recipe, on });
}

/** What is wrong with the locks of an environment: that of its component, and of what builds packages without a wheel. */
const lockProblems = (release: string, component: string): readonly Diagnostic[] =>
  [component, buildLock].flatMap((name) => {
    const lock = readLock(release, name);
    return lock.ok ? [] : lock.diagnostics;
  });

/** What stands in the way of a plan that can be looked at. */
function obstacles({ recipe, on }: Planned, push: boolean): readonly Diagnostic[] {
  const { node, release, registered, lock } = recipe;
  return [
    ...(lock === null ? [] : lockProblems(release, lock)),
    ...(on === null ? [buildMessage("release-without-base", { release })] : []),
    ...(push && !registered ? [buildMessage("registry-missing", { node })] : []),
  ];
}

export type Plan = {
  readonly run: BuildRun;
  readonly model: string;
  readonly planned: readonly Planned[];
  /** Why it cannot be carried out. */
  readonly obstacles: readonly Diagnostic[];
};

/** What to build, in which order, or all that is wrong with what was asked for. */
export function planRun(words: Words, { way, directory, rows, wanted, problems }: Request): Result<Plan> {
  const images = withParents(rows, wanted).map((row) => planImage(row, rows));
  const diagnostics = [...problems, ...images.flatMap((image) => (image.ok ? [] : image.diagnostics))];
  const planned = images.flatMap((image) => (image.ok ? [image.value] : []));
  const inTheWay = planned.flatMap((image) => obstacles(image, words.push === true));
  if (diagnostics.length > 0) return failure([...diagnostics, ...inTheWay]);
  const own = workingState(".");
  const run: BuildRun = {
    ...way,
    revision: own?.revision,
    revisionTime: own?.time,
    modelRevision: workingState(directory)?.revision,
    proxies: setProxies(),
  };
  return success({ run, model: directory, planned, obstacles: inTheWay });
}
