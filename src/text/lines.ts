/** One line of a comparison: where it stands in the old text, in the new one, or in both (0-based). */
export type Step = { readonly old?: number; readonly new?: number };

/** The longest run of pairs that rise on both sides: patience sorting, pairs given in order of their old line. */
function rising(pairs: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  const piles: { readonly pair: readonly [number, number]; readonly below: number }[][] = [];
  for (const pair of pairs) {
    let low = 0;
    let high = piles.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((piles[middle]?.at(-1)?.pair[1] ?? 0) < pair[1]) low = middle + 1;
      else high = middle;
    }
    piles[low] ??= [];
    piles[low]?.push({ pair, below: (piles[low - 1]?.length ?? 0) - 1 });
  }
  const run: (readonly [number, number])[] = [];
  let at = (piles.at(-1)?.length ?? 0) - 1;
  for (let pile = piles.length - 1; pile >= 0; pile--) {
    const card = piles[pile]?.[at];
    if (!card) break;
    run.unshift(card.pair);
    at = card.below;
  }
  return run;
}

/** Lines that occur once on each side, with their places. */
function anchors(before: readonly string[], after: readonly string[]): readonly (readonly [number, number])[] {
  const once = (lines: readonly string[]): ReadonlyMap<string, number> => {
    const places = new Map<string, number>();
    for (const [index, line] of lines.entries()) places.set(line, places.has(line) ? -1 : index);
    return places;
  };
  const there = once(after);
  return [...once(before)].flatMap(([line, index]) => {
    const other = there.get(line) ?? -1;
    return index >= 0 && other >= 0 ? [[index, other] as const] : [];
  });
}

/**
 * Compares two texts line by line: a patience diff, which anchors at lines that are unique on both sides, as options and
 * sections are. A packaged nova.conf has 10,000 lines; this stays near linear.
 */
export function compareLines(before: readonly string[], after: readonly string[], old = 0, fresh = 0): readonly Step[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  const room = Math.min(before.length, after.length) - start;
  while (end < room && before.at(-1 - end) === after.at(-1 - end)) end++;
  const same = (count: number, from: number, to: number): readonly Step[] =>
    Array.from({ length: count }, (_, index) => ({ old: old + from + index, new: fresh + to + index }));

  const left = before.slice(start, before.length - end);
  const right = after.slice(start, after.length - end);
  const steps: Step[] = [...same(start, 0, 0)];
  const run = rising(anchors(left, right));
  if (run.length === 0) {
    steps.push(...left.map((_, index) => ({ old: old + start + index })));
    steps.push(...right.map((_, index) => ({ new: fresh + start + index })));
  } else {
    let [a, b] = [0, 0];
    for (const [x, y] of run) {
      steps.push(...compareLines(left.slice(a, x), right.slice(b, y), old + start + a, fresh + start + b));
      steps.push({ old: old + start + x, new: fresh + start + y });
      [a, b] = [x + 1, y + 1];
    }
    steps.push(...compareLines(left.slice(a), right.slice(b), old + start + a, fresh + start + b));
  }
  return [...steps, ...same(end, before.length - end, after.length - end)];
}

const around = 3;

/** Groups of steps that belong to one hunk: changes, with a few lines around them. */
export function hunks(steps: readonly Step[]): readonly (readonly Step[])[] {
  const changed = steps.flatMap((step, index) => (step.old === undefined || step.new === undefined ? [index] : []));
  const groups: (readonly [number, number])[] = [];
  for (const index of changed) {
    const last = groups.at(-1);
    const end = Math.min(steps.length, index + around + 1);
    if (last && index - around <= last[1]) groups[groups.length - 1] = [last[0], end];
    else groups.push([Math.max(0, index - around), end]);
  }
  return groups.map(([from, to]) => steps.slice(from, to));
}

/** @returns the lines of a text; a last one without a line end counts. */
export const split = (text: string): readonly string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));
