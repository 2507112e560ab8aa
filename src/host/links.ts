import { lstatSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { makeDirectory } from "./files.ts";
import { hostMessage } from "./messages.ts";
import { reasonOf } from "./process/accounts.ts";

function isLinkTo(path: string, end: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink() && readlinkSync(path) === end;
  } catch {
    return false;
  }
}

/**
 * Makes each path a link into `directory`: /etc/nova/nova.conf to /run/plinth/etc/nova/nova.conf. A packaged file that
 * stands there goes: what plinth renders replaces it.
 *
 * @param root the image's root file system.
 */
export function linkTargets(paths: readonly string[], root: string, directory: string): Result<readonly string[]> {
  const diagnostics: Diagnostic[] = [];
  for (const path of paths) {
    const link = join(root, path);
    const end = join(directory, path);
    try {
      if (isLinkTo(link, end)) continue;
      makeDirectory(dirname(link));
      rmSync(link, { force: true });
      symlinkSync(end, link);
    } catch (error) {
      diagnostics.push(hostMessage("link-not-made", { path: link, reason: reasonOf(error) }));
    }
  }
  return diagnostics.length > 0 ? failure(diagnostics) : success(paths);
}
