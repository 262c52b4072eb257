/** What a run of the benchmarks found: plain data, which the reports print. */
import type { Environment } from "./environment.ts";
import type { Bound, Trial, Unit } from "./trial.ts";

export interface Measured {
  readonly name: string;
  readonly samples: readonly number[];
  readonly median: number;
}

export interface Failed {
  readonly name: string;
  readonly error: string;
}

export type Figure = Measured | Failed;

export interface Verdict {
  readonly figure: string;
  /** The figure that it is divided by. */
  readonly of?: string;
  readonly bound?: Bound;
  /** The median, or the ratio of the two medians; undefined where one of them could not be measured. */
  readonly value?: number;
  /** Whether the bar was reached; undefined without a bar or a value. */
  readonly reached?: boolean;
}

export interface TrialResult extends Pick<Trial, "name" | "title" | "better"> {
  readonly unit: Unit;
  readonly figures: readonly Figure[];
  readonly verdicts: readonly Verdict[];
}

export interface Results {
  readonly environment: Environment;
  readonly trials: readonly TrialResult[];
}

/** Whether every figure was measured. */
export function isComplete(results: Results): boolean {
  return results.trials.every(trial => trial.figures.every(figure => "median" in figure));
}

/** Whether every bar was reached. */
export function reachesAllBars(results: Results): boolean {
  return results.trials.every(trial =>
    trial.verdicts.every(({ bound, reached }) => bound === undefined || reached === true),
  );
}
