import { accessSync, constants, existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { hostMessage } from "./messages.ts";
import { reasonOf } from "./process/accounts.ts";

/** Settings of the kernel (sysctl(8)). Engines mount /proc/sys read-only in every container that is not privileged. */

const mountPrograms = ["/usr/bin/mount", "/bin/mount"];

/** One that each network namespace has, so that it tells whether they can be written. */
const anySetting = "/proc/sys/net/ipv4/conf/all/promote_secondaries";

/** @returns why settings cannot be written; undefined where they can. */
function refusal(): string | undefined {
  try {
    accessSync(anySetting, constants.W_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Who is not root may not write it himself, but his helpers may.
    if (code === "EACCES" && process.geteuid?.() !== 0) return undefined;
    return reasonOf(error);
  }
}

/**
 * Makes /proc/sys writable in this container, where it is not: that is a mount of the container alone, and whoever may mount may
 * change it (mount(8), "bind mount operation"). What can be set there stays what the container's rights allow.
 *
 * @returns what keeps it from being writable.
 */
export async function openKernelSettings(): Promise<Diagnostic | undefined> {
  const before = refusal();
  if (before === undefined) return undefined;
  const program = mountPrograms.find((path) => existsSync(path));
  if (program === undefined) return hostMessage("settings-closed", { reason: before, tried: "there is no mount(8)" });
  const { spawnSync } = await import("node:child_process");
  const words = ["-o", "remount,bind,rw", "/proc/sys"];
  const { stderr, error } = spawnSync(program, words, { env: {}, encoding: "utf8" });
  const after = refusal();
  if (after === undefined) return undefined;
  return hostMessage("settings-closed", { reason: after, tried: error ? reasonOf(error) : stderr.trim() });
}

const pathOf = (name: string): string => `/proc/sys/${name.replaceAll(".", "/")}`;

/** Sets what the engine has not set. @returns a warning for each that cannot be set. */
export function setKernelSettings(settings: Readonly<Record<string, number>>): readonly Diagnostic[] {
  return Object.entries(settings).flatMap(([name, value]): readonly Diagnostic[] => {
    let now = "";
    try {
      now = readFileSync(pathOf(name), "utf8").trim();
      if (now !== `${value}`) writeFileSync(pathOf(name), `${value}`);
      return [];
    } catch (error) {
      return [hostMessage("setting-not-set", { name, value, now, reason: reasonOf(error) })];
    }
  });
}
