import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where engines keep the control groups of containers: of version 2 and 1, with cgroupfs and with systemd as the driver. */
const places = ["", "cpuacct"].flatMap((controller) =>
  ["docker", "system.slice"].map((parent) => join("/sys/fs/cgroup", controller, parent)),
);
const idOf = (directory: string): string | undefined => /^(?:docker-)?([0-9a-f]{64})(?:\.scope)?$/.exec(directory)?.[1];

/**
 * Seconds of processor time that a control group has used.
 * https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files (cpu.stat),
 * https://docs.kernel.org/admin-guide/cgroup-v1/cpuacct.html (cpuacct.usage, in nanoseconds)
 */
function usedBy(directory: string): number | undefined {
  try {
    const old = join(directory, "cpuacct.usage");
    if (existsSync(old)) return Number(readFileSync(old, "utf8")) / 1e9;
    const [, microseconds] = /^usage_usec (\d+)$/m.exec(readFileSync(join(directory, "cpu.stat"), "utf8")) ?? [];
    return microseconds === undefined ? undefined : Number(microseconds) / 1e6;
  } catch {
    // The container has just ended.
    return undefined;
  }
}

/**
 * Looks twice a second what each container on this machine has used, since a control group ends with its container and jobs end.
 *
 * @returns a function that gives the seconds of processor time by container id so far, and one that ends the watch.
 */
export function watchProcessors() {
  const used = new Map<string, number>();
  const look = (): void => {
    for (const place of places) {
      for (const directory of existsSync(place) ? readdirSync(place) : []) {
        const id = idOf(directory);
        const seconds = id === undefined ? undefined : usedBy(join(place, directory));
        if (id !== undefined && seconds !== undefined) used.set(id, seconds);
      }
    }
  };
  const timer = setInterval(look, 500);
  timer.unref();
  return {
    used(): ReadonlyMap<string, number> {
      look();
      return new Map(used);
    },
    stop: () => clearInterval(timer),
  };
}
