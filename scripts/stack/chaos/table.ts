import { columns } from "../../../src/text/columns.ts";
import type { Measured } from "./measure.ts";

const cells: readonly (readonly [head: string, value: (row: Measured) => string])[] = [
  ["fault", ({ name }) => name],
  ["pings lost", ({ guests_lost_pings: lost }) => String(lost)],
  ["APIs out", ({ api_outage_s: seconds }) => `${seconds} s`],
  ["healed after", ({ healed_after_s: seconds }) => (seconds === undefined ? "never" : `${seconds} s`)],
  ["by hand", ({ remedy }) => remedy ?? "nothing"],
  ["", ({ broken }) => (broken.length === 0 ? "ok" : broken.join("; "))],
];

/** @returns what was measured, a line each below a line of heads. */
export function tableOf(rows: readonly Measured[]): string {
  const lines = [cells.map(([head]) => head), ...rows.map((row) => cells.map(([, value]) => value(row)))];
  return `${columns(lines).join("\n")}\n`;
}
