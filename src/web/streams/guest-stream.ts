/** The host's end of a guest's stream. */
import { type Duplex, Readable } from "node:stream";
import { streamLimits } from "./limits.ts";

/** Where the guest's chunks go. An answer of null says at once that more is wanted. */
export interface Sink {
  write(chunk: Uint8Array): null | Promise<null>;
  close(): Promise<null>;
  abort(error: Error): void;
}

interface Waiter {
  resolve(value: null): void;
  reject(error: Error): void;
}

function nobodyReads(readable: Readable): Error {
  return readable.errored ?? new Error("The stream was cancelled.");
}

function busy(): TypeError {
  return new TypeError("The chunk before this one has not been taken yet.");
}

/** A Readable that the guest fills: `push` tells when it should wait, `_read` when to go on. */
export class GuestStream extends Readable implements Sink {
  #waiting: Waiter | undefined;
  #closed = false;

  constructor() {
    super({ highWaterMark: streamLimits.waitingBytes });
  }

  write(chunk: Uint8Array): null | Promise<null> {
    if (this.#closed) throw new TypeError("The stream is closed: nothing can be written to it.");
    if (this.destroyed) throw nobodyReads(this);
    if (this.#waiting !== undefined) throw busy();
    if (chunk.byteLength === 0 || this.push(chunk)) return null;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  close(): Promise<null> {
    if (this.#closed) throw new TypeError("The stream is closed already.");
    if (this.destroyed) throw nobodyReads(this);
    this.#closed = true;
    this.push(null);
    return new Promise((resolve, reject) => {
      this.once("end", () => resolve(null));
      this.once("close", () => reject(nobodyReads(this)));
    });
  }

  abort(error: Error): void {
    this.destroy(error);
  }

  override _read(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(null);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    callback(error);
    waiting?.reject(error ?? nobodyReads(this));
  }
}

/** A guest's stream whose bytes the host changes on the way: what is written comes out of the other side. */
export class DuplexSink implements Sink {
  readonly #duplex: Duplex;
  #waiting: Waiter | undefined;

  constructor(duplex: Duplex) {
    this.#duplex = duplex;
    duplex.once("close", () => this.#settle(nobodyReads(duplex)));
  }

  write(chunk: Uint8Array): Promise<null> {
    return this.#perform(done => this.#duplex.write(chunk, done));
  }

  close(): Promise<null> {
    return this.#perform(done => this.#duplex.end(done));
  }

  abort(error: Error): void {
    this.#duplex.destroy(error);
  }

  #perform(action: (done: (error?: Error | null) => void) => void): Promise<null> {
    if (this.#waiting !== undefined) throw busy();
    if (this.#duplex.destroyed) throw nobodyReads(this.#duplex);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      // What made the stream fail says more than what Node says of the call.
      action(error => this.#settle(error ? (this.#duplex.errored ?? error) : undefined));
    });
  }

  #settle(error: Error | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (error === undefined) waiting?.resolve(null);
    else waiting?.reject(error);
  }
}
