import { type SpawnSyncReturns, spawnSync } from "node:child_process";

/** Takes its words and its environment from standard input, in hexadecimal, a line each: words, an empty line, environment. */
const execute = `
import ctypes, sys
words, environment = ([bytes.fromhex(line) for line in part.split()] for part in sys.stdin.read().split("\\n\\n"))
listOf = lambda strings: (ctypes.c_char_p * (len(strings) + 1))(*strings, None)
libc = ctypes.CDLL(None, use_errno=True)
libc.execve(words[0], listOf(words), listOf(environment))
sys.exit(f"execve: {ctypes.get_errno()}")`;

const hex = (strings: readonly (string | Buffer)[]): string =>
  strings.map((each) => `${Buffer.from(each as string).toString("hex")}\n`).join("");

/** Runs a program by execve(2) with just these bytes; standard input is at its end. */
export function runRaw(
  words: readonly (string | Buffer)[],
  environment: readonly (string | Buffer)[],
): SpawnSyncReturns<Buffer> {
  return spawnSync("/usr/bin/python3", ["-c", execute], {
    input: `${hex(words)}\n${hex(environment)}`,
    maxBuffer: 1e8,
  });
}
