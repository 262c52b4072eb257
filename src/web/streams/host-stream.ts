/** One open stream of an isolate, as its handle's entry: reading without a promise when bytes are there. */
import { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { Sink } from "./guest-stream.ts";

/** Node's codes for a connection that ended before its stream did. */
const CONNECTION_CODES = new Set([
  "ECONNABORTED",
  "ECONNRESET",
  "EPIPE",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ETIMEDOUT",
  "UND_ERR_SOCKET",
]);

/** A failure as the guest is to see it: a lost connection has workerd's words. */
function presentable(error: Error): Error {
  const { code } = error as { code?: unknown };
  return CONNECTION_CODES.has(code as string) ? connectionLost() : error;
}

function connectionLost(): Error {
  return new Error("Network connection lost.");
}

const WAKING_EVENTS = ["readable", "end", "error", "close"] as const;

/** A stream that can be had in one piece, as long as nothing has been read of it. */
interface WholeSource {
  readonly wholeLength: number;
  /** The bytes, which are the caller's own. Ends the stream. */
  takeWhole(): Promise<Uint8Array>;
}

const isWhole = (readable: object): readable is WholeSource => "takeWhole" in readable;

export class OpenStream {
  readonly readable: Readable;
  /** For a stream of the guest's: where it writes. */
  readonly sink: Sink | undefined;
  /** The host has taken the readable side. */
  taken = false;
  /** Whether the reader, and the guest as the writer, know that the stream is over for them. */
  readOver = false;
  writeOver: boolean;
  /** Bytes that the guest wrote before the host took it. */
  unclaimed = 0;
  #released = false;
  /** Whether anything has been read: then there is no whole any more. */
  #begun = false;
  #waiting: (() => void)[] = [];
  #listener: (() => void) | undefined;

  constructor(readable: Readable, sink: Sink | undefined) {
    this.readable = readable;
    this.sink = sink;
    this.writeOver = sink === undefined;
    // Whoever reads it learns of its failure; that nobody does must not end the process.
    readable.on("error", () => {});
  }

  /** Bytes that are there, null at the end, undefined when there is nothing yet. */
  readNow(maximum: number): Uint8Array | null | undefined {
    const { readable } = this;
    this.#begun = true;
    if (readable.errored) throw presentable(readable.errored);
    const there = readable.readableLength;
    const read = (there > maximum ? readable.read(maximum) : readable.read()) as Uint8Array | string | null;
    if (read !== null) {
      const chunk = typeof read === "string" ? Buffer.from(read) : read;
      if (chunk.byteLength <= maximum) return chunk;
      // What came while it was being read may be more than was there before.
      readable.unshift(chunk.subarray(maximum));
      return chunk.subarray(0, maximum);
    }
    if (readable.errored) throw presentable(readable.errored);
    if (readable.readableEnded) return null;
    if (readable.destroyed) throw connectionLost();
    return undefined;
  }

  /** All that there is, where it is no more than `maximum` and can be had at once. */
  readWhole(maximum: number): Promise<Uint8Array> | undefined {
    const { readable } = this;
    if (this.#begun || !isWhole(readable) || readable.wholeLength > maximum) return undefined;
    this.#begun = true;
    return readable.takeWhole();
  }

  async readLater(maximum: number): Promise<Uint8Array | null> {
    for (;;) {
      await this.#event();
      if (this.#released) throw new TypeError("The stream was given up while it was being read.");
      const chunk = this.readNow(maximum);
      if (chunk !== undefined) return chunk;
    }
  }

  /** Leaves the stream alone: it has another reader now, or none. */
  release(): void {
    this.#released = true;
    const listener = this.#listener;
    if (listener === undefined) return;
    this.#listener = undefined;
    for (const event of WAKING_EVENTS) this.readable.off(event, listener);
    listener();
  }

  /** Ends a stream that nobody will read. A client's connection must survive that, for its response. */
  letGo(error: Error | undefined): void {
    this.release();
    if (this.readable instanceof IncomingMessage) this.readable.resume();
    else this.readable.destroy(error);
  }

  #event(): Promise<void> {
    if (this.#listener === undefined) {
      this.#listener = () => {
        const waiting = this.#waiting;
        this.#waiting = [];
        for (const wake of waiting) wake();
      };
      for (const event of WAKING_EVENTS) this.readable.on(event, this.#listener);
    }
    return new Promise(resolve => this.#waiting.push(resolve));
  }
}
