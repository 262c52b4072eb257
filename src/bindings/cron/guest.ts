/** The `scheduled` handler (https://developers.cloudflare.com/workers/runtime-apis/handlers/scheduled/). */
import type { Execution } from "../../guest/execution.ts";
import { exposeInterface, illegalConstructor, illegalInvocation } from "../../guest/webidl.ts";
import { findHandler, listensFor } from "../../guest/worker.ts";
import { trusted } from "../../web/events/guest.ts";
import { CONSTRUCTION, dispatchExtendable, ExtendableEvent } from "../worker/guest/fetch-event.ts";

/** One firing of a trigger. */
interface Firing {
  readonly cron: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  noRetry: boolean;
}

/** What a `scheduled` handler is given. */
export class ScheduledController {
  readonly #firing: Firing;
  declare readonly scheduledTime: number;
  declare readonly cron: string;

  constructor(token: symbol, firing: Firing) {
    if (token !== CONSTRUCTION) throw illegalConstructor();
    this.#firing = firing;
    showFiring(this, firing);
  }

  /** Asks that the handler is not run again should it fail. */
  noRetry(): void {
    if (!(#firing in this)) throw illegalInvocation();
    this.#firing.noRetry = true;
  }
}
exposeInterface(ScheduledController);

/** What a listener for "scheduled" is given, in service-worker syntax. */
export class ScheduledEvent extends ExtendableEvent {
  readonly #firing: Firing;
  declare readonly scheduledTime: number;
  declare readonly cron: string;

  constructor(token: typeof CONSTRUCTION, firing: Firing) {
    super(token, "scheduled");
    this.#firing = firing;
    showFiring(this, firing);
  }

  /** Asks that the listener is not run again should it fail. */
  noRetry(): void {
    if (!(#firing in this)) throw illegalInvocation();
    this.#firing.noRetry = true;
  }
}
exposeInterface(ScheduledEvent);

/** As on workerd: properties of the object itself, which scripts cannot change. */
function showFiring(target: object, { cron, time }: Firing): void {
  Object.defineProperty(target, "scheduledTime", { value: time, enumerable: true });
  Object.defineProperty(target, "cron", { value: cron, enumerable: true });
}

/**
 * Runs the worker's `scheduled` handler, and all that it waits for: on workerd the outcome of a scheduled event
 * includes its `waitUntil` promises, and `noRetry` may be called until they have settled.
 */
export async function serveScheduled(
  execution: Execution,
  [cron, time]: [cron: string, time: number],
): Promise<[noRetry: boolean]> {
  const firing: Firing = { cron, time, noRetry: false };
  let rejection: { readonly reason: unknown } | undefined;
  let wake = () => {};
  execution.onSettled = settled => {
    rejection ??= settled;
    wake();
  };
  try {
    await callHandler(execution, firing);
    while (execution.waiting > 0) {
      await new Promise<void>(resolve => {
        wake = resolve;
      });
    }
  } finally {
    // From here on only the log hears of rejections.
    execution.onSettled = undefined;
  }
  if (rejection !== undefined) throw rejection.reason;
  return [firing.noRetry];
}

async function callHandler(execution: Execution, firing: Firing): Promise<void> {
  if (listensFor("scheduled")) {
    dispatchExtendable(execution, trusted(new ScheduledEvent(CONSTRUCTION, firing)));
  } else {
    await findHandler(execution, "scheduled", null)(new ScheduledController(CONSTRUCTION, firing));
  }
}
