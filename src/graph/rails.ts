import type { Graph } from "./graph.ts";

/**
 * The waits for one service as a vertical line, a rail: it begins at the row of what is waited for, and every row that waits
 * for it has a point on it. With a hundred waits this stays readable where arrows between boxes do not.
 */
export type Rail = {
  readonly to: string;
  readonly row: number;
  /** From the left. */
  readonly column: number;
  /** Only services of its own image wait for it: its column may have other such rails above and below. */
  readonly inner: boolean;
  readonly points: readonly { readonly row: number; readonly optional: boolean; readonly what: readonly string[] }[];
};

export type Rails = { readonly rails: readonly Rail[]; readonly columns: number; readonly innerColumns: number };

type Unplaced = Omit<Rail, "column">;

const ends = ({ row, points }: Unplaced): readonly [first: number, last: number] => {
  const rows = [row, ...points.map((point) => point.row)];
  return [Math.min(...rows), Math.max(...rows)];
};

/** Puts each rail into the first column in which it meets no other. */
function packed(rails: readonly Unplaced[]): readonly Rail[] {
  const reached: number[] = [];
  return rails
    .map((rail) => ({ rail, first: ends(rail)[0], last: ends(rail)[1] }))
    .toSorted((one, other) => one.first - other.first)
    .map(({ rail, first, last }) => {
      const free = reached.findIndex((end) => end < first);
      const column = free < 0 ? reached.length : free;
      reached[column] = last;
      return { ...rail, column };
    });
}

/**
 * @returns where the rails of a graph stand, by the rows of its services from the top. What is waited for by other images has a
 * column of its own, and the earlier it starts the further right that is: so no rail crosses the line that leads to another.
 */
export function railsOf({ images, waits }: Graph): Rails {
  const services = images.flatMap((image) => image.services.map(({ name }) => ({ name, image: image.name })));
  const rows = new Map(services.map(({ name }, row) => [name, row]));
  const imageAt = (row: number): string | undefined => services[row]?.image;
  const unplaced = services.flatMap(({ name: to }, row): readonly Unplaced[] => {
    const points = waits
      .filter((wait) => wait.to === to)
      .map(({ from, optional, what }) => ({ row: rows.get(from) ?? 0, optional, what }));
    if (points.length === 0) return [];
    return [{ to, row, points, inner: points.every((point) => imageAt(point.row) === imageAt(row)) }];
  });
  const inner = packed(unplaced.filter((rail) => rail.inner));
  const innerColumns = Math.max(-1, ...inner.map(({ column }) => column)) + 1;
  const outer = unplaced
    .filter((rail) => !rail.inner)
    .toReversed()
    .map((rail, index) => ({ ...rail, column: innerColumns + index }));
  return { rails: [...inner, ...outer], columns: innerColumns + outer.length, innerColumns };
}
