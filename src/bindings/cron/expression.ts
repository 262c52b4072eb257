/** Cron expressions in Cloudflare's syntax: https://developers.cloudflare.com/workers/configuration/cron-triggers/ */
import { Cron } from "croner";
import { UserError } from "../../errors.ts";

/** Cloudflare's dialect: five fields in UTC, weekdays from 1 = Sunday, names, `L`, `W` and `#`. */
export const CRON_DIALECT = { mode: "5-part", alternativeWeekdays: true, timezone: "UTC" } as const;

/** What is wrong with a cron expression; undefined where nothing is. */
export function cronProblem(expression: string): string | undefined {
  // Croner also reads dates and nicknames such as @daily, which Cloudflare does not have.
  if (expression.trim().split(/\s+/).length !== 5)
    return 'a cron expression has five fields, such as "0 3 * * 1"';
  try {
    new Cron(expression, { ...CRON_DIALECT, paused: true }).stop();
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^CronPattern: /, "");
  }
}

/** Throws where the expression is not in Cloudflare's syntax. */
export function checkCron(expression: string): void {
  const problem = cronProblem(expression);
  if (problem === undefined) return;
  throw new UserError(
    "CRON_INVALID",
    `the cron expression "${expression}" is not valid: ${problem}`,
    'Five fields: minute, hour, day of month, month, day of week (1 = Sunday). Example: "*/15 * * * *".',
  );
}
