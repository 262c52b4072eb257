/** A clock that stands still until a test moves it. */
import type { AlarmClock } from "../../src/storage/clock.ts";

interface Alarm {
  readonly at: number;
  readonly callback: () => void;
}

export class ManualClock implements AlarmClock {
  #now: number;
  readonly #alarms = new Set<Alarm>();

  constructor(start: number | string) {
    this.#now = new Date(start).getTime();
  }

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const alarm = { at: this.#now + milliseconds, callback };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** The number of alarms that are set. */
  get alarms(): number {
    return this.#alarms.size;
  }

  /** Lets time pass, with every alarm rung at its moment. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const [next] = [...this.#alarms].sort((a, b) => a.at - b.at);
      if (next === undefined || next.at > end) break;
      this.#now = Math.max(this.#now, next.at);
      this.#alarms.delete(next);
      next.callback();
    }
    this.#now = end;
  }

  /** Sets the time as a person or a network service does: the alarms keep their distance. */
  set(time: number | string): void {
    const shift = new Date(time).getTime() - this.#now;
    this.#now += shift;
    const alarms = [...this.#alarms];
    this.#alarms.clear();
    for (const alarm of alarms) this.#alarms.add({ ...alarm, at: alarm.at + shift });
  }
}
