/** What a client met: one request. Times are milliseconds of one clock. */
export type Sample = { readonly began: number; readonly ended: number; readonly wrong?: string };

type Span = { readonly from: number; readonly to: number };

/**
 * When an API was out, as a client sees it that asks twice a second: from the begin of the first request that fails to the begin of
 * the next that succeeds.
 *
 * @param samples in any order; @param end of the observation, for an outage that lasts until then.
 */
export function outages(samples: readonly Sample[], end: number): readonly Span[] {
  const found: Span[] = [];
  let from: number | undefined;
  for (const { began, wrong } of samples.toSorted((a, b) => a.began - b.began)) {
    if (wrong !== undefined) from ??= began;
    else if (from !== undefined) {
      found.push({ from, to: began });
      from = undefined;
    }
  }
  return from === undefined ? found : [...found, { from, to: end }];
}

/** @returns the seconds in which at least one of several was out, to a tenth. */
export function totalSeconds(spans: readonly Span[]): number {
  let sum = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    sum += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return Math.round(sum / 100) / 10;
}

/** @returns the number of a reply in a line of ping(8), iputils' or busybox's. */
export function replyNumber(line: string): number | undefined {
  const [, number] = /^\d+ bytes from .*\bseq=(\d+)\b/.exec(line.replace("icmp_seq", "seq")) ?? [];
  return number === undefined ? undefined : Number(number);
}
