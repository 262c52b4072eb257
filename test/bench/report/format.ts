/** Numbers and bars as text, the same in every report. */
import type { Environment } from "../environment.ts";
import type { Figure, Results, Verdict } from "../results.ts";
import type { Bound, Unit } from "../trial.ts";

const UNMEASURED = "—";

/** A table's cells, the first row being its head. */
export type Rows = readonly (readonly string[])[];

export function figureRows(figures: readonly Figure[], unit: Unit): Rows {
  const rows = figures.map(figure =>
    "median" in figure
      ? [figure.name, formatted(figure.median, unit), rangeOf(figure.samples, unit)]
      : [figure.name, UNMEASURED, "not measured"],
  );
  return [["", `median, ${unit}`, "lowest–highest"], ...rows];
}

export function verdictRows(verdicts: readonly Verdict[], unit: Unit): Rows {
  const rows = verdicts.map(({ figure, of, bound, value, reached }) => [
    of === undefined ? figure : `${figure} / ${of}`,
    value === undefined ? UNMEASURED : of === undefined ? `${formatted(value, unit)} ${unit}` : ratio(value),
    bound === undefined ? "" : boundText(bound, of === undefined ? ` ${unit}` : " ×"),
    bound === undefined ? "" : reached === undefined ? "not measured" : reached ? "reached" : "MISSED",
  ]);
  return [["", "measured", "bar", ""], ...rows];
}

export function environmentLines({ environment }: Results): string[] {
  const { processor, cores, memoryBytes, system, loadBefore, loadGenerator, versions, date } = environment;
  return [
    `${processor}, ${cores} cores, ${Math.round(memoryBytes / 2 ** 30)} GB, ${system}, ${date}`,
    `load average before: ${loadBefore.toFixed(2)}${warning(environment)}; load generator: ${loadGenerator}`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
  ];
}

/** How many bars were reached. */
export function summaryLine({ trials }: Results): string {
  const bars = trials.flatMap(trial => trial.verdicts).filter(verdict => verdict.bound !== undefined);
  const reached = bars.filter(verdict => verdict.reached === true).length;
  return `${reached} of ${bars.length} bars reached`;
}

function warning({ loadBefore, cores }: Environment): string {
  return loadBefore > cores / 4 ? " (busy: these figures are not to be relied on)" : "";
}

function rangeOf(samples: readonly number[], unit: Unit): string {
  return `${formatted(Math.min(...samples), unit)}–${formatted(Math.max(...samples), unit)}`;
}

function formatted(value: number, unit: Unit): string {
  if (unit === "requests/s" || unit === "operations/s") return Math.round(value).toLocaleString("en-US");
  return value.toFixed(value < 100 ? 1 : 0);
}

function ratio(value: number): string {
  return `${value.toFixed(2)} ×`;
}

function boundText(bound: Bound, suffix: string): string {
  return "atLeast" in bound ? `≥ ${bound.atLeast}${suffix}` : `≤ ${bound.atMost}${suffix}`;
}
