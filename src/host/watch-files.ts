import { statSync } from "node:fs";
import { sleep } from "./clock.ts";

/** Milliseconds. */
const times = {
  /** Between two looks. */
  look: 1_000,
  /** Files that are changed together are changed within this long. */
  settle: 200,
  /** A file that is away for less is just being replaced. */
  away: 5_000,
  /** Two changes within the clock's grain look like one: what is as young as this is looked at again. */
  young: 1_500,
};

/** What changes with every change of a file, also of one behind links; undefined where there is none. */
function signOf(path: string): string | undefined {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = statSync(path, { bigint: true });
    const isYoung = Math.abs(Date.now() - Number(ctimeMs)) < times.young;
    return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs} ${isYoung}`;
  } catch {
    return undefined;
  }
}

/**
 * Follows files, until the signal: tells of every change, at most one time too often.
 *
 * By looking, not by inotify(7): Kubernetes changes a secret by renaming a link two directories above, editors rename a new file
 * over the old one, Docker's bind mount is changed from outside the container's directories, and network and virtual file systems
 * tell nothing. All of these change what stat(2) says, and a look once a second costs nothing.
 *
 * @param onChange is called when the files have settled; one that is away for a moment is waited for.
 */
export async function watchFiles(paths: readonly string[], onChange: () => void, signal: AbortSignal): Promise<void> {
  const look = () => paths.map(signOf);
  const differ = (one: readonly unknown[], other: readonly unknown[]) => one.some((sign, at) => sign !== other[at]);
  let known = look();
  while (!signal.aborted) {
    await sleep(times.look, signal);
    let now = look();
    if (!differ(now, known)) continue;
    const limit = performance.now() + times.away;
    for (let quiet = false; !quiet && performance.now() < limit && !signal.aborted; ) {
      await sleep(times.settle, signal);
      const next = look();
      quiet = !differ(next, now) && !next.some((sign, at) => sign === undefined && known[at] !== undefined);
      now = next;
    }
    known = now;
    if (!signal.aborted) onChange();
  }
}
