import { visibleLine } from "../../diagnostics/visible.ts";
import { columns } from "../../text/columns.ts";

/** @returns rows as lines with aligned columns; no cell can end its line, or move the cursor. */
export const table = (rows: readonly (readonly string[])[]): string =>
  columns(rows.map((row) => row.map(visibleLine))).join("\n");
