/** One-shot and repeating timers of the guest, each backed by an op that answers when it is due. */

import { SafeMap } from "../../../guest/collections.ts";
import { currentEvent } from "../../../guest/event-context.ts";
import { call, notify } from "../../../guest/host.ts";
import { PromiseThen } from "../../../guest/primordials.ts";
import { reportException } from "../../events/guest.ts";

interface Timer {
  readonly run: () => void;
  /** The interval in milliseconds, or undefined for a timer that fires once. */
  readonly every: number | undefined;
}

const timers = new SafeMap<number, Timer>();
let lastId = 0;

/** Runs `run` once after some milliseconds, unless `stopTimer` is called or the event ends before. */
export function startTimer(milliseconds: number, run: () => void, every?: number): number {
  if (currentEvent() === 0) throw outsideHandler();
  const id = ++lastId;
  timers.set(id, { run, every });
  arm(id, milliseconds);
  return id;
}

/** Forgets a timer. An id that names none is ignored. */
export function stopTimer(id: number): void {
  if (timers.delete(id)) notify("timer.clear", id);
}

function outsideHandler(): Error {
  return new Error(
    "Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a " +
      "timeout, and generating random values are not allowed within global scope. To fix this error, perform this " +
      "operation within a handler. https://developers.cloudflare.com/workers/runtime-apis/handlers/",
  );
}

function arm(id: number, milliseconds: number): void {
  PromiseThen(
    call("timer.start", id, milliseconds),
    () => fire(id),
    // The event has ended, and its timers with it.
    () => {
      timers.delete(id);
    },
  );
}

function fire(id: number): void {
  const timer = timers.get(id);
  if (timer === undefined) return;
  if (timer.every === undefined) timers.delete(id);
  try {
    timer.run();
  } catch (error) {
    reportException(error, "timer");
  }
  if (timer.every !== undefined && timers.has(id)) arm(id, timer.every);
}
