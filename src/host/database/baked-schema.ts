import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Result, success } from "../../diagnostics/diagnostic.ts";
import type { SchemaRow } from "../../openstack/component.ts";
import { type Database, inEach } from "./first-schema.ts";
import { type Lock, lockTimes } from "./lock.ts";

/** What the migrations of an image make of an empty database, as make-schema (images/schema) wrote it when the image was built. */
export type BakedSchema = {
  /** The MariaDB that made it: `11.8`. */
  readonly server: string;
  /** How many variables `@uuid1`, `@uuid2`, ... the statements want beside `@now`. */
  readonly uuids: number;
  readonly statements: readonly string[];
};

/**
 * Strict, so that a value which does not fit is an error; an id that is 0 stays 0. Tables come in no order of their foreign
 * keys.
 */
const session =
  "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION', foreign_key_checks = 0, " +
  "@now = UTC_TIMESTAMP()";

/** Milliseconds between two looks whether the lock is certainly ours again. */
const look = 250;

/** @returns the schema for each row, named after its settings block; undefined unless the image has one for all. */
export function readSchemas(directory: string, rows: readonly SchemaRow[]): readonly BakedSchema[] | undefined {
  const paths = rows.map(({ from }) => join(directory, `${from}.json`));
  if (paths.length === 0 || !paths.every((path) => existsSync(path))) return undefined;
  return paths.map((path) => JSON.parse(readFileSync(path, "utf8")) as BakedSchema);
}

/**
 * A later MariaDB takes whatever an earlier one wrote (SHOW CREATE TABLE), as it must for mariadb-dump; and what a table says
 * of itself there does not depend on the server's own defaults. MySQL writes another dialect: names of checks are unique in a
 * database, JSON is a type.
 */
export function takes(version: string, schema: BakedSchema): boolean {
  const [, major = 0, minor = 0] = (/^(\d+)\.(\d+)\..*MariaDB/.exec(version) ?? []).map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = schema.server.split(".").map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/**
 * Loads schemas into databases that `beginSchemas` found empty and marked, with the lock held: what is left of it when it is
 * ended in the middle, the next job drops. As a job's program is, it is suspended while the lock is in doubt; each statement is
 * short, and the next job waits until the server is done with it.
 *
 * @returns undefined when all is loaded; why not, where the job's own program must do it: what was loaded until then stands
 *   there still.
 */
export async function loadSchemas(
  databases: readonly Database[],
  schemas: readonly BakedSchema[],
  { lost, unprovenMs }: Lock,
): Promise<Result<string | undefined>> {
  const mysql = await import("../probe/mysql.ts");
  let refused: string | undefined;
  const loaded = await inEach(databases, lost, async (send, _, database) => {
    const schema = schemas[databases.indexOf(database)];
    if (!schema || refused !== undefined) return;
    const [[version] = []] = (await send("SELECT VERSION()")) as readonly (readonly string[])[];
    if (!takes(version ?? "", schema)) {
      refused = `it was made by MariaDB ${schema.server}, and ${database.name} is ${version}`;
      return;
    }
    const uuids = Array.from({ length: schema.uuids }, (_, index) => `, @uuid${index + 1} = '${randomUUID()}'`);
    for (const statement of [`${session}${uuids.join("")}`, ...schema.statements]) {
      while (unprovenMs() > lockTimes.doubt) await sleep(look);
      lost.throwIfAborted();
      try {
        await send(statement);
      } catch (error) {
        if (!mysql.isRefusal(error)) throw error;
        refused = `${database.name} says: ${(error as Error).message}`;
        return;
      }
    }
  });
  return loaded.ok ? success(refused) : loaded;
}
