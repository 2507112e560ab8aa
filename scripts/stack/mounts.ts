import { existsSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, resolve, sep } from "node:path";

/** What an image has of its own, and what the engine mounts: nothing of the machine may take its place. */
const ofTheImage =
  /^\/((bin|boot|dev|etc|lib|lib32|lib64|libx32|proc|sbin|sys|usr\/(bin|lib|lib32|lib64|libexec|libx32|sbin|share))(\/|$)|(run|usr|usr\/local)?$)/;
/** Of these a container has the same as the machine: `--file /dev/stdin`. */
const everywhere = /^\/(dev|proc|sys)\//;

export type Mounts = {
  readonly mounted: readonly string[];
  /** What words name, and the client cannot find. */
  readonly hidden: readonly string[];
};

/** @returns what must be mounted so that a path is found: itself, or the directory that a new file would be in. */
function place(path: string): string | undefined {
  if (existsSync(path)) return path;
  const directory = dirname(path);
  return existsSync(directory) && statSync(directory).isDirectory() ? directory : undefined;
}

/**
 * The directories and files of the machine that a client in a container must have, at the same paths: the directory it was called in,
 * and whatever its words name outside of that (`--file /data/disk.img`, `--file=../disk.img`), or lead to by a link.
 *
 * @param words what the client is given.
 */
export function mountsFor(directory: string, words: readonly string[]): Mounts {
  const named = words
    .flatMap((word) => [word, word.slice(word.indexOf("=") + 1)])
    .filter((word) => word !== "" && !word.startsWith("-"));
  const places = named
    .map((word) => resolve(directory, word))
    .flatMap((path) => (existsSync(path) ? [path, realpathSync(path)] : [path]))
    .flatMap((path) => place(path) ?? []);
  const wanted = [...new Set([directory, ...places])].filter((path) => !ofTheImage.test(path)).sort();
  const hidden = named.filter(
    (word) => isAbsolute(word) && !everywhere.test(word) && ofTheImage.test(place(word) ?? directory),
  );
  const covered = (path: string): boolean =>
    wanted.some((other) => other !== path && path.startsWith(`${other}${sep}`) && statSync(other).isDirectory());
  return { mounted: wanted.filter((path) => !covered(path)), hidden: [...new Set(hidden)] };
}

/** A value of `docker run --mount`, which is a line of CSV. */
export const mountWord = (path: string): string =>
  ["type=bind", `source=${path}`, `target=${path}`]
    .map((field) => (/[,"\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(",");
