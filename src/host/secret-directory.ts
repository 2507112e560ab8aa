import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { type Data, encode, keysFlaw, textFlaw, valueKey, withoutBreak } from "../secrets/object.ts";
import { isKeyName } from "../secrets/rotation.ts";
import type { WantedSecret } from "../secrets/wanted.ts";
import { isDirectory } from "./files.ts";
import { hostMessage } from "./messages.ts";
import { readSecretFile } from "./secret-file.ts";

/** A secret that is made where there is none. */
type Made = { readonly name: string; readonly length: number; readonly alphabet: "hexadecimal" };

/** @returns random characters: four bits of chance each. */
export const randomText = ({ length }: Pick<Made, "length">): string =>
  randomBytes(Math.ceil(length / 2))
    .toString("hex")
    .slice(0, length);

/**
 * Makes the secrets that a directory does not have yet, a file each. The directory is its owner's alone; the files in it can be read by
 * the services' accounts, to whose containers each is mounted.
 *
 * @returns the names of those that were made.
 */
export function makeSecretFiles(directory: string, secrets: readonly Made[]): readonly string[] {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  const missing = secrets.filter(({ name }) => !existsSync(join(directory, name)));
  for (const secret of missing)
    writeFileSync(join(directory, secret.name), randomText(secret), { mode: 0o444, flag: "wx" });
  return missing.map(({ name }) => name);
}

const use = "let this user read it, or leave --from out: plinth makes other secrets then";

/** @returns the texts of the files below a path: that of the file itself, or those of the keys in a directory. */
function dataAt(path: string, { holds }: WantedSecret): Result<Data> {
  const files =
    holds.kind === "value"
      ? [{ key: valueKey, file: path }]
      : readdirSync(path)
          .filter(isKeyName)
          .map((key) => ({ key, file: join(path, key) }));
  const read = files.map(({ key, file }) => ({ key, text: readSecretFile(file, use, "--from") }));
  const wrong = read.flatMap(({ text }) => (text.ok ? [] : text.diagnostics));
  if (wrong.length > 0) return failure(wrong);
  const data: Data = Object.fromEntries(
    read.flatMap(({ key, text }) => (text.ok ? [[key, encode(withoutBreak(text.value))]] : [])),
  );
  const flaw = holds.kind === "value" ? textFlaw(data[valueKey] ?? "") : keysFlaw(data);
  return flaw === undefined
    ? success(data)
    : failure([hostMessage("secret-unfit", { variable: "--from", path, flaw })]);
}

/**
 * Reads the secrets that a directory has: a file each, as `makeSecretFiles` leaves them, and a directory of files for each repository
 * of keys.
 *
 * @returns what each holds, by its name.
 */
export function readSecretDirectory(
  directory: string,
  wanted: readonly WantedSecret[],
): Result<ReadonlyMap<string, Data>> {
  const found = new Map<string, Data>();
  const wrong: Diagnostic[] = [];
  if (!isDirectory(directory)) {
    return failure([hostMessage("file-unreadable", { path: directory, reason: "it is no directory", use })]);
  }
  for (const one of wanted) {
    const path = join(directory, one.name);
    if (!existsSync(path)) continue;
    const data = dataAt(path, one);
    if (data.ok) found.set(one.name, data.value);
    else wrong.push(...data.diagnostics);
  }
  return wrong.length > 0 ? failure(wrong) : success(found);
}
