/** How an event fails, and what its client is told. */
import type { IsolateExit } from "../engine/engine.ts";
import type { GuestError } from "../engine/errors.ts";
import { type ErrorCode, UserError } from "../errors.ts";
import type { Limits } from "./limits.ts";

/** The failure of one event. `status` is the HTTP status that a client of `fetch` gets. */
export class EventError extends UserError {
  readonly status: 500 | 503;

  constructor(code: ErrorCode, message: string, hint: string, status: 500 | 503 = 500, cause?: unknown) {
    super(code, message, hint, { cause });
    this.status = status;
  }
}

const seconds = (milliseconds: number) =>
  milliseconds < 1000 ? `${milliseconds} ms` : `${Math.round(milliseconds / 100) / 10} s`;

export function timeLimitExceeded(milliseconds: number): EventError {
  return new EventError(
    "TIME_LIMIT",
    `The worker did not answer within ${seconds(milliseconds)}.`,
    "Answer sooner, do slow work in ctx.waitUntil(), or raise the limit with --timeout MS.",
    503,
  );
}

export function loadTimeExceeded(limits: Limits): EventError {
  return new EventError(
    "TIME_LIMIT",
    `The worker's modules were not evaluated within ${seconds(limits.wallMilliseconds)}.`,
    "Do less at the top level of the modules, or raise the limit with --timeout MS.",
    503,
  );
}

export function neverLoads(): EventError {
  return new EventError(
    "WORKER_LOAD_FAILED",
    "The worker's modules await a promise at their top level that nothing is left to settle.",
    "Await such a promise in a handler: at the top level there are no timers and no requests.",
  );
}

export function cpuLimitExceeded(limits: Limits): EventError {
  return new EventError(
    "CPU_LIMIT",
    `The worker exceeded its CPU time limit of ${seconds(limits.cpuMilliseconds)}.`,
    "Do less work per event, or raise the limit with --cpu-limit MS (limits.cpu_ms in the configuration).",
    503,
  );
}

export function memoryLimitExceeded(limits: Limits): EventError {
  return new EventError(
    "MEMORY_LIMIT",
    `The worker exceeded its memory limit of ${Math.round(limits.memoryBytes / 1024 / 1024)} MB.`,
    "Hold less in memory at once (stream large bodies), or raise the limit with --memory-limit MB.",
    503,
  );
}

export function subrequestLimitExceeded(limits: Limits): EventError {
  return new EventError(
    "SUBREQUEST_LIMIT",
    `Too many subrequests: one event may make ${limits.subrequests}.`,
    "Make fewer requests and binding calls per event, or raise the limit with --max-subrequests N.",
  );
}

export function neverAnswers(): EventError {
  return new EventError(
    "RESPONSE_NEVER",
    "The worker's code had hung and would never generate a response: it waits for a promise that nothing is left to settle.",
    "Look for a promise whose resolve function is never called, or one that another request should have settled.",
  );
}

/** An isolate ended while it was running this event, though the event itself was not to blame. */
export function isolateLost(why: string): EventError {
  return new EventError(
    "ISOLATE_LOST",
    `The isolate that was running this event was ended: ${why}.`,
    "The request was not at fault by itself; send it again.",
    503,
  );
}

/** The failure of the events that were running in an isolate when it was lost. */
export function failureOfExit(exit: IsolateExit, limits: Limits): EventError {
  if (exit.reason === "memory") return memoryLimitExceeded(limits);
  return isolateLost(
    exit.reason === "crashed" ? `the engine failed (${exit.detail})` : "the worker was stopped",
  );
}

const GUEST_CODES: Readonly<Record<string, [ErrorCode, string]>> = {
  "no-such-handler": ["HANDLER_NOT_FOUND", "Export the handler from the worker's main module."],
  "no-such-entrypoint": ["ENTRYPOINT_NOT_FOUND", ""],
  "no-such-function": ["FUNCTION_NOT_FOUND", ""],
  "no-response": [
    "NO_RESPONSE",
    "Return a Response, or a promise of one, and return each Response only once.",
  ],
  "result-not-json": ["RESULT_NOT_JSON", "Return values that JSON can express."],
};

/** A failure as the worker's own code caused it: either an exception, or something that the guest library found wrong. */
export function failureOfGuest(error: GuestError): Error {
  const known = typeof error.wire.code === "string" ? GUEST_CODES[error.wire.code] : undefined;
  if (known === undefined) return error;
  const choices = error.wire.properties?.["choices"];
  const hint = known[1] || (choices ? `There is: ${choices}.` : "There is none to choose from.");
  return new EventError(known[0], error.message, hint, 500, error);
}

/** The project has static assets and no worker that could take an event. */
export function assetsAlone(type: string): EventError {
  return new EventError(
    "HANDLER_NOT_FOUND",
    `There is no worker for the event "${type}": this project has static assets alone.`,
    'Name the worker with "main" in the configuration, or on the command line.',
  );
}
