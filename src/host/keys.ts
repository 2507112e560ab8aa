import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readdirSync, renameSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A Fernet key: 32 random bytes in URL-safe base64 (https://github.com/fernet/spec/blob/master/Spec.md). */
const newKey = (): string => randomBytes(32).toString("base64url").padEnd(44, "=");

/** Makes a key file, whole or not at all. @returns false where there is one: of several who try, one makes it. */
function makeKey(folder: string, name: string): boolean {
  const temporary = join(folder, `.${name}.${randomBytes(4).toString("hex")}`);
  writeFileSync(temporary, newKey(), { mode: 0o600, flag: "wx" });
  try {
    // link(2) fails where the name is taken; rename(2) would replace it.
    linkSync(temporary, join(folder, name));
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
export function makeFirstKeys(folder: string): boolean {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const primary = makeKey(folder, "1");
  return makeKey(folder, "0") && primary;
}

/** How a repository is rotated: how many keys stay, and for how many milliseconds a token lives. */
export type Rotation = { readonly keep: number; readonly lifetimeMs: number };

/** `early`: a key that would go signed tokens until `signedMs` ago, which are valid still. */
export type Rotated =
  | { readonly primary: number }
  | { readonly early: { readonly key: number; readonly signedMs: number } };

/**
 * Rotates a repository as keystone does: the staged key 0 becomes the primary one, which is the highest; a new one is staged;
 * the lowest beyond `keep` go (keystone's admin guide, "Fernet - Frequently Asked Questions").
 *
 * Unless a key would go whose tokens are valid still: two rotations in a row, by two hosts with the same timetable, would log
 * out everybody. A key is staged when the one before becomes primary, and renaming a file leaves its time: so the time of a key
 * tells until when the last but one before it was primary.
 *
 * @param now milliseconds since 1970.
 */
export function rotateKeys(folder: string, { keep, lifetimeMs }: Rotation, now: number): Rotated {
  // Without a staged key a rotation was killed between its two last steps: this ends it.
  const completes = makeKey(folder, "0");
  const numbers = readdirSync(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((one, other) => one - other);
  const last = numbers.at(-1) ?? 0;
  if (completes) return { primary: last };
  const primary = last + 1;
  // Of those that there will be, with the staged one: 0, the rest, and the new primary one.
  const going = numbers.slice(1, Math.max(1, numbers.length + 2 - Math.max(2, keep)));
  const stagedAt = (key: number): number => statSync(join(folder, String(key))).mtimeMs;
  for (const key of going) {
    const later = numbers.filter((number) => number > key);
    const signedMs = now - stagedAt(later[1] ?? 0);
    if (signedMs < lifetimeMs) return { early: { key, signedMs } };
  }
  renameSync(join(folder, "0"), join(folder, String(primary)));
  makeKey(folder, "0");
  for (const key of going) unlinkSync(join(folder, String(key)));
  return { primary };
}
