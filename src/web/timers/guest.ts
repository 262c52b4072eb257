/** Timers (https://html.spec.whatwg.org/#timers), microtasks, and workerd's `scheduler`. */
import { isNodeFlagOn } from "../../guest/compatibility.ts";
import { PromiseResolve, PromiseThen } from "../../guest/primordials.ts";
import {
  exposeInterface,
  illegalConstructor,
  illegalInvocation,
  requireArguments,
  unrestrictedDouble,
} from "../../guest/webidl.ts";
import { type AbortSignal, isSignal, onAbort } from "../abort/guest.ts";
import { reportException } from "../events/guest.ts";
import { createImmediate, type Immediate, immediateIdOf } from "./guest/immediate.ts";
import { invalidArgument } from "./guest/node-errors.ts";
import { Timeout, timerIdOf } from "./guest/timeout.ts";
import { startTimer, stopTimer } from "./guest/timer.ts";

type Task = (...args: unknown[]) => unknown;

const NODE_TIMERS = {
  on: "enable_nodejs_global_timers",
  off: "no_nodejs_global_timers",
  since: "2026-02-10",
};

let nodeTimersOn: boolean | undefined;

/** Whether the global timers are those of Node.js. No timer starts before the worker's flags are known. */
const hasNodeTimers = (): boolean => {
  nodeTimersOn ??= isNodeFlagOn(NODE_TIMERS);
  return nodeTimersOn;
};

const where = (name: string) => `Failed to execute '${name}' on 'ServiceWorkerGlobalScope'`;

/** A delay in whole milliseconds. As on workerd it does not wrap at 2^31, and what is no number is no delay. */
function toDelay(value: unknown, context: string): number {
  const delay = unrestrictedDouble(value, context);
  if (!(delay > 0)) return 0;
  return Math.min(Math.trunc(delay), Number.MAX_SAFE_INTEGER);
}

function toTask(callback: unknown, name: string): Task {
  // Text would have to be evaluated, which workers may not do.
  if (typeof callback !== "function")
    throw new TypeError(`${where(name)}: parameter 1 is not of type 'function'.`);
  return callback as Task;
}

function bound(task: Task, args: unknown[]): () => void {
  return () => {
    Reflect.apply(task, globalThis, args);
  };
}

export function setTimeout(callback: Task, msDelay?: number, ...args: unknown[]): number | Timeout {
  if (hasNodeTimers()) return nodeTimer(callback, msDelay, args, "setTimeout");
  const task = toTask(callback, "setTimeout");
  const delay = msDelay === undefined ? 0 : toDelay(msDelay, `${where("setTimeout")}: parameter 2`);
  return startTimer(delay, bound(task, args));
}

export function setInterval(callback: Task, msDelay?: number, ...args: unknown[]): number | Timeout {
  if (hasNodeTimers()) return nodeTimer(callback, msDelay, args, "setInterval");
  const task = toTask(callback, "setInterval");
  const delay = msDelay === undefined ? 0 : toDelay(msDelay, `${where("setInterval")}: parameter 2`);
  return startTimer(delay, bound(task, args), delay);
}

/** As on workerd no delay given is one of a millisecond, and one of 0 is none. */
function nodeTimer(
  callback: unknown,
  msDelay: unknown,
  args: unknown[],
  name: "setTimeout" | "setInterval",
): Timeout {
  if (typeof callback !== "function")
    throw invalidArgument('The "callback" argument', "of type function", callback);
  const delay = msDelay === undefined ? 1 : toDelay(msDelay, `${where(name)}: parameter 2`);
  return new Timeout(bound(callback as Task, args), delay, name === "setInterval");
}

function clear(timer: unknown): void {
  const id = timerIdOf(timer);
  if (id !== undefined) stopTimer(id);
}

export function clearTimeout(timeoutId?: number | Timeout | null): void {
  clear(timeoutId);
}

export function clearInterval(timeoutId?: number | Timeout | null): void {
  clear(timeoutId);
}

export function setImmediate(callback: Task, ...args: unknown[]): Immediate {
  return createImmediate(startTimer(0, bound(toTask(callback, "setImmediate"), args)));
}

export function clearImmediate(immediate?: Immediate | null): void {
  const id = immediateIdOf(immediate);
  if (id !== undefined) stopTimer(id);
}

const settled = PromiseResolve(undefined);

/** https://html.spec.whatwg.org/#dom-queuemicrotask */
export function queueMicrotask(task: () => unknown): void {
  const run = toTask(task, "queueMicrotask");
  PromiseThen(settled, () => {
    try {
      run();
    } catch (error) {
      reportException(error, "microtask");
    }
  });
}

let constructing = false;

/** The class of `scheduler` (https://developers.cloudflare.com/workers/runtime-apis/scheduler/). */
export class Scheduler {
  #brand = true;

  constructor() {
    if (!constructing) throw illegalConstructor();
  }

  /** Resolves after some milliseconds, or rejects with the signal's reason when that aborts first. */
  async wait(delay: number, options?: { signal?: AbortSignal }): Promise<void> {
    if (!(#brand in this)) throw illegalInvocation();
    const context = "Failed to execute 'wait' on 'Scheduler'";
    requireArguments(arguments.length, 1, context);
    const milliseconds = toDelay(delay, `${context}: parameter 1`);
    const signal: unknown = options?.signal;
    if (signal === undefined || signal === null) {
      await new Promise<void>(resolve => startTimer(milliseconds, resolve));
      return;
    }
    if (!isSignal(signal))
      throw new TypeError(`${context}: the 'signal' option is not of type 'AbortSignal'.`);
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const id = startTimer(milliseconds, () => {
        forget();
        resolve();
      });
      const forget = onAbort(signal, reason => {
        stopTimer(id);
        reject(reason);
      });
    });
  }
}

function createScheduler(): Scheduler {
  constructing = true;
  try {
    return new Scheduler();
  } finally {
    constructing = false;
  }
}

exposeInterface(Scheduler);
for (const [timer, length] of [
  [setTimeout, 1],
  [setInterval, 1],
  [clearTimeout, 0],
  [clearInterval, 0],
] as const) {
  Object.defineProperty(timer, "length", { value: length, configurable: true });
}

export const scheduler = createScheduler();
