/** The times of a cron pattern. Croner computes them, but for days counted from a month's end (`L-3`, `L-3W`). */
import { Cron } from "croner";

/** Five fields in UTC, weekdays from 1 = Sunday. A pattern never starts by itself. */
const DIALECT = { mode: "5-part", alternativeWeekdays: true, timezone: "UTC", paused: true } as const;

const DAY_MS = 24 * 60 * 60 * 1000;
/** Between two leap days there are at most eight years. */
const LONGEST_SEARCH_MS = 10 * 366 * DAY_MS;

/** The fields of a pattern: minute, hour, day of month, month, day of week. */
export type CronFields = readonly [string, string, string, string, string];

/** Times at which a pattern comes true: those of croner's, on the days that `on` accepts. */
interface Times {
  readonly cron: Cron;
  readonly on?: (date: Date) => boolean;
}

export class CronPattern {
  /** A pattern with both a day of the month and a day of the week comes true on either. */
  readonly #either: readonly Times[];

  constructor([minute, hour, day, month, weekday]: CronFields) {
    const times = (day: string, weekday: string) =>
      new Cron([minute, hour, day, month, weekday].join(" "), DIALECT);
    const on = daysBeforeLast(day);
    if (on === undefined) this.#either = [{ cron: times(day, weekday) }];
    else if (weekday === "*") this.#either = [{ cron: times("*", "*"), on }];
    else this.#either = [{ cron: times("*", "*"), on }, { cron: times("*", weekday) }];
  }

  /** The first time after `time`, both in milliseconds since the epoch; undefined when there is none. */
  next(time: number): number | undefined {
    const candidates = this.#either.map(times => nextOf(times, time)).filter(found => found !== undefined);
    return candidates.length === 0 ? undefined : Math.min(...candidates);
  }
}

function nextOf({ cron, on }: Times, time: number): number | undefined {
  const end = time + LONGEST_SEARCH_MS;
  for (let from = time; from < end; ) {
    const date = cron.nextRun(new Date(from));
    if (date === null) return undefined;
    if (on === undefined || on(date)) return date.getTime();
    // On to the last moment of that day.
    from = (Math.floor(date.getTime() / DAY_MS) + 1) * DAY_MS - 1;
  }
  return undefined;
}

/** For `L-3` (three days before the month's last) and `L-3W` (the weekday of that month nearest to it): the test. */
function daysBeforeLast(field: string): ((date: Date) => boolean) | undefined {
  const [, offset, weekday] = /^L-(\d+)(W?)$/.exec(field) ?? [];
  if (offset === undefined) return undefined;
  return date => {
    const year = date.getUTCFullYear();
    const month = date.getUTCMonth();
    const day = new Date(Date.UTC(year, month + 1, 0)).getUTCDate() - Number(offset);
    return day >= 1 && date.getUTCDate() === (weekday ? nearestWeekday(year, month, day) : day);
  };
}

/** Not past the month's first day; its last is never asked for. */
function nearestWeekday(year: number, month: number, day: number): number {
  const weekday = new Date(Date.UTC(year, month, day)).getUTCDay();
  if (weekday === 0) return day + 1;
  if (weekday === 6) return day === 1 ? 3 : day - 1;
  return day;
}
