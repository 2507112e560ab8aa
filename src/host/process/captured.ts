import { spawn } from "node:child_process";

/** What a program did: no status where it was killed. */
export type Captured = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** The last lines that are worth showing. */
export const lastLines = (text: string, count = 12): readonly string[] =>
  text
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .slice(-count);

/**
 * Runs a program to its end. A body goes over standard input: an argument vector can be read by everybody, and a file outlives who is killed.
 *
 * @param asked `env` as process.execve gets it, this process's own where nothing is said; `timeout` in milliseconds. Rejects where
 * there is no such program.
 */
export function capture(
  file: string,
  words: readonly string[],
  asked: { readonly env?: Record<string, string>; readonly input?: string; readonly timeout?: number } = {},
): Promise<Captured> {
  const { input = "", ...how } = asked;
  return new Promise((settle, reject) => {
    const child = spawn(file, words, { ...how, stdio: ["pipe", "pipe", "pipe"] });
    const parts = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    child.stdout.on("data", (part: Buffer) => parts.stdout.push(part));
    child.stderr.on("data", (part: Buffer) => parts.stderr.push(part));
    child.once("error", reject);
    // It may have ended before it read what it was given: its status says so.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    child.once("close", (status) =>
      settle({
        status,
        stdout: Buffer.concat(parts.stdout).toString(),
        stderr: Buffer.concat(parts.stderr).toString(),
      }),
    );
  });
}
