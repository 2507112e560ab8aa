import { existsSync } from "node:fs";
import { join } from "node:path";
import { failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { pathOf, readSecretText, secretText } from "../secrets/file.ts";
import { placeOf, type SecretObject } from "../secrets/object.ts";
import type { Existing } from "../secrets/plan.ts";
import { readText, type WholeFile, writeWhole } from "./files.ts";

type Name = { readonly namespace: string; readonly name: string };

/** @returns the Secrets that a directory of manifests has of those that are named. */
export function readManifests(directory: string, names: readonly Name[]): Result<Existing> {
  const read = names.flatMap((name) => {
    const path = join(directory, pathOf(name));
    if (!existsSync(path)) return [];
    // What is there and cannot be read is not taken for missing: it would be written again.
    return [{ name, text: readText(path, "let the file be read, or remove it: it is then made again") }];
  });
  const wrong = read.flatMap(({ text }) => (text.ok ? [] : text.diagnostics));
  if (wrong.length > 0) return failure(wrong);
  const secrets = read.flatMap(({ name, text }) =>
    text.ok ? [[placeOf(name.namespace, name.name), readSecretText(text.value, name)] as const] : [],
  );
  return success(new Map(secrets));
}

/** Writes Secrets as manifests, which their owner alone can read: all of them or none. */
export function writeManifests(
  directory: string,
  secrets: readonly SecretObject[],
  owner: WholeFile["owner"],
): Result<readonly SecretObject[]> {
  const written = writeWhole(
    secrets.map((secret) => ({
      path: join(directory, pathOf(secret.metadata)),
      text: secretText(secret),
      mode: 0o600,
      owner,
    })),
  );
  return written.ok ? success(secrets) : written;
}
