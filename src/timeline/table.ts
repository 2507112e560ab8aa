import { columns } from "../text/columns.ts";
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
  return columns([heads, ...rows], 2).join("\n");
}
