import { chmodSync, type Stats, statSync } from "node:fs";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { hostMessage } from "./messages.ts";
import { reasonOf } from "./process/accounts.ts";

/** Its owner may read it, nobody may write it, and for everybody else it is not there. */
const wanted = 0o400;
const othersMay = (mode: number): boolean => (mode & 0o077) !== 0;

/**
 * Gives a file that a service wants for itself alone its mode, whatever mounted the volume that it is on: Kubernetes lets the
 * group of a volume (fsGroup) read and write every file on it, at each mount
 * (https://kubernetes.io/docs/tasks/configure-pod-container/security-context/). A file that is not there is left to the service.
 *
 * @returns what is wrong with it, or undefined.
 */
export function makePrivate(path: string): Diagnostic | undefined {
  const uid = process.geteuid?.() ?? 0;
  let before: Stats | undefined;
  try {
    before = statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    return hostMessage("private-unseen", { path, uid, reason: reasonOf(error) });
  }
  if (before === undefined) return undefined;
  if (!before.isFile()) return hostMessage("private-no-file", { path });
  if (before.uid !== uid) {
    return hostMessage("private-of-another", { path, owner: before.uid, mode: before.mode & 0o7777, uid });
  }
  if ((before.mode & 0o7777) === wanted) return undefined;
  let reason = "its file system keeps no modes";
  try {
    chmodSync(path, wanted);
    if (!othersMay(statSync(path).mode)) return undefined;
  } catch (error) {
    // Where it cannot be changed it may be good as it is: 0600 on a volume that is read-only.
    if (!othersMay(before.mode)) return undefined;
    reason = reasonOf(error);
  }
  return hostMessage("private-open", { path, mode: before.mode & 0o7777, reason });
}
