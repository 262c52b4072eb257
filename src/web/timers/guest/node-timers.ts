/** `node:timers` and `node:timers/promises` (https://nodejs.org/api/timers.html#timers-promises-api). */
import { type AbortSignal, isSignal, onAbort } from "../../abort/guest.ts";
import {
  clearImmediate,
  clearInterval,
  clearTimeout,
  scheduler,
  setImmediate,
  setInterval,
  setTimeout,
} from "../guest.ts";
import { abortError, invalidArgument } from "./node-errors.ts";
import { startTimer, stopTimer } from "./timer.ts";

function toDelay(value: unknown): number {
  if (value === undefined) return 1;
  if (typeof value !== "number") throw invalidArgument('The "delay" argument', "of type number", value);
  return Math.max(Math.trunc(value) || 1, 1);
}

/** The signal of some options, all of which are checked. */
function signalOf(options: unknown): AbortSignal | undefined {
  if (options === undefined) return undefined;
  if (typeof options !== "object" || options === null) {
    throw invalidArgument('The "options" argument', "of type object", options);
  }
  const { signal, ref } = options as { signal?: unknown; ref?: unknown };
  if (signal !== undefined && !isSignal(signal)) {
    throw invalidArgument('The "options.signal" property', "an instance of AbortSignal", signal);
  }
  if (ref !== undefined && typeof ref !== "boolean") {
    throw invalidArgument('The "options.ref" property', "of type boolean", ref);
  }
  return signal as AbortSignal | undefined;
}

function waitFor<T>(milliseconds: number, value: T, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortError(signal.reason));
    const id = startTimer(milliseconds, () => {
      forget?.();
      resolve(value);
    });
    const forget =
      signal &&
      onAbort(signal, reason => {
        stopTimer(id);
        reject(abortError(reason));
      });
  });
}

const promises = {
  async setTimeout(delay?: unknown, value?: unknown, options?: unknown): Promise<unknown> {
    return waitFor(toDelay(delay), value, signalOf(options));
  },

  async setImmediate(value?: unknown, options?: unknown): Promise<unknown> {
    return waitFor(0, value, signalOf(options));
  },

  async *setInterval(delay?: unknown, value?: unknown, options?: unknown): AsyncGenerator<unknown> {
    const milliseconds = toDelay(delay);
    const signal = signalOf(options);
    for (;;) yield await waitFor(milliseconds, value, signal);
  },

  scheduler: {
    wait: (delay: number, options?: { signal?: AbortSignal }) => scheduler.wait(delay, options),
    yield: () => waitFor(0, undefined, undefined),
  },
};

const timers = {
  active: (timer?: { refresh?(): void }) => timer?.refresh?.(),
  clearImmediate,
  clearInterval,
  clearTimeout,
  enroll: unsupported("enroll"),
  promises,
  setImmediate,
  setInterval,
  setTimeout,
  unenroll: unsupported("unenroll"),
};

function unsupported(name: string): () => never {
  return () => {
    throw new Error(`node:timers has no ${name}() any more: use setTimeout().`);
  };
}

/** The exports of the modules; engine/program.ts lists their names. */
export const nodeTimers = { ...timers, default: timers };
export const nodeTimersPromises = { ...promises, default: promises };
