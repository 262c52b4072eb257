import { parseArgs } from "node:util";
import type { Trial } from "./trial.ts";

export interface Options {
  readonly trials: readonly Trial[];
  /** Instead of each trial's own number. */
  readonly runs: number | undefined;
  /** A file for the results as data. */
  readonly json: string | undefined;
  readonly markdown: boolean;
  /** Whether a missed bar is a failure. */
  readonly strict: boolean;
}

/** Parses the command line. Throws a plain sentence about what is wrong with it; undefined when help was asked for. */
export function readOptions(args: readonly string[], all: readonly Trial[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", multiple: true },
      runs: { type: "string" },
      json: { type: "string" },
      markdown: { type: "boolean", default: false },
      strict: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const names = values.only ?? all.map(trial => trial.name);
  const unknown = names.find(name => !all.some(trial => trial.name === name));
  if (unknown !== undefined) {
    throw new Error(`There is no trial "${unknown}"; there are ${all.map(trial => trial.name).join(", ")}.`);
  }
  const runs = values.runs === undefined ? undefined : Number(values.runs);
  if (runs !== undefined && !(Number.isInteger(runs) && runs > 0)) {
    throw new Error(`--runs takes a whole number from 1 on, not "${values.runs}".`);
  }
  return {
    trials: all.filter(trial => names.includes(trial.name)),
    runs,
    json: values.json,
    markdown: values.markdown,
    strict: values.strict,
  };
}

export function helpText(all: readonly Trial[]): string {
  const width = Math.max(...all.map(trial => trial.name.length));
  return `Usage: npm run bench -- [options]

  --only NAME   only this trial (repeatable)
  --runs N      samples of each side, instead of the trial's own number
  --json FILE   also write the results as data
  --markdown    print the report as Markdown
  --strict      exit with 1 when a bar is missed

Trials:
${all.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`).join("\n")}

Example: npm run bench -- --only hello --runs 3
`;
}
