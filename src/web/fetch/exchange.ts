/** One HTTP request to the outside and its response, on undici's dispatcher. */
import { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import type { WireHeaders } from "./contract.ts";
import { headerFromLatin1 } from "./header-bytes.ts";

/** What a response begins with. */
export interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  readonly headers: WireHeaders;
}

/** The error of a worker whose peer cannot be reached or breaks off, in workerd's words. */
export function connectionLost(error: Error): Error {
  // Where a name has several addresses, one attempt stands for them all.
  const cause = error instanceof AggregateError && error.message === "" ? error.errors[0] : error;
  return Object.assign(new Error("Network connection lost.", { cause }), { retryable: true });
}

/** A response's body. The network is read as fast as somebody reads here. */
class ResponseBody extends Readable {
  readonly #controller: Dispatcher.DispatchController;
  complete = false;

  constructor(controller: Dispatcher.DispatchController) {
    super({ highWaterMark: 64 * 1024 });
    this.#controller = controller;
  }

  override _read(): void {
    if (this.#controller.paused) this.#controller.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.complete) this.#controller.abort(error ?? new Error("The body is not wanted."));
    callback(error);
  }
}

/** Settles `head` when the response begins; calls `onClose` when nothing is left of the exchange. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly head: Promise<ResponseHead>;
  body: Readable | undefined;
  readonly #onClose: () => void;
  #controller: Dispatcher.DispatchController | undefined;
  #body: ResponseBody | undefined;
  #failure: Error | undefined;
  #resolve!: (head: ResponseHead) => void;
  #reject!: (error: Error) => void;

  constructor(onClose: () => void) {
    this.#onClose = onClose;
    this.head = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Whether the whole response is here. */
  get complete(): boolean {
    return this.#body?.complete === true;
  }

  abort(): void {
    this.#failure = new Error("The request was aborted.");
    if (this.#body !== undefined) this.#body.destroy(this.#failure);
    else this.#controller?.abort(this.#failure);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#failure !== undefined) controller.abort(this.#failure);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: unknown,
    statusText = "",
  ): void {
    if (status < 200) return;
    this.#body = new ResponseBody(controller);
    this.#body.once("close", this.#onClose);
    this.body = this.#body;
    this.#resolve({ status, statusText, headers: decodeHeaders(controller.rawHeaders as Buffer[]) });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#body?.push(chunk) === false) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#body === undefined) return;
    this.#body.complete = true;
    this.#body.push(null);
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.#body !== undefined) {
      this.#body.destroy(connectionLost(error));
      return;
    }
    this.#reject(connectionLost(error));
    this.#onClose();
  }
}

function decodeHeaders(raw: readonly (Buffer | string)[]): WireHeaders {
  return raw.map(item => (typeof item === "string" ? headerFromLatin1(item) : item.toString("utf8")));
}
