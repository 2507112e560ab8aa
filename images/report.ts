import type { Recipe } from "../src/image/recipe.ts";
import { columns } from "../src/text/columns.ts";

/** How it went with an image. */
export type Outcome = {
  readonly recipe: Recipe;
  readonly result: "built" | "unchanged" | "failed" | "skipped";
  /** The image below that failed, for which this one was skipped. */
  readonly because?: string;
  /** As the engine counts: with the layers that it shares. */
  readonly bytes?: number;
  /** How many packages it has: of its system, and of its Python environment. */
  readonly packages?: number;
  readonly pythonPackages?: number;
  /** What its packages say that they take, all together. */
  readonly installedBytes?: number;
  readonly seconds: number;
  /** Of the build, where there was one. */
  readonly log?: string;
  /** Its bill of materials. */
  readonly sbom?: string;
};

export const megabytes = (bytes: number | undefined): string =>
  bytes === undefined ? "-" : `${Math.round(bytes / 1e6)} MB`;
export const inSeconds = (seconds: number): string => `${seconds.toFixed(1)} s`;

const resultText = ({ result, because }: Outcome): string => (because ? `${result}: ${because} failed` : result);

/** @returns how it went, a line an image, and how many came out how. */
export function reportTable(outcomes: readonly Outcome[], seconds: number): string {
  const rows = outcomes.map((outcome) => [
    outcome.recipe.image,
    resultText(outcome),
    megabytes(outcome.bytes),
    `${outcome.packages ?? "-"}`,
    `${outcome.pythonPackages ?? "-"}`,
    megabytes(outcome.installedBytes),
    outcome.result === "skipped" ? "-" : inSeconds(outcome.seconds),
  ]);
  const counts = (["built", "unchanged", "failed", "skipped"] as const)
    .map((result) => [outcomes.filter((outcome) => outcome.result === result).length, result] as const)
    .filter(([count]) => count > 0)
    .map(([count, result]) => `${count} ${result}`);
  const table = columns([["image", "result", "size", "packages", "python", "installed", "time"], ...rows], 2);
  return `${table.join("\n")}\n${outcomes.length} images in ${inSeconds(seconds)}: ${counts.join(", ")}\n`;
}

/** The same for programs: build/images/RELEASE.json. */
export const reportJson = (outcomes: readonly Outcome[], engine: string, seconds: number) => ({
  deploy_name: outcomes[0]?.recipe.deployName ?? null,
  release: outcomes[0]?.recipe.release ?? null,
  engine,
  seconds: rounded(seconds),
  images: outcomes.map(({ recipe, result, because, bytes, packages, pythonPackages, ...more }) => ({
    image: recipe.image,
    node: recipe.node,
    result,
    ...(because ? { because } : {}),
    bytes: bytes ?? null,
    packages: packages ?? null,
    python_packages: pythonPackages ?? null,
    installed_bytes: more.installedBytes ?? null,
    seconds: rounded(more.seconds),
    log: more.log ?? null,
    sbom: more.sbom ?? null,
  })),
});

const rounded = (seconds: number): number => Math.round(seconds * 10) / 10;
