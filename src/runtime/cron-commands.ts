/** `worker cron`: list triggers, run scheduled() once, or keep running it on time. */

import { checkCron } from "../bindings/cron/expression.ts";
import { CronScheduler, nextTimes } from "../bindings/cron/schedule.ts";
import { loadConfig } from "../config/load.ts";
import { EXIT, UserError } from "../errors.ts";
import { type OneShot, withWorker } from "./one-shot.ts";
import type { ProjectInput } from "./project.ts";
import { interruption, type Surroundings } from "./surroundings.ts";

const TIMES_SHOWN = 3;

/** Writes each trigger with its next times to stdout. */
export async function listTriggers(surroundings: Surroundings, input: ProjectInput): Promise<number> {
  const { config, warnings } = await loadConfig(input.load);
  for (const warning of warnings) surroundings.log.warn(warning);
  const { crons } = config.triggers;
  if (crons.length === 0) throw noTriggers();
  const width = Math.max(...crons.map(cron => cron.length));
  for (const cron of crons) {
    const times = nextTimes(cron, Date.now(), TIMES_SHOWN).map(
      time => `${new Date(time).toISOString().slice(0, 16)}Z`,
    );
    surroundings.stdout.write(`${cron.padEnd(width)}  ${times.join("  ")}\n`);
  }
  return EXIT.success;
}

/** Runs the scheduled handler once for each trigger, or for the one given. Fails when one of them fails. */
export async function triggerCron(
  surroundings: Surroundings,
  input: ProjectInput,
  expression: string | undefined,
  time: number | undefined,
): Promise<number> {
  if (expression !== undefined) checkCron(expression);
  return withWorker(surroundings, input, async worker => {
    const crons = expression === undefined ? worker.project.config.triggers.crons : [expression];
    if (crons.length === 0) throw noTriggers();
    requireHandler(worker);
    let code: number = EXIT.success;
    for (const cron of crons) {
      if ((await runOnce(worker, cron, time ?? Date.now(), surroundings)) !== EXIT.success)
        code = EXIT.failed;
    }
    return code;
  });
}

async function runOnce(
  worker: OneShot,
  cron: string,
  time: number,
  { stdout }: Surroundings,
): Promise<number> {
  try {
    const answer = await worker.dispatch("scheduled", () => [cron, time]);
    answer.release();
    stdout.write(`${cron}  ok\n`);
    return EXIT.success;
  } catch (error) {
    const code = worker.fail(error);
    stdout.write(`${cron}  exception\n`);
    return code;
  }
}

/** Runs the scheduled handler on time, until interrupted. */
export async function startCron(surroundings: Surroundings, input: ProjectInput): Promise<number> {
  return withWorker(
    surroundings,
    input,
    async worker => {
      const { crons } = worker.project.config.triggers;
      if (crons.length === 0) throw noTriggers();
      requireHandler(worker);
      const scheduler = new CronScheduler((cron, time) => {
        void runOnce(worker, cron, time, surroundings);
      });
      scheduler.set(crons);
      surroundings.log.log(
        `Running ${crons.length === 1 ? "1 trigger" : `${crons.length} triggers`} on time; Ctrl-C ends it.`,
      );
      await interruption(surroundings);
      scheduler.set([]);
      return EXIT.interrupted;
    },
    true,
  );
}

function requireHandler({ description }: OneShot): void {
  if (description.handlers.includes("scheduled")) return;
  throw new UserError(
    "HANDLER_NOT_FOUND",
    "The worker has no scheduled() handler.",
    "Export one from its main module: export default { async scheduled(controller, env, ctx) { … } }",
  );
}

function noTriggers(): UserError {
  return new UserError(
    "CRON_INVALID",
    "The worker has no cron triggers.",
    'Name them in the configuration: "triggers": { "crons": ["*/5 * * * *"] }',
  );
}
