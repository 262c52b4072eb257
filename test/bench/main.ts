/** The benchmarks: measures, prints, and says whether each bar was reached. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { describeEnvironment } from "./environment.ts";
import { helpText, type Options, readOptions } from "./options.ts";
import { markdownReport } from "./report/markdown.ts";
import { textReport } from "./report/text.ts";
import { isComplete, type Results, reachesAllBars, type TrialResult } from "./results.ts";
import { checkTrials, runTrial } from "./runner.ts";
import { trials } from "./trials.ts";

// `npm --prefix` runs this in the package's folder: paths are meant from where the user was.
const startFolder = process.env["INIT_CWD"] ?? process.cwd();

// What has been started ends in "exit" handlers, which a signal alone does not call.
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));
process.once("SIGHUP", () => process.exit(129));

async function measure({ trials, runs }: Options): Promise<Results> {
  const environment = describeEnvironment();
  const results: TrialResult[] = [];
  for (const trial of trials) {
    results.push(await runTrial(trial, runs ?? trial.runs, text => console.error(text)));
  }
  return { environment, trials: results };
}

function readOptionsOrExit(): Options {
  try {
    const options = readOptions(process.argv.slice(2), trials);
    if (options !== undefined) return options;
  } catch (error) {
    console.error(`error: ${(error as Error).message}`);
    process.exit(2);
  }
  process.stdout.write(helpText(trials));
  process.exit(0);
}

function reportFailures(results: Results): void {
  for (const { name, figures } of results.trials) {
    for (const figure of figures) {
      if ("error" in figure)
        console.error(`\n${name}: ${figure.name} could not be measured: ${figure.error}`);
    }
  }
}

checkTrials(trials);
const options = readOptionsOrExit();
const results = await measure(options);
process.stdout.write(options.markdown ? markdownReport(results) : textReport(results));
reportFailures(results);
if (options.json !== undefined) {
  writeFileSync(resolve(startFolder, options.json), `${JSON.stringify(results, null, 2)}\n`);
}
process.exitCode = isComplete(results) && (!options.strict || reachesAllBars(results)) ? 0 : 1;
