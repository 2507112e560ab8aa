import { offsets, type Start, totalOf } from "./starts.ts";

const heads = ["image", "service", "begins", "boot", "resolve", "render", "wait", "hands over"] as const;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const millis = (ms: number): string => `${ms} ms`;

/** @returns the starts for programs, in the words of the log that they are from. */
export const timelineJson = (starts: readonly Start[]): string =>
  JSON.stringify(
    starts.map(({ image, service, kind, began, bootMs, resolveMs, renderMs, waitMs }) => ({
      ...{ image, service, kind, began: new Date(began).toISOString() },
      ...{ boot_ms: bootMs, resolve_ms: resolveMs, render_ms: renderMs, wait_ms: waitMs },
    })),
  );

/** @returns the starts as a table for people: when each began and what plinth's time went into. */
export function timelineTable(starts: readonly Start[]): string {
  const since = offsets(starts);
  const rows = starts.map((start, index) => [
    start.image,
    `${start.service}${start.kind === "job" ? " (job)" : ""}`,
    seconds(since[index] ?? 0),
    millis(start.bootMs),
    millis(start.resolveMs),
    millis(start.renderMs),
    seconds(start.waitMs),
    seconds((since[index] ?? 0) + totalOf(start)),
  ]);
  const all = [heads as readonly string[], ...rows];
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  "),
    )
    .join("\n");
}
