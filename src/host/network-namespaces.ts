import { lstatSync, readdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { hostMessage } from "./messages.ts";
import { reasonOf } from "./process/accounts.ts";

/** Where network namespaces have files of their names: each is a mount, without which the file is empty and names nothing (ip-netns(8)). */
export const namespaceDirectory = "/run/netns";

/** @returns the names of those that begin with `prefix`. */
export function namespacesIn(directory: string, prefix: string): readonly string[] {
  try {
    return readdirSync(directory).filter((name) => name.startsWith(prefix));
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(`${(error as NodeJS.ErrnoException).code}`)) return [];
    throw error;
  }
}

/**
 * Removes files of network namespaces that are no longer mounted. The mounts go with their container. The files stay where /run outlives it,
 * as an emptyDir does in a pod (https://kubernetes.io/docs/concepts/storage/volumes/#emptydir). neutron takes a file for a namespace, and
 * fails: "failed to open netns", once for each of its networks, whose servers then get no metadata.
 *
 * @returns a warning for each that cannot be removed.
 */
export function removeLostNamespaces(directory: string, prefix: string): readonly Diagnostic[] {
  return namespacesIn(directory, prefix).flatMap((name): readonly Diagnostic[] => {
    const path = join(directory, name);
    try {
      // A mount is on another device than the directory (inode(7)).
      if (lstatSync(path).dev === lstatSync(directory).dev) unlinkSync(path);
      return [];
    } catch (error) {
      return [hostMessage("namespace-not-removed", { path, reason: reasonOf(error) })];
    }
  });
}
