import { spawn } from "node:child_process";
import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import { driverMessage } from "../driver-messages.ts";
import { environmentForKernel } from "../strings.ts";

/** How a command is run in the container of a database server, whose client needs no password there. */
export type InContainer = {
  /** The path of the engine's command. */
  readonly program: string;
  /** Its words before the command's own: `exec CONTAINER`. */
  readonly words: readonly string[];
  /** `NAME=VALUE` each. */
  readonly environment: readonly string[];
};

/** Asks an engine. @returns standard output of what ended well. */
export type AskEngine = (words: readonly string[]) => Promise<Result<string>>;

/** The last line of a dump that is whole (mariadb-dump --dump-date). */
const whole = /-- Dump completed/;

function tailOf(path: string): { readonly size: number; readonly text: string } {
  const descriptor = openSync(path, "r");
  try {
    const { size } = fstatSync(descriptor);
    const tail = Buffer.alloc(Math.min(size, 200));
    readSync(descriptor, tail, 0, tail.length, size - tail.length);
    return { size, text: tail.toString() };
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Writes all databases of the server in a container into a file, as they are at one moment, while services go on. Only what is whole gets
 * the file's name.
 *
 * @returns the file's size in bytes.
 */
export async function dumpTo({ program, words, environment }: InContainer, path: string): Promise<Result<number>> {
  const wrong = (reason: string) => failure([driverMessage("backup-failed", { path, reason })]);
  // Without a lock: all tables are InnoDB's. Accounts are made from secrets whenever the server starts.
  const dump = ["mariadb-dump", "--all-databases", "--single-transaction", "--quick", "--skip-lock-tables"];
  const partial = `${path}.part`;
  let descriptor: number;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    descriptor = openSync(partial, "w", 0o600);
  } catch (error) {
    return wrong((error as Error).message);
  }
  const ended = await new Promise<string>((settle) => {
    const child = spawn(program, [...words, ...dump], {
      env: environmentForKernel(environment),
      stdio: ["ignore", descriptor, "pipe"],
    });
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    child.once("error", (error) => settle(error.message));
    child.once("close", (status) => settle(status === 0 ? "" : said.trim() || `mariadb-dump ended with ${status}`));
  });
  closeSync(descriptor);
  if (ended !== "") return wrong(ended);
  const { size, text } = tailOf(partial);
  if (!whole.test(text)) return wrong("the dump has no last line: is the disk full?");
  renameSync(partial, path);
  return success(size);
}

/** Where Alembic notes the revisions that a schema is at: a row for each branch. */
const table = "alembic_version";

/** @returns the revisions that each database of the server notes. @param ask runs a command in the server's container. */
export async function revisionsIn(ask: AskEngine): Promise<Result<ReadonlyMap<string, readonly string[]>>> {
  const query = (sql: string) => ask(["mariadb", "--batch", "--skip-column-names", "-e", sql]);
  const listed = await query(`SELECT table_schema FROM information_schema.tables WHERE table_name = '${table}'`);
  if (!listed.ok) return listed;
  const databases = listed.value.split("\n").filter((name) => name !== "");
  if (databases.length === 0) return success(new Map());
  const all = databases.map((name) => `SELECT '${name}', version_num FROM \`${name}\`.${table}`).join(" UNION ALL ");
  const rows = await query(all);
  if (!rows.ok) return rows;
  const found = new Map<string, string[]>(databases.map((name) => [name, []]));
  for (const row of rows.value.split("\n")) {
    const [name = "", revision = ""] = row.split("\t");
    found.get(name)?.push(revision);
  }
  return success(found);
}

/** A shell's script that prints the revisions that an image's migrations come to. An image of kilo or liberty has no such directory. */
export const revisionsScript = `cd /etc/plinth/schema 2>/dev/null && grep -o "INSERT INTO .${table}. VALUES ('[^']*')" *.json || true`;

/** @returns the revisions by settings block, of what the script printed. */
export function readRevisions(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  // With one file grep says no name.
  for (const line of text.split("\n")) {
    const [, block = "database", revision] = /^(?:(\w+)\.json:)?INSERT.*\('([^']*)'\)$/.exec(line) ?? [];
    if (revision !== undefined) found.set(block, [...(found.get(block) ?? []), revision]);
  }
  return found;
}
