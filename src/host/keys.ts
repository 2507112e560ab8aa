import { randomBytes } from "node:crypto";
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { isKeyName, planRotation, type Rotated, type Rotation } from "../secrets/rotation.ts";

/** A Fernet key: 32 random bytes in URL-safe base64 (https://github.com/fernet/spec/blob/master/Spec.md). */
export const newKey = (): string => randomBytes(32).toString("base64url").padEnd(44, "=");

/** Makes a key file, whole or not at all. @returns false where there is one: of several who try, one makes it. */
function makeKey(directory: string, name: string): boolean {
  const temporary = join(directory, `.${name}.${randomBytes(4).toString("hex")}`);
  writeFileSync(temporary, newKey(), { mode: 0o600, flag: "wx" });
  try {
    // link(2) fails where the name is taken; rename(2) would replace it.
    linkSync(temporary, join(directory, name));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  } finally {
    unlinkSync(temporary);
  }
}

/**
 * Makes the first keys of a repository as keystone-manage does: 1 is primary, 0 is staged (keystone's admin guide, "Fernet -
 * Frequently Asked Questions"). Last comes 0, which a rotation leaves there always: where it is, there were keys before.
 *
 * @returns whether keys were made.
 */
export function makeFirstKeys(directory: string): boolean {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const primary = makeKey(directory, "1");
  return makeKey(directory, "0") && primary;
}

/**
 * Rotates a repository (see `planRotation`). Renaming a file leaves its time: so the time of a key tells when it was staged.
 *
 * @param now milliseconds since 1970.
 */
export function rotateKeys(directory: string, rotation: Rotation, now: number): Rotated {
  const stagedAt = (key: number): number => statSync(join(directory, String(key))).mtimeMs;
  const step = planRotation(readdirSync(directory), stagedAt, rotation, now);
  if (!("primary" in step)) return step;
  const { primary } = step;
  if (!step.completes) renameSync(join(directory, "0"), join(directory, String(primary)));
  makeKey(directory, "0");
  if (!step.completes) for (const key of step.going) unlinkSync(join(directory, String(key)));
  return { primary };
}

/**
 * @returns whether a directory is a Secret that kubelet mounts: it changes all files at once by one link of this name
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/volume/util/atomic_writer.go).
 */
export const isMountedSecret = (directory: string): boolean =>
  lstatSync(join(directory, "..data"), { throwIfNoEntry: false })?.isSymbolicLink() === true;

/** @returns the keys in a directory, by their names. */
export const keysIn = (directory: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(directory)
      .filter(isKeyName)
      .map((name) => [name, readFileSync(join(directory, name), "utf8")]),
  );
