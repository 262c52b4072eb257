/** Lists for a reader: columns, each as wide as it must be. */

/** Lines of a table, the heading among them. Every row has a text for each column. */
export function formatTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map(row => row[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd();
  return [columns, ...rows].map(row => `${line(row)}\n`).join("");
}
