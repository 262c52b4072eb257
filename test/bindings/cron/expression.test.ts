import { describe, expect, test } from "vitest";
import { checkCron, cronProblem } from "../../../src/bindings/cron/expression.ts";
import { nextTimes } from "../../../src/bindings/cron/schedule.ts";
import { UserError } from "../../../src/errors.ts";

// A Thursday.
const FROM = Date.parse("2026-01-01T00:00:00Z");

const next = (expression: string, count = 3) =>
  nextTimes(expression, FROM, count).map(time => new Date(time).toISOString().slice(0, 16).replace("T", " "));

describe("Cloudflare's documented examples", () => {
  test.each([
    ["* * * * *", ["2026-01-01 00:01", "2026-01-01 00:02", "2026-01-01 00:03"]],
    ["*/30 * * * *", ["2026-01-01 00:30", "2026-01-01 01:00", "2026-01-01 01:30"]],
    ["*/3 * * * *", ["2026-01-01 00:03", "2026-01-01 00:06", "2026-01-01 00:09"]],
    ["45 * * * *", ["2026-01-01 00:45", "2026-01-01 01:45", "2026-01-01 02:45"]],
    ["0 17 * * sun", ["2026-01-04 17:00", "2026-01-11 17:00", "2026-01-18 17:00"]],
    ["0 17 * * 1", ["2026-01-04 17:00", "2026-01-11 17:00", "2026-01-18 17:00"]],
    ["10 7 * * mon-fri", ["2026-01-01 07:10", "2026-01-02 07:10", "2026-01-05 07:10"]],
    ["10 7 * * 2-6", ["2026-01-01 07:10", "2026-01-02 07:10", "2026-01-05 07:10"]],
    ["0 15 1 * *", ["2026-01-01 15:00", "2026-02-01 15:00", "2026-03-01 15:00"]],
    ["0 18 * * 6L", ["2026-01-30 18:00", "2026-02-27 18:00", "2026-03-27 18:00"]],
    ["0 18 * * friL", ["2026-01-30 18:00", "2026-02-27 18:00", "2026-03-27 18:00"]],
    ["59 23 LW * *", ["2026-01-30 23:59", "2026-02-27 23:59", "2026-03-31 23:59"]],
  ])("%s", (expression, times) => {
    expect(next(expression)).toEqual(times);
  });
});

describe("the rest of the syntax", () => {
  test.each([
    ["the last day of the month", "0 0 L * *", ["2026-01-31 00:00", "2026-02-28 00:00", "2026-03-31 00:00"]],
    ["days before the last", "0 0 L-3 * *", ["2026-01-28 00:00", "2026-02-25 00:00", "2026-03-28 00:00"]],
    [
      "the weekday nearest to those",
      "0 0 L-3W * *",
      ["2026-01-28 00:00", "2026-02-25 00:00", "2026-03-27 00:00"],
    ],
    ["those or a weekday", "0 0 L-1 * 1", ["2026-01-04 00:00", "2026-01-11 00:00", "2026-01-18 00:00"]],
    [
      "a leap year's first of February",
      "0 0 L-28 2 *",
      ["2028-02-01 00:00", "2032-02-01 00:00", "2036-02-01 00:00"],
    ],
    [
      "minutes of one such day",
      "58/1 23 L-30 1 *",
      ["2026-01-01 23:58", "2026-01-01 23:59", "2027-01-01 23:58"],
    ],
    [
      "a first that is a Saturday",
      "0 0 L-30W 8 *",
      ["2026-08-03 00:00", "2027-08-02 00:00", "2028-08-01 00:00"],
    ],
    [
      "the weekday nearest to a day",
      "0 0 15W * *",
      ["2026-01-15 00:00", "2026-02-16 00:00", "2026-03-16 00:00"],
    ],
    ["the nth weekday", "0 0 * * 2#1", ["2026-01-05 00:00", "2026-02-02 00:00", "2026-03-02 00:00"]],
    [
      "the nth weekday by name",
      "0 0 * * FRI#2",
      ["2026-01-09 00:00", "2026-02-13 00:00", "2026-03-13 00:00"],
    ],
    ["the last day of the week", "0 0 * * L", ["2026-01-03 00:00", "2026-01-10 00:00", "2026-01-17 00:00"]],
    ["a step from a value", "5/20 * * * *", ["2026-01-01 00:05", "2026-01-01 00:25", "2026-01-01 00:45"]],
    ["a step in a range", "10-30/10 12 * * *", ["2026-01-01 12:10", "2026-01-01 12:20", "2026-01-01 12:30"]],
    [
      "a range past the week's end",
      "0 0 * * fri-sun",
      ["2026-01-02 00:00", "2026-01-03 00:00", "2026-01-04 00:00"],
    ],
    ["a range past midnight", "0 23-1 * * *", ["2026-01-01 01:00", "2026-01-01 23:00", "2026-01-02 00:00"]],
    ["months by name", "0 0 1 jul-Sep *", ["2026-07-01 00:00", "2026-08-01 00:00", "2026-09-01 00:00"]],
    ["lists", "0 0 1,15 FEB,4 *", ["2026-02-01 00:00", "2026-02-15 00:00", "2026-04-01 00:00"]],
    ["days of month or of week", "0 0 13 * 6", ["2026-01-02 00:00", "2026-01-09 00:00", "2026-01-13 00:00"]],
    ["a leap day", "0 0 29 2 *", ["2028-02-29 00:00", "2032-02-29 00:00", "2036-02-29 00:00"]],
    ["any spacing", " 0  0\t1 1 * ", ["2027-01-01 00:00", "2028-01-01 00:00", "2029-01-01 00:00"]],
    ["Saturday", "0 0 * * 7", ["2026-01-03 00:00", "2026-01-10 00:00", "2026-01-17 00:00"]],
  ])("%s: %s", (_, expression, times) => {
    expect(next(expression)).toEqual(times);
  });
});

test("times are after the moment asked for, to the millisecond", () => {
  expect(nextTimes("* * * * *", FROM - 1, 1)).toEqual([FROM]);
  expect(nextTimes("* * * * *", FROM, 1)).toEqual([FROM + 60_000]);
  expect(nextTimes("* * * * *", FROM + 59_999, 1)).toEqual([FROM + 60_000]);
});

describe("what is no expression", () => {
  test.each([
    ["", "it has 0 fields and not five"],
    ["* * * *", "it has 4 fields and not five"],
    ["0 0 0 * * *", "it has 6 fields and not five"],
    ["@daily", "it has 1 field and not five"],
    ["2026-01-01T00:00:00Z", "it has 1 field and not five"],
    ["? * * * *", 'in the minute "?", "?" is not understood'],
    ["* * ? * *", 'in the day of month "?", "?" is not understood'],
    ["60 * * * *", 'in the minute "60", 60 is not between 0 and 59'],
    ["* 24 * * *", 'in the hour "24", 24 is not between 0 and 23'],
    ["* * 0 * *", 'in the day of month "0", 0 is not between 1 and 31'],
    ["* * 32W * *", 'in the day of month "32W", 32 is not between 1 and 31'],
    ["* * * 13 *", 'in the month "13", 13 is not between 1 and 12'],
    ["* * * * 0", 'in the day of week "0", 0 is not between 1 and 7'],
    ["* * * * 8", 'in the day of week "8", 8 is not between 1 and 7'],
    ["* * * * sunday", 'in the day of week "sunday", "sunday" is not understood'],
    ["* * * * 2#6", 'in the day of week "2#6", a month has no weekday number 6'],
    ["* * * * +1", 'in the day of week "+1", "+1" is not understood'],
    ["*/0 * * * *", 'in the minute "*/0", a step must be between 1 and 60'],
    ["*/61 * * * *", 'in the minute "*/61", a step must be between 1 and 60'],
    ["*-5 * * * *", 'in the minute "*-5", "*-5" is not understood'],
    ["1,,2 * * * *", 'in the minute "1,,2", "" is not understood'],
    ["1-2-3 * * * *", 'in the minute "1-2-3", "1-2-3" is not understood'],
    ["* * L-0 * *", 'in the day of month "L-0", an offset must be between 1 and 30'],
    ["* * L-31 * *", 'in the day of month "L-31", an offset must be between 1 and 30'],
    ["0 0 L-30 2 *", "there is no such date"],
    ["* * 1,L * *", 'in the day of month "1,L", "L" is not understood'],
    ["* L * * *", 'in the hour "L", "L" is not understood'],
    ["0 0 30 2 *", "there is no such date"],
    ["🧨 * * * *", 'in the minute "🧨", "🧨" is not understood'],
  ])("%j", (expression, problem) => {
    expect(cronProblem(expression)).toBe(problem);
  });

  test("is an error that tells what to write", () => {
    expect(() => checkCron("@daily")).toThrow(UserError);
    try {
      checkCron("@daily");
    } catch (error) {
      expect(error).toMatchObject({
        code: "CRON_INVALID",
        message: 'The cron expression "@daily" is not valid: it has 1 field and not five.',
      });
      expect((error as UserError).hint).toContain("five fields");
    }
  });
});
