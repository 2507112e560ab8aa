import {
  chmodSync,
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Diagnostic, Result } from "../diagnostics/diagnostic.ts";
import { failure, success } from "../diagnostics/diagnostic.ts";
import { hostMessage } from "./messages.ts";
import { type Ids, powerless, reasonOf } from "./process/accounts.ts";
import { holdSignals } from "./process/signals.ts";

/** A file as it shall be, with its owner as numbers. */
export type WholeFile = { readonly path: string; readonly text: string; readonly mode: number; readonly owner: Ids };

/** What happened to a file. `target` is where a chain of links from `path` ends. */
export type Written = { readonly path: string; readonly target: string; readonly change: "unchanged" | "written" };

type Staged = { readonly file: WholeFile; readonly target: string; readonly temporary: string | undefined };

/** @returns the text of a file, or a diagnostic where it cannot be read; `use` is how to fix that. */
export function readText(path: string, use: string): Result<string> {
  try {
    return success(readFileSync(path, "utf8"));
  } catch (error) {
    // What is there and may not be read needs another cure than what is not there.
    const isDenied = (error as NodeJS.ErrnoException).code === "EACCES";
    const cure = `let uid ${process.geteuid?.()} read it: chmod or chown ${path}, or run the container as another user`;
    return failure([hostMessage("file-unreadable", { path, reason: reasonOf(error), use: isDenied ? cure : use })]);
  }
}

/** @returns what is in a file now; undefined where there is none or it may not be read. */
export function textIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** @returns whether there is a directory of this name. */
export function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Linux gives up on a chain of links at 40 (path_resolution(7)); so do we, rather than loop. */
const mostLinks = 40;

/**
 * Where a chain of links ends, also when nothing is there yet: /etc/nova/nova.conf is a link into /run/plinth, whose
 * directory is made at start. realpath(3) cannot be used, it wants the end to exist.
 */
function endOfLinks(path: string): string {
  let end = path;
  for (let links = 0; links < mostLinks; links++) {
    try {
      end = resolve(dirname(end), readlinkSync(end));
    } catch {
      return end;
    }
  }
  return end;
}

/** Whether the file is there as wanted: same text, mode and owner. A start that changes nothing writes nothing. */
function unchanged(target: string, file: WholeFile, owner: Ids | undefined): boolean {
  try {
    const now = statSync(target);
    const size = Buffer.byteLength(file.text);
    if (!now.isFile() || now.size !== size || (now.mode & 0o7777) !== file.mode) return false;
    if (owner && (now.uid !== owner.uid || now.gid !== owner.gid)) return false;
    return readFileSync(target, "utf8") === file.text;
  } catch {
    return false;
  }
}

/** Of mode 0755 whatever the umask: the service, and a health check of another user, must get through. */
function makeOne(path: string): void {
  mkdirSync(path, 0o755);
  chmodSync(path, 0o755);
}

/** Makes a directory and those above it. Node's own `recursive` says "no such file" where a file system is read-only. */
export function makeDirectory(path: string): void {
  try {
    makeOne(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || dirname(path) === path) throw error;
    makeDirectory(dirname(path));
    makeOne(path);
  }
}

/** Writes the new text beside the target: mode and owner first, so that no moment shows it to others. */
function stage(file: WholeFile, privileged: boolean): Staged {
  const target = endOfLinks(file.path);
  const owner = privileged ? file.owner : undefined;
  if (unchanged(target, file, owner)) return { file, target, temporary: undefined };
  makeDirectory(dirname(target));
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}`);
  // A container that was killed while writing leaves its temporary file, and the next one is process 1 again.
  rmSync(temporary, { force: true });
  const descriptor = openSync(temporary, "wx", 0o600);
  try {
    fchmodSync(descriptor, file.mode);
    if (owner) changeOwner(descriptor, owner);
    const bytes = Buffer.from(file.text);
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
  } catch (error) {
    closeSync(descriptor);
    unlinkSync(temporary);
    throw error;
  }
  closeSync(descriptor);
  return { file, target, temporary };
}

/** Root without any capability cannot give files away, and need not: it stays who it is, see `switchTo`. */
function changeOwner(descriptor: number, owner: Ids): void {
  const now = fstatSync(descriptor);
  if (now.uid === owner.uid && now.gid === owner.gid) return;
  try {
    fchownSync(descriptor, owner.uid, owner.gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM" || !powerless()) throw error;
  }
}

function targetDiagnostic(path: string, error: unknown): Diagnostic {
  const reason = reasonOf(error);
  if ((error as NodeJS.ErrnoException).syscall === "fchown") return hostMessage("file-not-given", { path });
  switch ((error as NodeJS.ErrnoException).code) {
    case "EROFS":
      return hostMessage("target-read-only", { path });
    case "ENOSPC":
    case "EDQUOT":
      return hostMessage("target-full", { path, reason });
    case "EBUSY":
      return hostMessage("target-mounted", { path });
    default:
      return hostMessage("target-denied", { path, reason, user: process.geteuid?.() ?? -1 });
  }
}

/**
 * Writes files so that each appears whole or not at all, and none when one of them cannot be written: all are staged
 * beside their targets first, then renamed (rename(2) is atomic). Files that are as wanted already are left alone.
 */
export function writeWhole(files: readonly WholeFile[]): Result<readonly Written[]> {
  holdSignals();
  const privileged = process.geteuid?.() === 0;
  const staged: Staged[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const file of files) {
    try {
      staged.push(stage(file, privileged));
    } catch (error) {
      diagnostics.push(targetDiagnostic(file.path, error));
    }
  }
  const written: Written[] = [];
  for (const { file, target, temporary } of staged) {
    if (temporary === undefined) {
      written.push({ path: file.path, target, change: "unchanged" });
      continue;
    }
    try {
      if (diagnostics.length > 0) {
        unlinkSync(temporary);
        continue;
      }
      renameSync(temporary, target);
      written.push({ path: file.path, target, change: "written" });
    } catch (error) {
      diagnostics.push(targetDiagnostic(file.path, error));
      unlinkSync(temporary);
    }
  }
  return diagnostics.length > 0 ? failure(diagnostics) : success(written);
}
