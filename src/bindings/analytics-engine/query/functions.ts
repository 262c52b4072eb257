/** Cloudflare's functions (https://developers.cloudflare.com/analytics/analytics-engine/sql-reference/) that SQLite has not. */
import type BetterSqlite3 from "better-sqlite3";
import { timestampOf } from "../columns.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LENGTHS: Readonly<Record<string, number>> = { second: SECOND, minute: MINUTE, hour: HOUR, day: DAY };

type Scalar = (...args: never[]) => unknown;

/** A time of SQL, or seconds since the epoch, in milliseconds. */
function timeOf(value: unknown): number {
  if (typeof value === "number") return value * SECOND;
  const time = Date.parse(`${String(value).replace(" ", "T")}${String(value).includes(":") ? "Z" : ""}`);
  if (Number.isNaN(time)) throw new TypeError(`${JSON.stringify(value)} is not a time: YYYY-MM-DD hh:mm:ss`);
  return time;
}

const startOf = (length: number) => (value: unknown) =>
  timestampOf(Math.floor(timeOf(value) / length) * length);

/** The beginning of a day's week (Monday), month or year. */
function startOfDate(value: unknown, unit: "week" | "month" | "year"): string {
  const date = new Date(timeOf(value));
  if (unit === "week") date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  else date.setUTCMonth(unit === "year" ? 0 : date.getUTCMonth(), 1);
  return date.toISOString().slice(0, 10);
}

/** `interval` is "5 minutes". All are counted from the epoch. */
function startOfInterval(value: unknown, interval: string): string {
  const [, count = "1", unit = ""] = /^([\d.]+) (\w+?)s?$/.exec(interval) ?? [];
  const length = LENGTHS[unit];
  if (length !== undefined) return startOf(Number(count) * length)(value);
  const date = new Date(timeOf(value));
  const months = unit === "year" ? 12 * Number(count) : Number(count);
  if (unit !== "year" && unit !== "month")
    throw new TypeError(`${JSON.stringify(interval)} is not an interval`);
  const month = 12 * (date.getUTCFullYear() - 1970) + date.getUTCMonth();
  return timestampOf(Date.UTC(1970, Math.floor(month / months) * months, 1));
}

const part = (read: (date: Date) => number) => (value: unknown) => read(new Date(timeOf(value)));
/** A number without its fraction; a time is its seconds since the epoch. */
const whole = (value: unknown) =>
  /^\d{4}-\d\d-\d\d/.test(String(value)) ? Math.floor(timeOf(value) / SECOND) : Math.trunc(Number(value));

function scalars(now: () => number): Readonly<Record<string, Scalar>> {
  return {
    now: () => timestampOf(now()),
    today: () => timestampOf(now()).slice(0, 10),
    toDateTime: (value: unknown) => timestampOf(timeOf(value)),
    toDate: (value: unknown) => timestampOf(timeOf(value)).slice(0, 10),
    toUnixTimestamp: (value: unknown) => Math.floor(timeOf(value) / SECOND),
    toStartOfInterval: startOfInterval,
    toStartOfMinute: startOf(MINUTE),
    toStartOfFiveMinutes: startOf(5 * MINUTE),
    toStartOfTenMinutes: startOf(10 * MINUTE),
    toStartOfFifteenMinutes: startOf(15 * MINUTE),
    toStartOfHour: startOf(HOUR),
    toStartOfDay: startOf(DAY),
    toStartOfWeek: (value: unknown) => startOfDate(value, "week"),
    toStartOfMonth: (value: unknown) => startOfDate(value, "month"),
    toStartOfYear: (value: unknown) => startOfDate(value, "year"),
    toYear: part(date => date.getUTCFullYear()),
    toMonth: part(date => date.getUTCMonth() + 1),
    toDayOfMonth: part(date => date.getUTCDate()),
    toDayOfWeek: part(date => date.getUTCDay() || 7),
    toHour: part(date => date.getUTCHours()),
    toMinute: part(date => date.getUTCMinutes()),
    toSecond: part(date => date.getUTCSeconds()),
    toYYYYMM: part(date => 100 * date.getUTCFullYear() + date.getUTCMonth() + 1),
    toUInt8: whole,
    toUInt32: whole,
    toUInt64: whole,
    toInt32: whole,
    toInt64: whole,
    toFloat64: Number,
    toString: (value: unknown) => String(value),
    intDiv: (a: number, b: number) => Math.trunc(a / b),
    empty: (value: unknown) => Number(value === ""),
    notEmpty: (value: unknown) => Number(value !== ""),
    startsWith: (value: unknown, start: unknown) => Number(String(value).startsWith(String(start))),
    endsWith: (value: unknown, end: unknown) => Number(String(value).endsWith(String(end))),
  };
}

type Weighted = (readonly [value: number, weight: number])[];

function quantile(level: number, values: Weighted): number | null {
  const sorted = values.sort(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, weight]) => sum + weight, 0);
  let reached = 0;
  for (const [value, weight] of sorted) {
    reached += weight;
    if (reached >= level * total) return value;
  }
  return sorted.at(-1)?.[0] ?? null;
}

interface Aggregate<State> {
  start(): State;
  step(state: State, ...args: (number | string)[]): State;
  result(state: State): unknown;
}

function aggregate<State>(connection: BetterSqlite3.Database, name: string, steps: Aggregate<State>): void {
  connection.aggregate(name, { ...steps, varargs: true } as never);
}

/** Makes the functions known to a connection. */
export function defineFunctions(connection: BetterSqlite3.Database, now: () => number): void {
  for (const [name, implementation] of Object.entries(scalars(now))) {
    connection.function(name, { varargs: true, deterministic: name !== "now" }, implementation as never);
  }
  for (const name of ["quantileWeighted", "quantileExactWeighted"]) {
    aggregate<{ level: number; values: Weighted }>(connection, name, {
      start: () => ({ level: 0, values: [] }),
      step: (state, level, value, weight) => {
        state.values.push([Number(value), Number(weight)]);
        return { ...state, level: Number(level) };
      },
      result: ({ level, values }) => quantile(level, values),
    });
  }
  defineConditional(connection);
  defineChoices(connection);
}

/** `countIf(condition)`, `sumIf(value, condition)`, `avgIf(value, condition)`. */
function defineConditional(connection: BetterSqlite3.Database): void {
  aggregate<number>(connection, "countIf", {
    start: () => 0,
    step: (count, condition) => count + (condition ? 1 : 0),
    result: count => count,
  });
  aggregate<number>(connection, "sumIf", {
    start: () => 0,
    step: (sum, value, condition) => sum + (condition ? Number(value) : 0),
    result: sum => sum,
  });
  aggregate<{ sum: number; count: number }>(connection, "avgIf", {
    start: () => ({ sum: 0, count: 0 }),
    step: ({ sum, count }, value, condition) =>
      condition ? { sum: sum + Number(value), count: count + 1 } : { sum, count },
    result: ({ sum, count }) => (count === 0 ? null : sum / count),
  });
}

/** `argMax(value, by)`, `argMin(value, by)`, `topK(count, value)`. */
function defineChoices(connection: BetterSqlite3.Database): void {
  const argument = (name: string, better: (a: number | string, b: number | string) => boolean) =>
    aggregate<{ value: unknown; by: number | string } | null>(connection, name, {
      start: () => null,
      step: (best, value = "", by = "") => (best === null || better(by, best.by) ? { value, by } : best),
      result: best => best?.value ?? null,
    });
  argument("argMax", (a, b) => a > b);
  argument("argMin", (a, b) => a < b);
  aggregate<{ most: number; counts: Map<unknown, number> }>(connection, "topK", {
    start: () => ({ most: 0, counts: new Map() }),
    step: ({ counts }, most, value) => {
      counts.set(value, (counts.get(value) ?? 0) + 1);
      return { most: Number(most), counts };
    },
    result: ({ most, counts }) =>
      JSON.stringify(
        [...counts]
          .sort(([, a], [, b]) => b - a)
          .slice(0, most)
          .map(([value]) => value),
      ),
  });
}
