import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Diagnostic, failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import { startingEnvironment, variablesOf } from "../environment.ts";
import { reasonOf } from "../process/accounts.ts";
import { inventoryMessage } from "./inventory-messages.ts";

/**
 * How git is called: so that nothing of a repository counts but its objects and refs. A model may be somebody else's, and
 * the config file of a repository can name programs.
 */

/** The revision's text of all files of a large model; spawnSync takes no more memory than there is to hold. */
const mostOutput = 2 ** 30;

/** Inside a hook git names its repository so, relative to a directory that is no longer the current one. */
const ofAnotherRepository = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"];

/**
 * The one thing that runs a program while objects are read is the fetch of an object that a partial clone lacks: its
 * transport (core.sshCommand, remote.NAME.uploadpack, ext::), and before that the download of a bundle. GIT_NO_LAZY_FETCH
 * stops it since git 2.39.4 and 2.45 (git(1)); older ones start the fetch, and GIT_ALLOW_PROTOCOL beats whatever the
 * config allows, so that no transport begins.
 */
const closed: NodeJS.ProcessEnv = {
  LC_ALL: "C",
  GIT_TERMINAL_PROMPT: "0",
  GIT_NO_LAZY_FETCH: "1",
  GIT_ALLOW_PROTOCOL: "none",
  // A commit is what was committed, and not what refs/replace or info/grafts put in its place.
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_GRAFT_FILE: "/dev/null",
};

/** What the command line says beats every config file. No command that is run here should need these; a later one might. */
const settings = [
  "protocol.allow=never",
  "fetch.bundleURI=",
  "credential.helper=",
  "core.sshCommand=false",
  "core.askPass=",
  "core.fsmonitor=",
  "core.hooksPath=/dev/null",
].flatMap((setting) => ["-c", setting]);

/** A bare repository counts only where it is the home itself: a clone can bring one along as a directory of plain files. */
const onlyExplicit = ["-c", "safe.bareRepository=explicit"];

function surroundings(): NodeJS.ProcessEnv {
  const given = startingEnvironment();
  const environment: NodeJS.ProcessEnv = { ...(given.ok ? variablesOf(given.value) : {}), ...closed };
  for (const name of ofAnotherRepository) delete environment[name];
  return environment;
}

/** A worktree and a submodule have a file of that name, which leads to their repository (gitrepository-layout(5)). */
export const isHome = (directory: string): boolean => {
  const place = join(directory, ".git");
  return existsSync(join(place, "HEAD")) || statSync(place, { throwIfNoEntry: false })?.isFile() === true;
};

/**
 * @returns the innermost directory around this one, or itself, that has a `.git`; undefined where none has (a bare repository).
 * git would stop before, at a directory that looks like a bare repository.
 */
export function homeOf(directory: string): string | undefined {
  for (let at = directory; ; at = dirname(at)) {
    if (isHome(at)) return at;
    if (at === dirname(at)) return undefined;
  }
}

/**
 * Runs git in a directory. Its own rule for repositories of other users stays (safe.directory), and so do the user's and the
 * system's settings, which say whom to trust.
 */
export function git(directory: string, words: readonly string[], input?: string): Result<Buffer> {
  const bare = homeOf(directory) === undefined ? [] : onlyExplicit;
  const ended = spawnSync("git", ["--no-pager", ...bare, ...settings, "-C", directory, ...words], {
    env: surroundings(),
    maxBuffer: mostOutput,
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    ...(input === undefined ? {} : { input }),
  });
  if (ended.error) {
    if ((ended.error as NodeJS.ErrnoException).code === "ENOENT")
      return failure([inventoryMessage("git-not-there", {})]);
    return failure([inventoryMessage("git-failed", { path: directory, reason: reasonOf(ended.error) })]);
  }
  return ended.status === 0 ? success(ended.stdout) : failure([refusal(directory, ended.stderr.toString())]);
}

function refusal(path: string, said: string): Diagnostic {
  if (said.includes("dubious ownership")) {
    const directory = /safe\.directory (\S+)/.exec(said)?.[1] ?? path;
    return inventoryMessage("git-not-owned", { path, directory });
  }
  if (said.includes("not a git repository")) return inventoryMessage("git-no-repository", { path });
  const id = /could not fetch ([0-9a-f]+) from promisor/.exec(said)?.[1];
  if (id !== undefined) return inventoryMessage("git-object-missing", { path, id });
  // What comes first may be a warning, of a setting that git does not know or an alternate that is gone.
  const lines = said.split("\n");
  const reason = (lines.find((line) => line.startsWith("fatal: ")) ?? lines[0])?.replace(/^fatal: /, "");
  return inventoryMessage("git-failed", { path, reason: reason || "it gives no reason" });
}
