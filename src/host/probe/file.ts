import { stat } from "node:fs/promises";
import type { Outcome, TargetOf } from "../../wait/probe.ts";
import { inPool } from "../network/threads.ts";

/** Ready when the path is there and, if it is a file, not empty: an empty one is still being written. */
export async function attempt({ path }: TargetOf<"file">): Promise<Outcome> {
  try {
    const found = await inPool(() => stat(path));
    return found.isFile() && found.size === 0 ? { state: "unready", reason: "the file is empty" } : { state: "ready" };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR"
      ? { state: "absent", reason: "no such file" }
      : { state: "refused", reason: message };
  }
}
