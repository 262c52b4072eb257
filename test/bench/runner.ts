/** Runs a trial: starts its sides, warms them up, and takes samples of each in turn (A B A B …). */
import { Workspace } from "./processes/workspace.ts";
import type { Figure, TrialResult, Verdict } from "./results.ts";
import { median } from "./statistics.ts";
import type { Bound, Comparison, Sample, Side, Trial } from "./trial.ts";

/** Told of each step, for a person who waits. */
export type Progress = (text: string) => void;

/** One side while the trial runs. After its first error it takes no more samples. */
class Lane {
  readonly #side: Side;
  readonly #timeoutSeconds: number;
  readonly #samples: number[][];
  readonly #workspace = new Workspace();
  #sample: Sample | undefined;
  #error: string | undefined;

  constructor(side: Side, timeoutSeconds: number) {
    this.#side = side;
    this.#timeoutSeconds = timeoutSeconds;
    this.#samples = side.figures.map(() => []);
  }

  async open(): Promise<void> {
    await this.#attempt(async () => {
      this.#sample = await this.#side.open(this.#workspace);
    });
  }

  /** Takes one sample; `keep` is false for those that only warm up. */
  async sample(keep: boolean): Promise<void> {
    const sample = this.#sample;
    if (sample === undefined) return;
    await this.#attempt(async () => {
      const values = await sample();
      if (keep) for (const [index, list] of this.#samples.entries()) list.push(values[index] ?? Number.NaN);
    });
  }

  figures(): Figure[] {
    return this.#side.figures.map((name, index) => {
      const samples = this.#samples[index] ?? [];
      if (this.#error !== undefined) return { name, error: this.#error };
      return { name, samples, median: median(samples) };
    });
  }

  close(): Promise<void> {
    return this.#workspace[Symbol.asyncDispose]();
  }

  async #attempt(step: () => Promise<void>): Promise<void> {
    try {
      await inTime(step(), this.#timeoutSeconds);
    } catch (error) {
      this.#error = error instanceof Error ? error.message : String(error);
      this.#sample = undefined;
      await this.close();
    }
  }
}

/** Measures all sides of a trial. A side that fails is reported so, and the others go on. */
export async function runTrial(trial: Trial, runs: number, progress: Progress): Promise<TrialResult> {
  const lanes = trial.sides.map(side => new Lane(side, trial.timeoutSeconds));
  try {
    progress(`${trial.name}: starting`);
    for (const lane of lanes) await lane.open();
    for (let round = -trial.warmUps; round < runs; round++) {
      progress(`${trial.name}: ${round < 0 ? "warming up" : `run ${round + 1} of ${runs}`}`);
      for (const lane of lanes) await lane.sample(round >= 0);
    }
  } finally {
    await Promise.all(lanes.map(lane => lane.close()));
  }
  const figures = lanes.flatMap(lane => lane.figures());
  const { name, title, unit, better } = trial;
  return { name, title, unit, better, figures, verdicts: trial.comparisons.map(judge(figures)) };
}

/** Throws when a comparison names a figure that its trial does not have. */
export function checkTrials(trials: readonly Trial[]): void {
  for (const { name, sides, comparisons } of trials) {
    const figures = new Set(sides.flatMap(side => side.figures));
    const named = comparisons.flatMap(({ figure, of }) => (of === undefined ? [figure] : [figure, of]));
    const unknown = named.find(figure => !figures.has(figure));
    if (unknown !== undefined) throw new Error(`The trial "${name}" has no figure "${unknown}".`);
  }
}

function judge(figures: readonly Figure[]): (comparison: Comparison) => Verdict {
  const medianOf = (name: string) => {
    const figure = figures.find(candidate => candidate.name === name);
    return figure !== undefined && "median" in figure ? figure.median : undefined;
  };
  return comparison => {
    const { figure, of, bound } = comparison;
    const numerator = medianOf(figure);
    const denominator = of === undefined ? 1 : medianOf(of);
    if (numerator === undefined || denominator === undefined) return comparison;
    const value = numerator / denominator;
    return bound === undefined
      ? { ...comparison, value }
      : { ...comparison, value, reached: isReached(value, bound) };
  };
}

function isReached(value: number, bound: Bound): boolean {
  return "atLeast" in bound ? value >= bound.atLeast : value <= bound.atMost;
}

async function inTime(step: Promise<void>, seconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${seconds} s`)), seconds * 1000);
  });
  try {
    await Promise.race([step, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
