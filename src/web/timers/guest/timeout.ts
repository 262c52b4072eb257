/** Timers as Node.js has them (https://nodejs.org/api/timers.html#class-timeout): objects, which workers with Node.js compatibility get. */
import { illegalInvocation } from "../../../guest/webidl.ts";
import { startTimer, stopTimer } from "./timer.ts";

let idOf: (timeout: Timeout) => number;
let isTimeout: (value: object) => value is Timeout;

export class Timeout {
  readonly #run: () => void;
  readonly #milliseconds: number;
  readonly #repeats: boolean;
  #id: number;
  #referenced = true;

  static {
    idOf = timeout => timeout.#id;
    isTimeout = (value): value is Timeout => #id in value;
  }

  constructor(run: () => void, milliseconds: number, repeats: boolean) {
    this.#run = run;
    this.#milliseconds = milliseconds;
    this.#repeats = repeats;
    this.#id = this.#start();
  }

  #start(): number {
    return startTimer(this.#milliseconds, this.#run, this.#repeats ? this.#milliseconds : undefined);
  }

  /** Begins the wait anew, whether it is over or not. */
  refresh(): this {
    if (!(#id in this)) throw illegalInvocation();
    stopTimer(this.#id);
    this.#id = this.#start();
    return this;
  }

  /** A reference keeps nothing alive here: an event ends when its handler is done. */
  unref(): this {
    if (!(#id in this)) throw illegalInvocation();
    this.#referenced = false;
    return this;
  }

  ref(): this {
    if (!(#id in this)) throw illegalInvocation();
    this.#referenced = true;
    return this;
  }

  hasRef(): boolean {
    if (!(#id in this)) throw illegalInvocation();
    return this.#referenced;
  }

  close(): this {
    if (!(#id in this)) throw illegalInvocation();
    stopTimer(this.#id);
    return this;
  }

  [Symbol.toPrimitive](): number {
    if (!(#id in this)) throw illegalInvocation();
    return this.#id;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The timer's id, of whatever `clearTimeout` is given; undefined for what names none. */
export function timerIdOf(value: unknown): number | undefined {
  if (typeof value === "number" || typeof value === "string") return Number(value);
  return typeof value === "object" && value !== null && isTimeout(value) ? idOf(value) : undefined;
}
