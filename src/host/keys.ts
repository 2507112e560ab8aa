import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, unlinkSync, writeFileSync } from "node:fs";
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
