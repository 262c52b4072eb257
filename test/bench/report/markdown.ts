import type { Results } from "../results.ts";
import { environmentLines, figureRows, type Rows, summaryLine, verdictRows } from "./format.ts";

/** The report for a document. */
export function markdownReport(results: Results): string {
  const sections = results.trials.map(({ name, title, unit, better, figures, verdicts }) =>
    [
      `### ${name}`,
      `${title} (${better} is better).`,
      table(figureRows(figures, unit)),
      table(verdictRows(verdicts, unit)),
    ].join("\n\n"),
  );
  const environment = environmentLines(results).map(line => `- ${line}`);
  return `${[environment.join("\n"), ...sections, `${summaryLine(results)}.`].join("\n\n")}\n`;
}

function table([head = [], ...rows]: Rows): string {
  const rule = head.map((_, column) => (column === 0 ? "---" : "---:"));
  return [head, rule, ...rows].map(row => `| ${row.map(escaped).join(" | ")} |`).join("\n");
}

function escaped(cell: string): string {
  return cell.replaceAll("|", "\\|");
}
