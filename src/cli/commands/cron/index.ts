import { UserError } from "../../../errors.ts";
import type { Command } from "../../command.ts";
import { projectInput } from "../../inputs.ts";
import { projectOptions, runtimeOptions } from "../../options.ts";

const entryOption = {
  flags: "--entry <path>",
  summary: "the worker's file",
  shownDefault: "main of the configuration",
};
const options = [entryOption, ...projectOptions, ...runtimeOptions];

const entryOf = (given: Readonly<Record<string, unknown>>) => given["entry"] as string | undefined;

/** A moment as `--time` takes it: ISO 8601, or milliseconds since the epoch. */
function parseTime(text: string): number {
  const time = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new UserError(
    "USAGE",
    `--time takes a time in ISO 8601, not "${text}".`,
    "For example: --time 2026-01-31T08:00:00Z",
  );
}

const list: Command = {
  name: "list",
  summary: "list the triggers with their next times",
  options: projectOptions,
  examples: [{ line: "worker cron list", does: "each trigger, and when it fires next" }],
  async run(context, input) {
    const { listTriggers } = await import("../../../runtime/cron-commands.ts");
    return listTriggers(context, projectInput(context, undefined, input.options));
  },
};

const trigger: Command = {
  name: "trigger",
  summary: "run scheduled() once",
  description: "Runs the scheduled handler once for each trigger of the configuration, or for the one given.",
  args: "[expression]",
  options: [
    {
      flags: "--time <ISO>",
      summary: "the time that the handler sees",
      parse: parseTime,
      shownDefault: "now",
    },
    ...options,
  ],
  examples: [
    { line: "worker cron trigger", does: "all triggers" },
    {
      line: 'worker cron trigger "0 8 * * MON" --time 2026-01-05T08:00:00Z',
      does: "one, at a time of your choice",
    },
  ],
  async run(context, input) {
    const { triggerCron } = await import("../../../runtime/cron-commands.ts");
    const project = projectInput(context, entryOf(input.options), input.options);
    return triggerCron(context, project, input.args[0], input.options["time"] as number | undefined);
  },
};

const start: Command = {
  name: "start",
  summary: "keep running scheduled() on time",
  options,
  examples: [{ line: "worker cron start", does: "until interrupted" }],
  async run(context, input) {
    const { startCron } = await import("../../../runtime/cron-commands.ts");
    return startCron(context, projectInput(context, entryOf(input.options), input.options));
  },
};

export const cron: Command = {
  name: "cron",
  summary: "list, run or keep running a worker's cron triggers",
  examples: [
    { line: "worker cron list", does: "triggers and their next times" },
    { line: "worker cron trigger", does: "run scheduled() now" },
    { line: "worker cron start", does: "run it on time" },
  ],
  subcommands: [list, trigger, start],
};
