import { isUtf8 } from "node:buffer";
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  type Stats,
  statSync,
} from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { hostMessage } from "./messages.ts";
import { reasonOf } from "./process/accounts.ts";

/** Bytes. What is larger was not meant: Kubernetes and Docker take no larger secret either. */
const largest = 1024 * 1024;

/** What else than a file can have a name (inode(7)); a FIFO would make us wait for who writes into it, and gives it only once. */
function kindOf(stats: Stats): string | undefined {
  if (stats.isFile()) return undefined;
  if (stats.isDirectory()) return "a directory";
  if (stats.isFIFO()) return "a FIFO or pipe";
  if (stats.isSocket()) return "a socket";
  return "a device";
}

/** What a text that names no file looks like: it may be the secret itself, so nothing of it is shown. */
function looksLike(path: string): string {
  if (!isAbsolute(path)) return "what it holds is no absolute path; is it the value itself?";
  try {
    statSync(dirname(path));
    return "what it holds looks like a path, in a directory that is there";
  } catch {
    return "what it holds looks like a path, in a directory that is not there";
  }
}

/** Why bytes are not the text that they were meant to be; undefined for a good text. */
function flawOf(bytes: Buffer): string | undefined {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return "begins with a byte order mark (EF BB BF)";
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return "is UTF-16, not UTF-8";
  if (!isUtf8(bytes)) return "is not UTF-8 (is it Latin-1, or binary?)";
  return bytes.includes(0) ? "holds a NUL byte" : undefined;
}

/** A file, or a directory on the way to it, that we may not enter or read. */
type Refusing = { readonly path: string; readonly stats: Stats | undefined; readonly isDirectory: boolean };

/** Linux gives up on a chain of links at 40 (path_resolution(7)). */
const mostLinks = 40;

/** Walks a path as the kernel does, through links, to what refuses us. */
function refusing(path: string, links = 0): Refusing {
  const directories: string[] = [];
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    directories.unshift(directory);
    if (dirname(directory) === directory) break;
  }
  for (const directory of directories) {
    try {
      const target = lstatSync(directory).isSymbolicLink()
        ? resolve(dirname(directory), readlinkSync(directory))
        : undefined;
      if (target !== undefined && links < mostLinks) {
        return refusing(resolve(target, path.slice(directory.length + 1)), links + 1);
      }
      accessSync(directory, constants.X_OK);
    } catch {
      return { path: directory, stats: statsOf(directory), isDirectory: true };
    }
  }
  try {
    if (lstatSync(path).isSymbolicLink() && links < mostLinks) {
      return refusing(resolve(dirname(path), readlinkSync(path)), links + 1);
    }
  } catch {
    // Then its own stats tell.
  }
  return { path, stats: statsOf(path), isDirectory: false };
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** Who we are, as far as files ask: `uid 42436, gid 42436, groups 42436 1000`. */
function self(): {
  readonly words: string;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
} {
  const uid = process.geteuid?.() ?? 0;
  const gid = process.getegid?.() ?? 0;
  const groups = [...new Set([gid, ...(process.getgroups?.() ?? [])])];
  return { words: `uid ${uid}, gid ${gid}, groups ${groups.join(" ")}`, uid, gid, groups };
}

/** Whether the mode lets us: if so, something else than the mode refuses. */
function modeAllows({ mode, uid, gid }: Stats, bit: number, own: ReturnType<typeof self>): boolean {
  const shift = uid === own.uid ? 6 : own.groups.includes(gid) ? 3 : 0;
  return ((mode >> shift) & bit) !== 0;
}

function denied(path: string, variable: string): Diagnostic {
  const own = self();
  const { path: at, stats, isDirectory } = refusing(path);
  const what = isDirectory ? "may not enter the directory" : "may not read";
  if (!stats) return hostMessage("secret-denied", { variable, what, at, who: own.words, facts: "", change: "" });
  const mode = (stats.mode & 0o7777).toString(8).padStart(4, "0");
  const facts = `mode ${mode}, owner ${stats.uid}:${stats.gid}`;
  const bit = isDirectory ? 1 : 4;
  const letter = isDirectory ? "x" : "r";
  const change = modeAllows(stats, bit, own)
    ? "its mode would let us: look for SELinux or AppArmor (docker: mount it with :z), or a file system with rules of its own (NFS: root_squash)"
    : `${own.uid === 0 ? "root without CAP_DAC_OVERRIDE is like any other uid here; " : ""}let this uid in: chmod o+${letter}, or chgrp ${own.gid} and chmod g+${letter}, or chown ${own.uid}`;
  return hostMessage("secret-denied", { variable, what, at, who: own.words, facts, change });
}

/** Reads no more than one byte above the limit, whatever the file says of its size (below /proc it says 0). */
function readLimited(descriptor: number): Buffer {
  const parts: Buffer[] = [];
  for (let size = 0; size <= largest; ) {
    const part = Buffer.alloc(64 * 1024);
    const read = readSync(descriptor, part, 0, part.length, null);
    if (read === 0) break;
    parts.push(part.subarray(0, read));
    size += read;
  }
  return Buffer.concat(parts);
}

/**
 * Reads a file that holds a value from outside, which is taken as it is or not at all: no byte is changed on the way. Only a
 * regular file in UTF-8, without a byte order mark or NUL, and of 1 MiB at most, will do.
 *
 * @param path the value of an environment variable, which is shown only when there is something of that name.
 * @param use what the file is for.
 * @param variable the variable's name.
 */
export function readSecretFile(path: string, use: string, variable: string): Result<string> {
  const wrong = (flaw: string): Result<never> => failure([hostMessage("secret-unfit", { variable, path, flaw })]);
  let descriptor: number | undefined;
  try {
    // Not opened before its kind is known: to open a device may do something. Nor waited for, should it change meanwhile.
    const kind = kindOf(statSync(path));
    if (kind !== undefined) return wrong(`is ${kind}, not a file`);
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    const opened = kindOf(fstatSync(descriptor));
    if (opened !== undefined) return wrong(`is ${opened}, not a file`);
    const bytes = readLimited(descriptor);
    if (bytes.length > largest) return wrong("is larger than 1 MiB");
    const flaw = flawOf(bytes);
    return flaw === undefined ? success(bytes.toString("utf8")) : wrong(flaw);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EACCES" || code === "EPERM") return failure([denied(resolve(path), variable)]);
    try {
      lstatSync(path);
      const reason = code === "ENOENT" ? "it is a link, and where it points to there is nothing" : reasonOf(error);
      return failure([hostMessage("file-unreadable", { path, reason, use })]);
    } catch {
      return failure([hostMessage("secret-absent", { variable, looks: looksLike(path), use })]);
    }
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
