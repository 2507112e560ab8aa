import { setTimeout as sleep } from "node:timers/promises";
import type { Api, Row } from "./api.ts";

/** What became of something that the demo wants: it was there, it was made, or what was there was of no use. */
export type Outcome = "found" | "made" | "repaired";

export type Ensured = { readonly row: Row; readonly outcome: Outcome };

/** The worse of two: a thing is as it was found only where all of it was. */
export const worse = (all: readonly Outcome[]): Outcome =>
  all.includes("repaired") ? "repaired" : all.includes("made") ? "made" : "found";

/** One kind of thing in one API, and how the demo has it. */
export type Wanted = {
  readonly service: string;
  /** Where it is listed, and under which key: `/v2.0/networks`, `networks`. */
  readonly path: string;
  readonly query?: string;
  readonly key: string;
  readonly name: string;
  /** The path of one row, where it is not `path` and the id. */
  readonly one?: (id: string) => string;
  readonly make: () => Promise<Row>;
  /** Whether what is there serves; else it is removed and made again. */
  readonly serves?: (row: Row) => boolean;
};

/** Waits for a state. Throws with what was last seen, where it does not come. */
export async function until<T>(what: string, look: () => Promise<T | undefined>, seconds = 180): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await sleep(500);
  }
}

const find = async (api: Api, { service, path, query, key, name }: Wanted): Promise<Row | undefined> => {
  const rows = await api.list(service, query === undefined ? path : `${path}?${query}`, key);
  return rows.find((row) => row["name"] === name || row["stack_name"] === name);
};

/** Removes a row, and waits until it is gone. */
async function removeRow(api: Api, wanted: Wanted, id: string): Promise<void> {
  const path = wanted.one?.(id) ?? `${wanted.path.replace(/\/detail$/, "")}/${id}`;
  await api.remove(wanted.service, path);
  await until(`${wanted.name} to be deleted`, async () => ((await find(api, wanted))?.id === id ? undefined : true));
}

/** Finds something by its name, or makes it. What is there and does not serve is made again. */
export async function ensure(api: Api, wanted: Wanted): Promise<Ensured> {
  const found = await find(api, wanted);
  if (found === undefined) return { row: await wanted.make(), outcome: "made" };
  if (wanted.serves?.(found) ?? true) return { row: found, outcome: "found" };
  await removeRow(api, wanted, found.id);
  return { row: await wanted.make(), outcome: "repaired" };
}
