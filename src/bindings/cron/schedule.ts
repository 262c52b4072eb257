/** When cron triggers fire: the times to come, and a scheduler that keeps them. */
import { type AlarmClock, systemClock } from "../../storage/clock.ts";
import { parseCron } from "./expression.ts";
import type { CronPattern } from "./pattern.ts";

/** A trigger that is late by this much has missed its minute: the machine was asleep, or its clock was moved. */
const MINUTE_MS = 60_000;
/** The longest wait. A clock that is set is noticed after it, while the minute that it shows is not over. */
const LONGEST_WAIT_MS = 30_000;

/** The next `count` times of an expression after `from`, in milliseconds since the epoch. */
export function nextTimes(expression: string, from: number, count: number): number[] {
  const pattern = parseCron(expression);
  const times: number[] = [];
  for (let time = pattern.next(from); time !== undefined && times.length < count; time = pattern.next(time)) {
    times.push(time);
  }
  return times;
}

interface Trigger {
  readonly expression: string;
  readonly pattern: CronPattern;
  /** The time it fires at next. */
  next: number;
  /** The time it fired at last. */
  fired: number;
}

/**
 * Fires triggers on their minutes. Each wait is computed from the clock, so nothing drifts. What fell into a time
 * when the machine slept is not made up for, as Cloudflare does not; a minute that comes twice, because the clock
 * was set back, fires once.
 */
export class CronScheduler {
  readonly #fire: (expression: string, time: number) => void;
  readonly #clock: AlarmClock;
  #triggers: readonly Trigger[] = [];
  #cancelAlarm: (() => void) | undefined;
  /** What the clock showed when it was last looked at. */
  #seen = 0;

  constructor(fire: (expression: string, time: number) => void, clock: AlarmClock = systemClock) {
    this.#fire = fire;
    this.#clock = clock;
  }

  /** Replaces the triggers. One that stays neither misses nor repeats a time. None: the scheduler rests. */
  set(expressions: readonly string[]): void {
    const now = this.#clock.now();
    const before = new Map(this.#triggers.map(trigger => [trigger.expression, trigger]));
    this.#triggers = [...new Set(expressions)].map(expression => {
      const pattern = parseCron(expression);
      return before.get(expression) ?? { expression, pattern, next: after(pattern, now), fired: Number.NaN };
    });
    this.#seen = now;
    this.#arm(now);
  }

  #arm(now: number): void {
    this.#cancelAlarm?.();
    this.#cancelAlarm = undefined;
    if (this.#triggers.length === 0) return;
    const next = Math.min(...this.#triggers.map(trigger => trigger.next));
    this.#cancelAlarm = this.#clock.after(Math.min(Math.max(next - now, 0), LONGEST_WAIT_MS), () =>
      this.#ring(),
    );
  }

  #ring(): void {
    const now = this.#clock.now();
    if (now < this.#seen) {
      for (const trigger of this.#triggers) trigger.next = after(trigger.pattern, now);
    }
    this.#seen = now;
    const due: { readonly expression: string; readonly time: number }[] = [];
    for (const trigger of this.#triggers) {
      if (trigger.next > now) continue;
      const time = trigger.next > now - MINUTE_MS ? trigger.next : after(trigger.pattern, now - MINUTE_MS);
      if (time <= now && time !== trigger.fired) {
        trigger.fired = time;
        due.push({ expression: trigger.expression, time });
      }
      trigger.next = after(trigger.pattern, now);
    }
    // Armed first: what a trigger runs may throw, or set other triggers.
    this.#arm(now);
    for (const { expression, time } of due) this.#fire(expression, time);
  }
}

function after(pattern: CronPattern, time: number): number {
  return pattern.next(time) ?? Number.POSITIVE_INFINITY;
}
