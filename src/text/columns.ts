/**
 * @param rows of cells, the heads among them. Cells are shown as they are: whoever has them from outside makes them safe first.
 * @param right the first column that is aligned to the right, as figures are.
 * @returns a line for each row, with two blanks between columns and none at its end.
 */
export function columns(rows: readonly (readonly string[])[], right = Number.POSITIVE_INFINITY): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  const pad = (cell: string, column: number): string =>
    column < right ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join("  ").trimEnd());
}
