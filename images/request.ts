import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Diagnostic, failure, type Result, success } from "../src/diagnostics/diagnostic.ts";
import { nearest } from "../src/diagnostics/nearest.ts";
import { openRevision } from "../src/host/git-inventory.ts";
import { openFolder } from "../src/host/inventory.ts";
import { openModel } from "../src/model/model.ts";
import { releases, supportedRelease } from "../src/openstack/releases.ts";
import { imagesOf, type Row, withParents } from "./catalog.ts";
import { changedSince } from "./changed.ts";
import { buildMessage } from "./messages.ts";
import { machineMirrors } from "./mirror.ts";
import type { BuildRun, Planned } from "./plan.ts";
import { shapes } from "./recipe.ts";

const suites = releases.flatMap((release) => release.suite ?? []);
const withPackages = releases.filter((release) => release.supported && release.suite).map((release) => release.name);

const options = {
  model: { type: "string" },
  release: { type: "string" },
  image: { type: "string", multiple: true },
  since: { type: "string" },
  "deploy-name": { type: "string" },
  mirror: { type: "string" },
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

function revision(folder: string): string | undefined {
  try {
    const words = ["-C", folder, "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty=-modified"];
    return execFileSync("git", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}

/** What the words say in place of the model, a path below its parameters and a text; and what they say wrongly. */
function readOverrides(words: Words, problems: Diagnostic[]): ReadonlyMap<string, string> {
  const overrides = new Map<string, string>();
  const { release } = words;
  if (release !== undefined) {
    if (supportedRelease(release)) overrides.set("_param:release", release);
    else problems.push(buildMessage("release-unknown", { release, known: withPackages }));
  }
  const deployName = words["deploy-name"] ?? process.env["DEPLOY"];
  if (deployName !== undefined) {
    if (shapes.deploy_name.test(deployName)) overrides.set("_param:deploy_name", deployName);
    else problems.push(buildMessage("deploy-name-wrong", { name: deployName }));
  }
  return overrides;
}

/** The images of a model, those that were asked for, and what was asked for wrongly. */
export type Request = {
  readonly folder: string;
  readonly rows: readonly Row[];
  readonly wanted: ReadonlySet<string>;
  readonly problems: readonly Diagnostic[];
};

/** Reads the model, and chooses among its images: those that are named, those that changed, or all. */
export function readRequest(words: Words): Result<Request> {
  const problems: Diagnostic[] = [];
  const overrides = readOverrides(words, problems);
  if (words.mirror?.includes("@")) problems.push(buildMessage("mirror-with-password", {}));
  const refused = (diagnostics: readonly Diagnostic[]) => failure([...problems, ...diagnostics]);

  const folder = words.model ?? process.env["PLINTH_MODEL"] ?? "model";
  const source = openFolder(folder);
  if (!source.ok) return refused(source.diagnostics);
  const model = openModel(source.value, { overrides });
  if (!model.ok) return refused(model.diagnostics);
  const images = imagesOf(model.value);
  if (!images.ok) return refused(images.diagnostics);
  const rows = images.value;
  const known = rows.map(({ recipe }) => recipe.node);
  for (const image of words.image ?? []) {
    if (!known.includes(image))
      problems.push(buildMessage("image-unknown", { image, near: nearest(image, known), known }));
  }
  let wanted: ReadonlySet<string> = new Set(words.image ?? known);
  if (words.since !== undefined) {
    const revision = openRevision(folder, words.since);
    if (!revision.ok) return refused(revision.diagnostics);
    const before = openModel(revision.value, { overrides });
    const changed = changedSince(before.ok ? before.value : undefined, rows);
    wanted = new Set([...wanted].filter((node) => changed.has(node)));
  }
  return success({ folder, rows, wanted, problems }, [...model.warnings, ...images.warnings]);
}

/** @returns an image with what it stands on, or why it cannot be built. */
function planImage({ recipe }: Row, rows: readonly Row[]): Result<Planned> {
  const { node, name, release } = recipe;
  const path = `images/${name}`;
  if (!existsSync(`${path}/Dockerfile`)) return failure([buildMessage("folder-missing", { node, path })]);
  const on = recipe.base ?? rows.find((row) => row.recipe.node === recipe.parent)?.recipe.image;
  if (on === undefined) return failure([buildMessage("release-without-packages", { release, known: withPackages })]);
  return success({ recipe, on });
}

export type Plan = { readonly run: BuildRun; readonly model: string; readonly planned: readonly Planned[] };

/** What to build, in which order, or all that is wrong with what was asked for. */
export function planRun(words: Words, { folder, rows, wanted, problems }: Request): Result<Plan> {
  const planned: Planned[] = [];
  const diagnostics = [...problems];
  for (const row of withParents(rows, wanted)) {
    const image = planImage(row, rows);
    if (image.ok) planned.push(image.value);
    else diagnostics.push(...image.diagnostics);
    const { registered, node } = row.recipe;
    if (words.push && !registered) diagnostics.push(buildMessage("registry-missing", { node }));
  }
  if (diagnostics.length > 0) return failure(diagnostics);
  const run: BuildRun = {
    mirrors: words.mirror ? { debian: words.mirror.replace(/\/$/, "") } : machineMirrors(suites),
    revision: revision("."),
    modelRevision: revision(folder),
    proxies: ["http_proxy", "https_proxy", "no_proxy"].filter((name) => process.env[name]),
  };
  return success({ run, model: folder, planned });
}
