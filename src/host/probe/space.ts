import { statfsSync } from "node:fs";
import type { Outcome, TargetOf } from "../../wait/probe.ts";

/** Ready when the file system at the path has room for who is not root. */
export function attempt({ path, mebibytes }: Pick<TargetOf<"space">, "path" | "mebibytes">): Outcome {
  try {
    const { bavail, bsize } = statfsSync(path);
    const free = Math.floor((bavail * bsize) / 2 ** 20);
    if (free >= mebibytes) return { state: "ready" };
    return { state: "unready", reason: `no space is left: ${free} MiB are free, ${mebibytes} are wanted` };
  } catch (error) {
    return { state: "refused", reason: (error as Error).message };
  }
}
