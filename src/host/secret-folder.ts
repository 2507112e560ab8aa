import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A secret that is made where there is none. */
type Made = { readonly name: string; readonly length: number; readonly alphabet: "hexadecimal" };

/** @returns random characters: four bits of chance each. */
const randomText = ({ length }: Made): string =>
  randomBytes(Math.ceil(length / 2))
    .toString("hex")
    .slice(0, length);

/**
 * Makes the secrets that a folder does not have yet, a file each. The folder is its owner's alone; the files in it can be read by
 * the services' accounts, to whose containers each is mounted.
 *
 * @returns the names of those that were made.
 */
export function makeSecretFiles(folder: string, secrets: readonly Made[]): readonly string[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const missing = secrets.filter(({ name }) => !existsSync(join(folder, name)));
  for (const secret of missing)
    writeFileSync(join(folder, secret.name), randomText(secret), { mode: 0o444, flag: "wx" });
  return missing.map(({ name }) => name);
}
