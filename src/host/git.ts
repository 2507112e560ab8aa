import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { reasonOf } from "./accounts.ts";
import { startingEnvironment, variablesOf } from "./environment.ts";
import { inventoryMessage } from "./inventory-messages.ts";

/** A git repository, as far as it is read: never its working tree, index, hooks or filters. */
export type Repository = {
  /** A folder that is in it. */
  readonly folder: string;
  /** Where the model is in it, `/` at the end; also where the working tree has no such folder any more. */
  readonly prefix: string;
};

/** A line of `git ls-tree`: a file, a link, or the commit of a submodule. */
export type TreeLine = { readonly mode: string; readonly id: string; readonly size: number; readonly path: string };

/** The revision's text of all files of a large model; spawnSync takes no more memory than there is to hold. */
const mostOutput = 2 ** 30;

/** Inside a hook git names its repository so, relative to a folder that is no longer the current one. */
const ofAnotherRepository = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"];

function surroundings(): NodeJS.ProcessEnv {
  const given = startingEnvironment();
  const environment: NodeJS.ProcessEnv = {
    ...(given.ok ? variablesOf(given.value) : {}),
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
  };
  for (const name of ofAnotherRepository) delete environment[name];
  return environment;
}

/**
 * git's own rule for repositories of other users stays (safe.directory): the settings of such a repository can name
 * programs, and where a clone is partial, reading a file runs them.
 */
function git(folder: string, words: readonly string[], input?: string): Result<Buffer> {
  const ended = spawnSync("git", ["-C", folder, ...words], {
    env: surroundings(),
    maxBuffer: mostOutput,
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    ...(input === undefined ? {} : { input }),
  });
  if (ended.error) {
    if ((ended.error as NodeJS.ErrnoException).code === "ENOENT")
      return failure([inventoryMessage("git-not-there", {})]);
    return failure([inventoryMessage("git-failed", { path: folder, reason: reasonOf(ended.error) })]);
  }
  return ended.status === 0 ? success(ended.stdout) : failure([refusal(folder, ended.stderr.toString())]);
}

function refusal(path: string, said: string): Diagnostic {
  if (said.includes("dubious ownership")) {
    const folder = /safe\.directory (\S+)/.exec(said)?.[1] ?? path;
    return inventoryMessage("git-not-owned", { path, folder });
  }
  if (said.includes("not a git repository")) return inventoryMessage("git-no-repository", { path });
  const reason = said.split("\n")[0]?.replace(/^fatal: /, "") || "it gives no reason";
  return inventoryMessage("git-failed", { path, reason });
}

const textOutput = (result: Result<Buffer>): Result<string> =>
  result.ok ? success(result.value.toString().replace(/\n$/, "")) : result;

/** @returns the repository that a model's folder is in, also of a folder that only other revisions have. */
export function repositoryOf(base: string): Result<Repository> {
  let folder = resolve(base);
  while (!existsSync(folder)) folder = dirname(folder);
  const prefix = textOutput(git(folder, ["rev-parse", "--show-prefix"]));
  if (!prefix.ok) return prefix;
  const below = relative(folder, resolve(base));
  return success({ folder, prefix: `${prefix.value}${below}${below === "" ? "" : "/"}` });
}

/** @returns the top of the working tree that a folder is in; undefined where there is none (a bare repository). */
export function topOf(folder: string): string | undefined {
  const top = textOutput(git(folder, ["rev-parse", "--show-toplevel"]));
  return top.ok ? top.value : undefined;
}

/** @returns the branches and tags of the repository that a folder is in; none where it is in none. */
export function refsOf(folder: string): readonly string[] {
  const names = textOutput(git(folder, ["for-each-ref", "--format=%(refname:short)"]));
  return names.ok ? names.value.split("\n").filter((name) => name !== "") : [];
}

/** @returns the commit that a revision names, or what is wrong with it and which name is meant. */
export function commitOf(folder: string, revision: string, path: string): Result<string> {
  const commit = textOutput(
    git(folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`]),
  );
  // A range or `^name` is a list of commits.
  if (commit.ok && /^[0-9a-f]+$/.test(commit.value)) return commit;
  const shallow = textOutput(git(folder, ["rev-parse", "--is-shallow-repository"]));
  return failure([
    inventoryMessage("revision-unknown", {
      path,
      revision,
      near: nearest(revision, refsOf(folder)),
      shallow: shallow.ok && shallow.value === "true",
    }),
  ]);
}

/** @returns everything in a commit, folders left out. */
export function treeOf(folder: string, commit: string): Result<readonly TreeLine[]> {
  const listed = git(folder, ["ls-tree", "-r", "-z", "-l", "--full-tree", commit]);
  if (!listed.ok) return listed;
  const lines = listed.value.toString().split("\0").slice(0, -1);
  return success(
    lines.map((line) => {
      const tab = line.indexOf("\t");
      const [mode = "", , id = "", size = ""] = line.slice(0, tab).split(/ +/);
      return { mode, id, size: Number(size) || 0, path: line.slice(tab + 1) };
    }),
  );
}

/** @returns what these blobs hold, by their ids, read by one process. */
export function blobsOf(folder: string, ids: ReadonlySet<string>): Result<ReadonlyMap<string, Buffer>> {
  const blobs = new Map<string, Buffer>();
  if (ids.size === 0) return success(blobs);
  const read = git(folder, ["cat-file", "--batch"], `${[...ids].join("\n")}\n`);
  if (!read.ok) return read;
  const bytes = read.value;
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf("\n", at);
    const [id = "", , size = ""] = bytes.toString("latin1", at, end).split(" ");
    const length = Number(size);
    if (!/^\d+$/.test(size))
      return failure([inventoryMessage("git-failed", { path: folder, reason: `${id} is missing` })]);
    blobs.set(id, bytes.subarray(end + 1, end + 1 + length));
    at = end + 1 + length + 1;
  }
  return success(blobs);
}
