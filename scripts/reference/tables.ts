import { readdirSync } from "node:fs";
import type { Entry } from "../../src/diagnostics/catalog.ts";

/** A table of messages, and the directory whose stage finds the mistakes in it. */
export type Table = { readonly stage: string; readonly entries: Readonly<Record<string, Entry<unknown>>> };

type Catalog = Pick<Table, "entries">;

const isCatalog = (value: unknown): value is Catalog => typeof value === "function" && "entries" in value;

/** @returns the tables of messages below these directories, in the order of their files. */
export async function tablesIn(directories: readonly string[]): Promise<readonly Table[]> {
  const files = directories.flatMap((directory) =>
    readdirSync(directory, { recursive: true, encoding: "utf8" })
      .filter((file) => /messages\.ts$/.test(file))
      .sort()
      .map((file) => `${directory}/${file}`),
  );
  const tables: Table[] = [];
  for (const file of files) {
    const exported = Object.values((await import(`../../${file}`)) as Record<string, unknown>);
    const stage = file.replace(/^src\//, "").replace(/\/[^/]*$/, "");
    tables.push(...exported.filter(isCatalog).map(({ entries }) => ({ stage, entries })));
  }
  return tables;
}
