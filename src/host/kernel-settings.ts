import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { hostMessage } from "./messages.ts";
import { reasonOf } from "./process/accounts.ts";

/** Settings of the kernel (sysctl(8)). Engines mount /proc/sys read-only in every container that is not privileged. */

const mountPrograms = ["/usr/bin/mount", "/bin/mount"];

const settingsDirectory = "/proc/sys";

/** Whether they are mounted read-only (proc_pid_mountinfo(5): the mount point is the fifth field, its options the sixth). */
function areReadOnly(): boolean {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  const own = mounts.map((line) => line.split(" ")).findLast(([, , , , point]) => point === settingsDirectory);
  return own?.[5]?.split(",").includes("ro") ?? false;
}

/**
 * Makes /proc/sys writable in this container, where it is not: that is a mount of the container alone, and whoever may mount may
 * change it (mount(8), "bind mount operation"). What can be set there stays what the container's rights allow.
 *
 * @returns what keeps it from being writable.
 */
export async function openKernelSettings(): Promise<Diagnostic | undefined> {
  if (!areReadOnly()) return undefined;
  const program = mountPrograms.find((path) => existsSync(path));
  if (program === undefined) return hostMessage("settings-closed", { tried: "there is no mount(8)" });
  const { spawnSync } = await import("node:child_process");
  const words = ["-o", "remount,bind,rw", settingsDirectory];
  const { stderr, error } = spawnSync(program, words, { env: {}, encoding: "utf8" });
  if (!areReadOnly()) return undefined;
  const [said = ""] = stderr?.split("\n") ?? [];
  return hostMessage("settings-closed", { tried: error ? reasonOf(error) : said });
}

const pathOf = (name: string): string => `${settingsDirectory}/${name.replaceAll(".", "/")}`;

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
