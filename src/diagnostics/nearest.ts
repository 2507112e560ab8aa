/**
 * Edit distance with transposition (optimal string alignment): `prot` is one edit from `port`.
 *
 * Only cells of the table that are within `limit` of its diagonal are looked at, and no row after one that is beyond it: a model
 * may have thousands of slips among thousands of names.
 *
 * @returns the distance, or some number above `limit`.
 */
function distance(from: string, to: string, limit: number): number {
  const width = to.length + 1;
  const beyond = limit + 1;
  let older = new Uint16Array(width);
  let last = Uint16Array.from({ length: width }, (_, column) => column);
  let own = new Uint16Array(width);
  for (let row = 1; row <= from.length; row++) {
    const first = Math.max(1, row - limit);
    const end = Math.min(to.length, row + limit);
    own[first - 1] = first === 1 ? row : beyond;
    let least = own[first - 1] as number;
    for (let column = first; column <= end; column++) {
      const same = from.charCodeAt(row - 1) === to.charCodeAt(column - 1);
      let best = (last[column - 1] as number) + (same ? 0 : 1);
      best = Math.min(best, (last[column] as number) + 1, (own[column - 1] as number) + 1);
      if (
        row > 1 &&
        column > 1 &&
        from.charCodeAt(row - 1) === to.charCodeAt(column - 2) &&
        from.charCodeAt(row - 2) === to.charCodeAt(column - 1)
      ) {
        best = Math.min(best, (older[column - 2] as number) + 1);
      }
      own[column] = best;
      least = Math.min(least, best);
    }
    if (least > limit) return beyond;
    if (end < to.length) own[end + 1] = beyond;
    [older, last, own] = [last, own, older];
  }
  return last[to.length] as number;
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
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let reach = limit;
  for (const candidate of known) {
    // Lengths alone are that far apart: among thousands of classes hardly any is left to compare.
    if (Math.abs(candidate.length - name.length) > reach) continue;
    const edits = distance(wanted, candidate.toLowerCase(), reach);
    if (edits > reach) continue;
    best = candidate;
    // From now on only what is nearer counts.
    reach = edits - 1;
    if (reach < 0) break;
  }
  return best;
}

export type Nearest = typeof nearest;

/** @returns `nearest` for so many names; whoever made more mistakes than that is helped by the first ones. */
export function nearestOf(names: number): Nearest {
  let left = names;
  return (name, known) => (left-- > 0 ? nearest(name, known) : undefined);
}
