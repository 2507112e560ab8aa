/** Edit distance with transposition (optimal string alignment): `prot` is one edit from `port`. */
function distance(from: string, to: string): number {
  const rows = from.length + 1;
  const columns = to.length + 1;
  const cost: number[][] = Array.from({ length: rows }, (_, row) => {
    const line = new Array<number>(columns).fill(0);
    line[0] = row;
    return line;
  });
  const at = (row: number, column: number): number => cost[row]?.[column] ?? 0;
  for (let column = 0; column < columns; column++) (cost[0] as number[])[column] = column;
  for (let row = 1; row < rows; row++) {
    for (let column = 1; column < columns; column++) {
      const substitution = from[row - 1] === to[column - 1] ? 0 : 1;
      let best = Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + substitution);
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        best = Math.min(best, at(row - 2, column - 2) + 1);
      }
      (cost[row] as number[])[column] = best;
    }
  }
  return at(from.length, to.length);
}

/**
 * @param limit how many edits are a likely slip.
 * @returns the known name most like `name`, or undefined when none is near enough to be a likely slip.
 */
export function nearest(
  name: string,
  known: Iterable<string>,
  limit = Math.max(2, Math.floor(name.length / 3)),
): string | undefined {
  let best: { name: string; distance: number } | undefined;
  for (const candidate of known) {
    // Lengths alone are that far apart: among thousands of classes hardly any is left to compare.
    if (Math.abs(candidate.length - name.length) > limit) continue;
    const edits = distance(name.toLowerCase(), candidate.toLowerCase());
    if (edits <= limit && (best === undefined || edits < best.distance)) best = { name: candidate, distance: edits };
  }
  return best?.name;
}

export type Nearest = typeof nearest;

/** @returns `nearest` for so many names; whoever made more mistakes than that is helped by the first ones. */
export function nearestOf(names: number): Nearest {
  let left = names;
  return (name, known) => (left-- > 0 ? nearest(name, known) : undefined);
}
