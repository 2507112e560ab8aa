import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";

/** The processes of this container (the PID namespace), ourselves included. */
export const processIds = (): readonly number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** The words a process was started with; none for one that is gone or not ours to see. */
export function wordsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

/**
 * Sends a signal to every process of a program, our own process aside. A Python service is `python3 /usr/bin/nova-api`:
 * the first two words count.
 *
 * @param program the file name, with its directory or without.
 * @param signal its number.
 * @returns how many processes there are, and to how many it was sent: others may be somebody else's.
 */
export function signalProcesses(program: string, signal: number): { readonly found: number; readonly sent: number } {
  const pids = processIds().filter((pid) => pid !== process.pid);
  const meant = pids.filter((pid) =>
    wordsOf(pid)
      .slice(0, 2)
      .some((word) => word !== "" && (word === program || basename(word) === program)),
  );
  const sent = meant.filter((pid) => {
    try {
      return process.kill(pid, signal);
    } catch {
      return false;
    }
  });
  return { found: meant.length, sent: sent.length };
}
