import type { Measured } from "./measure.ts";

const columns: readonly (readonly [head: string, value: (row: Measured) => string])[] = [
  ["fault", ({ name }) => name],
  ["pings lost", ({ guests_lost_pings: lost }) => String(lost)],
  ["APIs out", ({ api_outage_s: seconds }) => `${seconds} s`],
  ["healed after", ({ healed_after_s: seconds }) => (seconds === undefined ? "never" : `${seconds} s`)],
  ["by hand", ({ remedy }) => remedy ?? "nothing"],
  ["", ({ broken }) => (broken.length === 0 ? "ok" : broken.join("; "))],
];

/** @returns what was measured, a line each below a line of heads. */
export function tableOf(rows: readonly Measured[]): string {
  const lines = [columns.map(([head]) => head), ...rows.map((row) => columns.map(([, value]) => value(row)))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => (line[at] ?? "").length)));
  const text = (line: readonly string[]) => line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ");
  return lines.map((line) => `${text(line).trimEnd()}\n`).join("");
}
