import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { type Diagnostic, failure, type Result, success } from "../src/diagnostics/diagnostic.ts";
import { nearest } from "../src/diagnostics/nearest.ts";
import { releases, supportedRelease } from "../src/openstack/releases.ts";
import { type Recipe, recipeNames, withParents } from "./catalog.ts";
import { buildMessage } from "./messages.ts";
import { machineMirrors } from "./mirror.ts";
import type { BuildRun } from "./plan.ts";

const suites = releases.flatMap((release) => release.suite ?? []);
const withPackages = releases.filter((release) => release.supported && release.suite).map((release) => release.name);

export type Words = {
  readonly release?: string | undefined;
  readonly image?: readonly string[] | undefined;
  readonly "deploy-name"?: string | undefined;
  readonly mirror?: string | undefined;
  readonly "dry-run"?: boolean | undefined;
  readonly list?: boolean | undefined;
};

export function readWords(words: readonly string[]): Result<Words> {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        release: { type: "string" },
        image: { type: "string", multiple: true },
        "deploy-name": { type: "string" },
        mirror: { type: "string" },
        "dry-run": { type: "boolean" },
        list: { type: "boolean" },
      },
    });
    return success(values);
  } catch (error) {
    return failure([buildMessage("words-wrong", { problem: (error as Error).message })]);
  }
}

function revision(): string | undefined {
  try {
    const git = (...words: string[]): string =>
      execFileSync("git", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    return git("describe", "--always", "--abbrev=40", "--exclude=*", "--dirty=-modified");
  } catch {
    return undefined;
  }
}

/** What to build, or all that is wrong with what was asked for. */
export function planRun(words: Words): Result<{ readonly run: BuildRun; readonly chosen: readonly Recipe[] }> {
  const known = withPackages;
  const diagnostics: Diagnostic[] = [];
  const release = words.release === undefined ? undefined : supportedRelease(words.release);
  const suite = release?.suite;
  if (words.release === undefined) diagnostics.push(buildMessage("release-not-said", { known }));
  else if (!release) diagnostics.push(buildMessage("release-unknown", { release: words.release, known }));
  else if (!suite) diagnostics.push(buildMessage("release-without-packages", { release: release.name, known }));

  for (const image of words.image ?? []) {
    if (recipeNames.includes(image)) continue;
    diagnostics.push(buildMessage("image-unknown", { image, near: nearest(image, recipeNames), known: recipeNames }));
  }
  const deployName = words["deploy-name"] ?? process.env["DEPLOY"] ?? "plinth";
  if (!/^[a-z0-9]+([._-][a-z0-9]+)*(\/[a-z0-9]+([._-][a-z0-9]+)*)*$/.test(deployName)) {
    diagnostics.push(buildMessage("deploy-name-wrong", { name: deployName }));
  }
  if (words.mirror?.includes("@")) diagnostics.push(buildMessage("mirror-with-password", {}));
  if (diagnostics.length > 0 || !release || !suite) return failure(diagnostics);

  const mirrors = words.mirror ? { debian: words.mirror.replace(/\/$/, "") } : machineMirrors(suites);
  const proxies = ["http_proxy", "https_proxy", "no_proxy"].filter((name) => process.env[name]);
  const run = { release: { ...release, suite }, deployName, mirrors, revision: revision(), proxies };
  return success({ run, chosen: withParents(words.image ?? recipeNames) });
}
