import { existsSync, realpathSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import { nearest } from "../../diagnostics/nearest.ts";
import { git, homeOf } from "./git-command.ts";
import { inventoryMessage } from "./inventory-messages.ts";

/** A git repository, as far as it is read: never its working tree, index, hooks or filters. */
export type Repository = {
  /** The directory that git is run in: the top of its working tree, or a directory of a bare repository. */
  readonly directory: string;
  /** The top of its working tree; undefined where it is bare. */
  readonly top: string | undefined;
  /** Where the model is in it, `/` at the end; also where the working tree has no such directory any more. */
  readonly prefix: string;
};

/** A line of `git ls-tree`: a file, a link, or the commit of a submodule. */
export type TreeLine = { readonly mode: string; readonly id: string; readonly size: number; readonly path: string };

const textOutput = (result: Result<Buffer>): Result<string> =>
  result.ok ? success(result.value.toString().replace(/\n$/, "")) : result;

/** @returns the repository that a model's directory is in, also of a directory that only other revisions have. */
export function repositoryOf(base: string): Result<Repository> {
  let there = resolve(base);
  while (!existsSync(there)) there = dirname(there);
  const real = realpathSync(there);
  const whole = resolve(real, relative(there, resolve(base)));
  const home = homeOf(real);
  const directory = home ?? real;
  const isOne = git(directory, ["rev-parse", "--git-dir"]);
  if (!isOne.ok) return isOne;
  const below = relative(directory, whole);
  return success({ directory, top: home, prefix: `${below}${below === "" ? "" : "/"}` });
}

/** @returns the branches and tags of the repository that a directory is in; none where it is in none. */
export function refsOf(directory: string): readonly string[] {
  const names = textOutput(git(homeOf(directory) ?? directory, ["for-each-ref", "--format=%(refname:short)"]));
  return names.ok ? names.value.split("\n").filter((name) => name !== "") : [];
}

/** @returns the commit that a revision names, or what is wrong with it and which name is meant. */
export function commitOf(directory: string, revision: string, path: string): Result<string> {
  const commit = textOutput(
    git(directory, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`]),
  );
  // A range or `^name` is a list of commits.
  if (commit.ok && /^[0-9a-f]+$/.test(commit.value)) return commit;
  const shallow = textOutput(git(directory, ["rev-parse", "--is-shallow-repository"]));
  return failure([
    inventoryMessage("revision-unknown", {
      path,
      revision,
      near: nearest(revision, refsOf(directory)),
      shallow: shallow.ok && shallow.value === "true",
    }),
  ]);
}

/** @returns when a commit was made, in seconds since 1970. */
export function timeOf(directory: string, commit: string): number | undefined {
  // Not `git log`, which runs gpg.program where log.showSignature is set.
  const line = textOutput(git(directory, ["rev-list", "--max-count=1", "--timestamp", commit]));
  return line.ok ? Number(line.value.split(" ")[0]) : undefined;
}

/** @returns everything in a commit, directories left out. */
export function treeOf(directory: string, commit: string): Result<readonly TreeLine[]> {
  const listed = git(directory, ["ls-tree", "-r", "-z", "-l", "--full-tree", commit]);
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
export function blobsOf(directory: string, ids: ReadonlySet<string>): Result<ReadonlyMap<string, Buffer>> {
  const blobs = new Map<string, Buffer>();
  if (ids.size === 0) return success(blobs);
  const read = git(directory, ["cat-file", "--batch"], `${[...ids].join("\n")}\n`);
  if (!read.ok) return read;
  const bytes = read.value;
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf("\n", at);
    const [id = "", , size = ""] = bytes.toString("latin1", at, end).split(" ");
    const length = Number(size);
    if (!/^\d+$/.test(size)) return failure([inventoryMessage("git-object-missing", { path: directory, id })]);
    blobs.set(id, bytes.subarray(end + 1, end + 1 + length));
    at = end + 1 + length + 1;
  }
  return success(blobs);
}
