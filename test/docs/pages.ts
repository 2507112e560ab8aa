import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type Block, blocksOf } from "./blocks.ts";

/**
 * The pages with commands, in the order in which they are run, and the directory in which their reader is told to be. What comes later may
 * rely on the cloud that README.md starts, and docs/stack.md ends it. Any other page has no command.
 */
export const order: readonly (readonly [page: string, directory: string])[] = [
  ["README.md", "."],
  ["docs/first-server.md", "."],
  ["docs/secrets.md", "."],
  ["docs/stack.md", "."],
  ["docs/model.md", "."],
  ["docs/options.md", "."],
  ["docs/kubernetes.md", "."],
  // It is the README of a repository of its own, whose root is there.
  ["model/README.md", "model"],
  ["images/README.md", "."],
  ["CONTRIBUTING.md", "."],
];

/** How many command blocks are not run. It may only become smaller: each one is a promise that nothing verifies. */
export const notRunBound = 3;

/**
 * How many command blocks need a cluster, where KUBECONFIG is not set: they are skipped and reported. What can be read without a
 * cluster is verified all the same (test/docs/cluster-blocks.test.ts).
 */
export const needsClusterBound = 9;

/** The pages that such blocks are on. */
export const clusterPages = ["README.md", "docs/kubernetes.md"];

/** @returns why a block cannot be run in this environment; undefined where it can. */
export function lacking({ needs }: Pick<Block, "needs">, environment: NodeJS.ProcessEnv): string | undefined {
  const isThere = needs === undefined || (environment["KUBECONFIG"] ?? "") !== "";
  return isThere ? undefined : "it needs a cluster of Kubernetes, and KUBECONFIG names none";
}

/** @returns every page of the repository below a directory: whatever Markdown git knows there, or would add. */
export const pagesOf = (directory: string): readonly string[] =>
  execFileSync("git", ["ls-files", "--deduplicate", "--cached", "--others", "--exclude-standard", "*.md"], {
    cwd: directory,
    encoding: "utf8",
  })
    .split("\n")
    .filter((page) => page !== "");

/** Reads all pages below a directory. */
export function readPages(directory: string): { blocks: readonly Block[]; mistakes: readonly string[] } {
  const read = pagesOf(directory).map((page) => blocksOf(page, readFileSync(`${directory}/${page}`, "utf8")));
  return { blocks: read.flatMap(({ blocks }) => blocks), mistakes: read.flatMap(({ mistakes }) => mistakes) };
}
