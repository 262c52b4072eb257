/** What a benchmark is: data that the runner reads. */
import type { Workspace } from "./processes/workspace.ts";

export type Unit = "requests/s" | "operations/s" | "ms" | "MB";

/** Takes one sample: a value for each of the side's figures, in their order. */
export type Sample = () => Promise<readonly number[]>;

/** One of the programs that a trial compares. */
export interface Side {
  /** Names of what one sample yields. */
  readonly figures: readonly string[];
  /** Starts what the samples need. All that it takes from the workspace is gone when the trial is over. */
  open(workspace: Workspace): Promise<Sample>;
}

export type Bound = { readonly atLeast: number } | { readonly atMost: number };

/** A median, or its ratio to the median of another figure. With a bound it is a bar to reach; without one it is only shown. */
export interface Comparison {
  readonly figure: string;
  readonly of?: string;
  readonly bound?: Bound;
}

export interface Trial {
  readonly name: string;
  /** What is measured, from where to where. */
  readonly title: string;
  readonly unit: Unit;
  readonly better: "higher" | "lower";
  readonly sides: readonly Side[];
  readonly comparisons: readonly Comparison[];
  /** Samples of each side when the command line does not say. */
  readonly runs: number;
  /** Samples of each side before those that count. */
  readonly warmUps: number;
  /** A sample, or the start of a side, that takes longer has failed. */
  readonly timeoutSeconds: number;
}
