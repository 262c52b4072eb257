import type { Results } from "../results.ts";
import { environmentLines, figureRows, type Rows, summaryLine, verdictRows } from "./format.ts";

/** The report as tables for a terminal. */
export function textReport(results: Results): string {
  const sections = results.trials.map(({ name, title, unit, better, figures, verdicts }) =>
    [
      `${name} — ${title} (${better} is better)`,
      ...table(figureRows(figures, unit)),
      ...table(verdictRows(verdicts, unit)),
    ].join("\n"),
  );
  return `${[environmentLines(results).join("\n"), ...sections, summaryLine(results)].join("\n\n")}\n`;
}

/** The first column to the left, numbers to the right. */
function table(rows: Rows): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  return rows.map(row => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    });
    return `  ${cells.join("  ")}`.trimEnd();
  });
}
