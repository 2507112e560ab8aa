import { createHash } from "node:crypto";
import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { commitOf, repositoryOf, type TreeLine, timeOf, treeOf } from "./git.ts";
import { isHome } from "./git-command.ts";

/** What a working tree was made from. */
export type WorkingState = {
  readonly commit: string;
  /** The commit, and `-modified` after it where files of the directory are not what it has. */
  readonly revision: string;
  /** When the commit was made, in seconds since 1970. */
  readonly time: number | undefined;
};

/** An object's name is a hash of its kind, size and bytes (gitformat-pack(5)); 64 digits are SHA-256. */
const blobId = (bytes: Buffer, like: string): string =>
  createHash(like.length === 64 ? "sha256" : "sha1")
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest("hex");

function isAsCommitted({ mode, id }: TreeLine, place: string): boolean {
  const stats = lstatSync(place, { throwIfNoEntry: false });
  if (mode === "160000") {
    if (!isHome(place)) return stats?.isDirectory() === true;
    const head = commitOf(place, "HEAD", place);
    return head.ok && head.value === id;
  }
  if (mode === "120000") return stats?.isSymbolicLink() === true && blobId(readlinkSync(place, "buffer"), id) === id;
  return stats?.isFile() === true && blobId(readFileSync(place), id) === id;
}

/**
 * Says what commit a directory's files are. Files are compared by their bytes: `git status` and `git describe --dirty` run
 * filters, and hooks of file monitors, that the repository's settings name.
 *
 * @returns undefined where there is no repository, no commit, or one that git does not trust.
 */
export function workingState(directory: string): WorkingState | undefined {
  const repository = repositoryOf(directory);
  if (!repository.ok || repository.value.top === undefined) return undefined;
  const { top, prefix } = repository.value;
  const commit = commitOf(top, "HEAD", directory);
  const lines = commit.ok ? treeOf(top, commit.value) : commit;
  if (!commit.ok || !lines.ok) return undefined;
  const own = lines.value.filter(({ path }) => path.startsWith(prefix));
  const clean = own.every((line) => {
    try {
      return isAsCommitted(line, join(top, line.path));
    } catch {
      return false;
    }
  });
  return {
    commit: commit.value,
    revision: `${commit.value}${clean ? "" : "-modified"}`,
    time: timeOf(top, commit.value),
  };
}
