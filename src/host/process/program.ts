import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { variablesOf } from "../environment.ts";
import { hostMessage } from "../messages.ts";
import { reasonOf } from "./accounts.ts";

/** What a shell searches when PATH is not set. */
const usualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The kernel follows at most this many interpreters of interpreters (BINPRM_MAX_RECURSION in fs/exec.c). */
const mostInterpreters = 4;

/** The longest single argument or environment string, its end included: MAX_ARG_STRLEN, 32 pages (execve(2)). */
const longestString = 131_072;

/** Room for arguments and environment: at least 128 KiB, a quarter of the stack limit, never over 6 MiB (execve(2)). */
const usualRoom = 2_097_152;

export type Program = { readonly file: string } | { readonly problem: Diagnostic };

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function headOf(path: string): Buffer | undefined {
  try {
    const descriptor = openSync(path, "r");
    try {
      const head = Buffer.alloc(4096);
      return head.subarray(0, readSync(descriptor, head, 0, head.length, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Executable but not readable: the kernel may run it all the same.
    return undefined;
  }
}

const sharedLibraries = 2;
const executable = 3;
const interpreterSegment = 3;

/** The loader that a dynamic ELF program names (PT_INTERP, elf(5)), when it stands in the first page, as linkers put it. */
function elfInterpreter(head: Buffer): string | undefined {
  const wide = head[4] === 2;
  if (!wide || head[5] !== 1 || head.length < 64) return undefined;
  const type = head.readUInt16LE(16);
  if (type !== sharedLibraries && type !== executable) return undefined;
  const table = Number(head.readBigUInt64LE(32));
  const size = head.readUInt16LE(54);
  const count = head.readUInt16LE(56);
  for (let index = 0; index < count; index++) {
    const at = table + index * size;
    if (at + 56 > head.length) return undefined;
    if (head.readUInt32LE(at) !== interpreterSegment) continue;
    const start = Number(head.readBigUInt64LE(at + 8));
    const end = start + Number(head.readBigUInt64LE(at + 32));
    return end <= head.length ? head.toString("latin1", start, end).replace(/\0.*$/s, "") : undefined;
  }
  return undefined;
}

/** Why the kernel would refuse to run the file, as far as can be known beforehand; undefined when nothing speaks against it. */
function refusal(path: string, depth = 0): string | undefined {
  try {
    accessSync(path, constants.X_OK);
  } catch (error) {
    return reasonOf(error);
  }
  const head = headOf(path);
  if (head === undefined) return undefined;
  if (head.length >= 64 && head.toString("latin1", 0, 4) === "\x7fELF") {
    const loader = elfInterpreter(head);
    return loader !== undefined && !isFile(loader) ? `its loader ${loader} is not in this image` : undefined;
  }
  if (head.toString("latin1", 0, 2) !== "#!") return "it is neither a program nor a script that begins with #!";
  const line = head.toString("utf8", 2).split("\n", 1)[0] ?? "";
  const interpreter = line.trim().split(/[ \t]/, 1)[0] ?? "";
  if (!isFile(interpreter)) return `its interpreter ${interpreter || "(none named)"} is not in this image`;
  if (depth >= mostInterpreters) return "its interpreter is a script of a script of a script";
  const reason = refusal(interpreter, depth + 1);
  return reason === undefined ? undefined : `its interpreter ${interpreter}: ${reason}`;
}

/**
 * Finds the program of a command as execvp(3) would, and makes sure the kernel will take it: process.execve aborts the
 * process where execve(2) fails (Node 24), so whatever can be known is asked first.
 */
export function findProgram(command: readonly string[], environment: readonly string[], service: string): Program {
  const word = command[0] ?? "";
  const path = variablesOf(environment)["PATH"] ?? usualPath;
  const candidates = word.includes("/") ? [word] : path.split(":").map((directory) => join(directory || ".", word));
  const files = candidates.filter(isFile);
  if (word === "" || files.length === 0)
    return { problem: hostMessage("command-not-found", { command: word, service, path }) };
  const lengths = [...command, ...environment].map((text) => Buffer.byteLength(text) + 1);
  const longest = Math.max(...lengths);
  const sum = lengths.reduce((total, length) => total + length + 8, 0);
  if (longest > longestString || sum > usualRoom) {
    const reason = `its arguments and environment are too long (${sum} bytes, the longest ${longest})`;
    return { problem: hostMessage("command-not-executable", { command: word, service, reason }) };
  }
  let reason: string | undefined;
  for (const file of files) {
    reason = refusal(file);
    if (reason === undefined) return { file };
  }
  return {
    problem: hostMessage("command-not-executable", { command: files[0] ?? word, service, reason: reason ?? "" }),
  };
}
