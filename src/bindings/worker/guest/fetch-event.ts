/** Workers in service-worker syntax: `addEventListener("fetch", event => event.respondWith(…))`. */
import { type Execution, waitUntil } from "../../../guest/execution.ts";
import { exposeInterface, illegalConstructor, illegalInvocation } from "../../../guest/webidl.ts";
import { DOMException } from "../../../web/dom-exception/guest.ts";
import { dispatch, Event, type EventTarget, trusted } from "../../../web/events/guest.ts";
import type { Request } from "../../../web/fetch/guest/request.ts";
import { isResponse } from "../../../web/fetch/guest/response.ts";

/** What only the runtime passes to the constructors of these events. */
export const CONSTRUCTION: unique symbol = Symbol("construction");

let bindExecution: (event: ExtendableEvent, execution: Execution) => void;
let closeResponse: (event: FetchEvent) => { value: unknown } | undefined;

/** An event that keeps its execution alive (https://w3c.github.io/ServiceWorker/#extendableevent-interface). */
export class ExtendableEvent extends Event {
  #execution: Execution | undefined;

  constructor(token: typeof CONSTRUCTION, type: string) {
    if (token !== CONSTRUCTION) throw illegalConstructor();
    super(type);
  }

  waitUntil(promise: unknown): void {
    if (!(#execution in this)) throw illegalInvocation();
    if (this.#execution !== undefined) waitUntil(this.#execution, promise);
  }

  static {
    bindExecution = (event, execution) => {
      event.#execution = execution;
    };
  }
}
exposeInterface(ExtendableEvent);

/** https://developers.cloudflare.com/workers/reference/migrate-to-module-workers/ (the older syntax) */
export class FetchEvent extends ExtendableEvent {
  #request: Request;
  #response: { value: unknown } | undefined;
  #closed = false;

  constructor(token: typeof CONSTRUCTION, request: Request) {
    super(token, "fetch");
    this.#request = request;
  }

  get request(): Request {
    if (!(#request in this)) throw illegalInvocation();
    return this.#request;
  }

  /** Answers the request with a Response or a promise of one. Once. */
  respondWith(response: unknown): void {
    if (!(#request in this)) throw illegalInvocation();
    if (this.#response !== undefined) {
      throw new DOMException(
        "FetchEvent.respondWith() has already been called; it can only be called once.",
        "InvalidStateError",
      );
    }
    if (this.#closed) {
      throw new DOMException(
        "FetchEvent.respondWith() must be called before the listeners have returned; give it a promise to answer later.",
        "InvalidStateError",
      );
    }
    if (!isResponse(response) && !(response instanceof Promise)) {
      throw new TypeError(
        "Failed to execute 'respondWith' on 'FetchEvent': parameter 1 is not of type 'Promise'.",
      );
    }
    this.#response = { value: response };
    this.stopImmediatePropagation();
  }

  /** Accepted as on Cloudflare; there is no origin behind a local worker to pass through to. */
  passThroughOnException(): void {
    if (!(#request in this)) throw illegalInvocation();
  }

  static {
    closeResponse = event => {
      event.#closed = true;
      return event.#response;
    };
  }
}
exposeInterface(FetchEvent);

/** Dispatches a request to the worker's listeners, and returns what they responded with. */
export function dispatchFetchEvent(execution: Execution, request: Request): unknown {
  const event = trusted(new FetchEvent(CONSTRUCTION, request));
  try {
    dispatchExtendable(execution, event);
  } catch (error) {
    closeResponse(event);
    throw error;
  }
  const response = closeResponse(event);
  if (response === undefined) {
    throw new TypeError("No listener for the fetch event called event.respondWith().");
  }
  return response.value;
}

/** Dispatches an event whose `waitUntil` belongs to the execution. As on workerd it fails by what a listener throws. */
export function dispatchExtendable(execution: Execution, event: ExtendableEvent): void {
  bindExecution(event, execution);
  let failure: { readonly error: unknown } | undefined;
  dispatch(globalThis as unknown as EventTarget, event, error => {
    failure ??= { error };
  });
  if (failure !== undefined) throw failure.error;
}
