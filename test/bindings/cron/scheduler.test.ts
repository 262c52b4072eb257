import { beforeEach, expect, test } from "vitest";
import { CronScheduler } from "../../../src/bindings/cron/schedule.ts";
import { UserError } from "../../../src/errors.ts";
import { ManualClock } from "../../storage/manual-clock.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let clock: ManualClock;
let fired: string[];
let scheduler: CronScheduler;

const shown = (time: number) => new Date(time).toISOString().slice(11, 19);

beforeEach(() => {
  clock = new ManualClock("2026-01-01T12:00:30Z");
  fired = [];
  scheduler = new CronScheduler((cron, time) => fired.push(`${cron} at ${shown(time)}`), clock);
});

test("fires each trigger on its minutes", () => {
  scheduler.set(["* * * * *", "*/2 * * * *"]);
  expect(fired).toEqual([]);
  clock.advance(29 * SECOND);
  expect(fired).toEqual([]);
  clock.advance(SECOND);
  expect(fired).toEqual(["* * * * * at 12:01:00"]);
  clock.advance(MINUTE);
  expect(fired.slice(1)).toEqual(["* * * * * at 12:02:00", "*/2 * * * * at 12:02:00"]);
});

test("does not drift in a day of minutes", () => {
  scheduler.set(["* * * * *"]);
  clock.advance(24 * HOUR);
  expect(fired).toHaveLength(24 * 60);
  expect(fired.at(-1)).toBe("* * * * * at 12:00:00");
});

test("rests without triggers, and sets one alarm however many there are", () => {
  scheduler.set(["* * * * *", "*/5 * * * *", "0 0 1 1 *"]);
  expect(clock.alarms).toBe(1);
  scheduler.set([]);
  expect(clock.alarms).toBe(0);
  clock.advance(HOUR);
  expect(fired).toEqual([]);
});

test("an alarm that rings too early does not fire too early, nor twice", () => {
  let early: () => void = () => {};
  const jittery = {
    now: () => clock.now(),
    after: (milliseconds: number, callback: () => void) => {
      early = callback;
      return clock.after(Math.max(milliseconds - 1, 1), callback);
    },
  };
  scheduler = new CronScheduler((cron, time) => fired.push(`${cron} at ${shown(time)}`), jittery);
  scheduler.set(["* * * * *"]);
  early();
  clock.advance(3 * MINUTE);
  early();
  expect(fired).toEqual(["* * * * * at 12:01:00", "* * * * * at 12:02:00", "* * * * * at 12:03:00"]);
});

test("a late alarm fires with the time that it was meant for", () => {
  scheduler.set(["* * * * *"]);
  clock.advance(20 * SECOND);
  clock.set("2026-01-01T12:01:07Z");
  clock.advance(30 * SECOND);
  expect(fired).toEqual(["* * * * * at 12:01:00"]);
});

test("what fell into the machine's sleep is not made up for", () => {
  scheduler.set(["* * * * *", "0 * * * *", "0 13 * * *"]);
  clock.set("2026-01-01T15:20:10Z");
  clock.advance(30 * SECOND);
  expect(fired).toEqual(["* * * * * at 15:20:00"]);
  clock.advance(40 * MINUTE);
  expect(fired.filter(line => line.startsWith("0"))).toEqual(["0 * * * * at 16:00:00"]);
});

test("a clock that is set back fires the minutes to come, and none twice", () => {
  scheduler.set(["* * * * *", "0 13 * * *"]);
  clock.advance(30 * SECOND);
  clock.set("2026-01-01T12:00:59Z");
  clock.advance(2 * SECOND);
  expect(fired).toEqual(["* * * * * at 12:01:00"]);
  clock.advance(MINUTE);
  clock.set("2026-01-01T09:30:00Z");
  clock.advance(3 * MINUTE);
  expect(fired.slice(2)).toEqual(["* * * * * at 09:31:00", "* * * * * at 09:32:00", "* * * * * at 09:33:00"]);
});

test("replacing the triggers keeps what stays, at any moment", () => {
  scheduler.set(["* * * * *", "*/2 * * * *"]);
  for (let step = 0; step < 200; step++) {
    clock.advance(1.7 * SECOND);
    scheduler.set(step % 2 === 0 ? ["* * * * *"] : ["* * * * *", "1 0 1 1 *"]);
  }
  expect(fired).toEqual(Array.from({ length: 6 }, (_, index) => `* * * * * at 12:0${index + 1}:00`));
});

test("a replacement between a due time and its alarm loses nothing", () => {
  scheduler.set(["* * * * *"]);
  clock.set("2026-01-01T12:01:00.005Z");
  scheduler.set(["* * * * *"]);
  clock.advance(0);
  expect(fired).toEqual(["* * * * * at 12:01:00"]);
});

test("a new trigger does not fire for the time before it", () => {
  scheduler.set(["0 0 1 1 *"]);
  clock.advance(10 * MINUTE);
  scheduler.set(["0 0 1 1 *", "* * * * *"]);
  clock.advance(29 * SECOND);
  expect(fired).toEqual([]);
  clock.advance(SECOND);
  expect(fired).toEqual(["* * * * * at 12:11:00"]);
});

test("the same expression twice fires once", () => {
  scheduler.set(["* * * * *", "* * * * *"]);
  clock.advance(MINUTE);
  expect(fired).toHaveLength(1);
});

test("goes on when what it runs throws", () => {
  let count = 0;
  scheduler = new CronScheduler(() => {
    count++;
    throw new Error("the handler's owner failed");
  }, clock);
  scheduler.set(["* * * * *"]);
  for (let minute = 0; minute < 3; minute++) {
    try {
      clock.advance(MINUTE);
    } catch {}
  }
  expect(count).toBe(3);
});

test("refuses an invalid expression, and keeps the triggers it has", () => {
  scheduler.set(["* * * * *"]);
  expect(() => scheduler.set(["@daily"])).toThrow(UserError);
  clock.advance(MINUTE);
  expect(fired).toEqual(["* * * * * at 12:01:00"]);
});
