/** What becomes of exceptions and rejections that nobody catches: the global `error` and `unhandledrejection` events. */
import { describeError } from "../../../guest/errors.ts";
import { notify } from "../../../guest/host.ts";
import { requireArguments } from "../../../guest/webidl.ts";
import { trusted } from "./event.ts";
import { createRejectionEvent, ErrorEvent } from "./kinds.ts";
import { dispatch, type EventTarget, reportListenerErrorsTo } from "./target.ts";

const globalTarget = globalThis as unknown as EventTarget;

/** True while an `error` event is on its way: an exception of its own listeners is logged, not reported again. */
let reporting = false;

/**
 * Fires the global `error` event for an exception; true when a listener called `preventDefault()`
 * (https://html.spec.whatwg.org/#report-an-exception).
 */
export function dispatchGlobalError(error: unknown): boolean {
  if (reporting) return false;
  reporting = true;
  try {
    const [filename, lineno, colno] = placeOf(error);
    const init = { message: `Uncaught ${render(error)}`, filename, lineno, colno, error, cancelable: true };
    return !dispatch(globalTarget, trusted(new ErrorEvent("error", init)));
  } finally {
    reporting = false;
  }
}

/** Reports an exception: the global `error` event, and the log unless a listener prevented it. */
export function reportException(error: unknown, source = "exception"): void {
  if (!dispatchGlobalError(error)) notify("event.uncaught", describeError(error), source);
}

/** Fires `unhandledrejection`; true when a listener called `preventDefault()`. */
export function dispatchUnhandledRejection(promise: Promise<unknown>, reason: unknown): boolean {
  return !dispatch(globalTarget, createRejectionEvent("unhandledrejection", promise, reason));
}

/** Fires `rejectionhandled` for a rejection that was reported and has found a handler since. */
export function dispatchRejectionHandled(promise: Promise<unknown>, reason: unknown): void {
  dispatch(globalTarget, createRejectionEvent("rejectionhandled", promise, reason));
}

/** https://html.spec.whatwg.org/#dom-reporterror */
export function reportError(error: unknown): void {
  requireArguments(arguments.length, 1, "Failed to execute 'reportError' on 'ServiceWorkerGlobalScope'");
  reportException(error, "reportError");
}

function render(error: unknown): string {
  try {
    return String(error);
  } catch {
    return "exception";
  }
}

/** File, line and column of the topmost frame of an error's stack. */
function placeOf(error: unknown): [filename: string, lineno: number, colno: number] {
  try {
    const stack: unknown = error instanceof Error ? error.stack : undefined;
    const match = typeof stack === "string" ? /^\s+at .*?\(?([^\s()]+?):(\d+):(\d+)\)?$/m.exec(stack) : null;
    if (match !== null) return [match[1] ?? "", Number(match[2]), Number(match[3])];
  } catch {
    // A hostile `stack` getter: the event does without a place.
  }
  return ["", 0, 0];
}

reportListenerErrorsTo(error => reportException(error, "listener"));
