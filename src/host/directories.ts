import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  type Stats,
  statSync,
} from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { makeDirectory } from "./files.ts";
import { hostMessage } from "./messages.ts";
import { type Ids, reasonOf } from "./process/accounts.ts";

/**
 * Directories that a service wants on its volumes. An engine gives an empty volume to root, or to a group (Kubernetes' fsGroup:
 * https://kubernetes.io/docs/tasks/configure-pod-container/security-context/), whatever the image has at that path.
 *
 * What is below a volume's own path may have been put there by another container that has the volume. So nothing is changed by
 * its path: each level is opened as a directory and no link (O_NOFOLLOW), and changed through the descriptor.
 */

/** A directory on a volume: `path` below `volume`, which is absolute. Upper ones come first. */
export type Directory = {
  readonly volume: string;
  readonly path: string;
  readonly mode: number;
  /** Left out: whoever the service runs as. */
  readonly owner?: Ids;
};

/** The same, with whom it shall belong to. `own`: the service itself has to be able to write to it. */
type Wanted = Directory & { readonly at: string; readonly owner: Ids; readonly own: boolean };

/** Of a directory that could not be made: the system's words. */
export type Reasons = ReadonlyMap<string, string>;

const permissions = 0o777;
const asDirectory = constants.O_RDONLY | constants.O_DIRECTORY;

const wantedOf = (directory: Directory, service: Ids, root: string): Wanted => ({
  ...directory,
  volume: join(root, directory.volume),
  at: join(root, directory.volume, directory.path),
  owner: directory.owner ?? { uid: service.uid, gid: service.gid },
  own: directory.owner === undefined || directory.owner.uid === service.uid,
});

const isRight = ({ owner, mode }: Wanted, now: Stats): boolean =>
  now.isDirectory() && now.uid === owner.uid && now.gid === owner.gid && (now.mode & permissions) === mode;

/** Opens a directory below a volume, level by level, and makes what is missing of it. @returns a descriptor, and whether it is new. */
function open({ volume, path, mode }: Wanted): { readonly descriptor: number; readonly isNew: boolean } {
  let isNew = false;
  makeDirectory(volume);
  // The way to the volume is the image's own.
  let descriptor = openSync(volume, asDirectory);
  for (const name of path === "." ? [] : path.split("/")) {
    const above = descriptor;
    const at = `/proc/self/fd/${above}/${name}`;
    try {
      isNew = make(at, mode);
      descriptor = openSync(at, asDirectory | constants.O_NOFOLLOW);
    } finally {
      closeSync(above);
    }
  }
  return { descriptor, isNew };
}

/** @returns whether it was not there. Another container that starts at the same time may make it first. */
function make(path: string, mode: number): boolean {
  try {
    mkdirSync(path, mode);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Sets what differs: the owner first, since that takes set-user-ID bits away (chown(2)). */
function setRight(wanted: Wanted): void {
  const { descriptor } = open(wanted);
  try {
    const now = fstatSync(descriptor);
    const { uid, gid } = wanted.owner;
    if (now.uid !== uid || now.gid !== gid) fchownSync(descriptor, uid, gid);
    if ((now.mode & permissions) !== wanted.mode) fchmodSync(descriptor, (now.mode & 0o7000) | wanted.mode);
  } finally {
    closeSync(descriptor);
  }
}

/** Who is not root can only add what is missing, and gives it its mode whatever the umask. */
function addMissing(wanted: Wanted): void {
  const { descriptor, isNew } = open(wanted);
  try {
    if (isNew) fchmodSync(descriptor, wanted.mode);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Makes directories on volumes right, as far as this process may: root gives each its owner and its mode, who is not root makes
 * those that are missing. What is right already costs one look, and what is in a directory stays as it is.
 *
 * @param service who the service will run as.
 * @returns why what is not right could not be made so, by path. Whether that matters only `checkDirectories` can tell.
 */
export function makeDirectories(directories: readonly Directory[], service: Ids, root = "/"): Reasons {
  const reasons = new Map<string, string>();
  const isRoot = process.geteuid?.() === 0;
  for (const directory of directories) {
    const wanted = wantedOf(directory, service, root);
    try {
      const now = lstatSync(wanted.at, { throwIfNoEntry: false });
      if (isRoot && !(now && isRight(wanted, now))) setRight(wanted);
      else if (!now && wanted.own) addMissing(wanted);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      reasons.set(wanted.at, code === "ELOOP" || code === "ENOTDIR" ? "it is no directory" : reasonOf(error));
    }
  }
  return reasons;
}

/** How it is, in words. */
function facts(path: string): string {
  const now = statSync(path, { throwIfNoEntry: false });
  if (!now) return lstatSync(path, { throwIfNoEntry: false }) ? "it is a link to nothing" : "it is not there";
  if (!now.isDirectory()) return "it is no directory";
  return `it belongs to ${now.uid}:${now.gid} and has mode ${(now.mode & 0o7777).toString(8).padStart(3, "0")}`;
}

/**
 * Asks, as the user that the service runs as, whether it may use those directories that are its own.
 *
 * @returns an error for each that it may not write to; a warning for one that is mounted read-only.
 */
export function checkDirectories(
  directories: readonly Directory[],
  service: Ids,
  reasons: Reasons,
  root = "/",
): readonly Diagnostic[] {
  const uid = process.geteuid?.() ?? 0;
  const gid = process.getegid?.() ?? 0;
  const told = new Set<string>();
  return directories.flatMap((directory): readonly Diagnostic[] => {
    const { at, own, volume } = wantedOf(directory, service, root);
    // What is wrong with a volume is wrong with all that should be on it.
    if (!own || told.has(volume)) return [];
    try {
      accessSync(at, constants.R_OK | constants.W_OK | constants.X_OK);
      if (!statSync(at).isDirectory()) throw new Error("it is no directory");
      return [];
    } catch (error) {
      told.add(volume);
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EROFS") return [hostMessage("directory-read-only", { path: at })];
      let how = "";
      try {
        how = facts(at);
      } catch (other) {
        how = reasonOf(other);
      }
      const groups = [...new Set([gid, ...(process.getgroups?.() ?? [])])].join(" ");
      const why = reasons.get(at);
      return [hostMessage("directory-denied", { path: at, volume, how, uid, gid, groups, why })];
    }
  });
}
