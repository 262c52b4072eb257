/** The body of an incoming request, as a stream that the connection outlives. */
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

/**
 * Destroying node:http's own request stream would destroy the connection, and with it the response.
 * This one ends quietly when the worker wants no more, and fails when the client breaks off.
 */
export class RequestBody extends Readable {
  readonly #request: IncomingMessage;

  constructor(request: IncomingMessage) {
    super({ highWaterMark: 256 * 1024 });
    this.#request = request;
    request.on("data", this.#onData);
    request.pause();
    request.once("end", () => this.push(null));
    request.once("aborted", () =>
      this.destroy(new Error("The client disconnected before it had sent the whole body.")),
    );
    request.once("error", error => this.destroy(error));
  }

  readonly #onData = (chunk: Buffer) => {
    if (!this.push(chunk)) this.#request.pause();
  };

  override _read(): void {
    this.#request.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const request = this.#request;
    request.off("data", this.#onData);
    request.on("error", () => {});
    // What the worker leaves unread is read and dropped, as Node does itself: left in the socket it would block the
    // client, and to close a socket with bytes in it can take the response with them.
    if (!request.complete && !request.destroyed) request.on("data", () => {}).resume();
    callback(error);
  }
}
