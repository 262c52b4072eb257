/** Rejections that nobody handled, as the engine tells of them: the global events, and the log unless a listener prevents it. */
import type { WireError } from "../engine/wire.ts";
import { dispatchRejectionHandled, dispatchUnhandledRejection } from "../web/events/guest.ts";
import { describeError, reviveError } from "./errors.ts";
import { notify } from "./host.ts";
import { PromiseReject, PromiseThen } from "./primordials.ts";

const WHERE = "a promise that nobody handled";

/** At the end of a turn, for each promise that was rejected in it, or that found a handler after it was reported. */
export function settleRejection(
  kind: "unhandled" | "handled",
  promise: Promise<unknown>,
  reason: unknown,
): void {
  if (kind === "handled") dispatchRejectionHandled(promise, reason);
  else if (!dispatchUnhandledRejection(promise, reason))
    notify("event.uncaught", describeError(reason), WHERE);
}

/** The same on an engine that tells what the reason looked like, and has kept neither it nor the promise. */
export function settleForeignRejection(error: WireError): void {
  const reason = error.thrown ? error.message : reviveError(error);
  const promise = PromiseReject(reason);
  PromiseThen(promise, undefined as never, () => {});
  if (!dispatchUnhandledRejection(promise, reason)) notify("event.uncaught", error, WHERE);
}
