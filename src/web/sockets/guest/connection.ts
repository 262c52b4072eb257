/** A connection's two streams, over the host's. */
import { call } from "../../../guest/host.ts";
import { ByteController } from "../../streams/guest/byte-controller.ts";
import { bytesOfWritten, sizeOf } from "../../streams/guest/identity.ts";
import { Capability, markHandled, type Outcome, react, rejectedWith } from "../../streams/guest/promises.ts";
import {
  acquireDefaultReader,
  cancelReadable,
  Readable,
  type Source,
} from "../../streams/guest/readable-state.ts";
import { readFromHost } from "../../streams/guest/transfer.ts";
import {
  acquireWriter,
  createWritable,
  type Sink,
  type Writable,
} from "../../streams/guest/writable-state.ts";
import type { SocketOptions } from "./arguments.ts";

/** How much of a large chunk crosses at once. */
const LARGE_CHUNK = 1024 * 1024;

const connectionLost = (): Error => new Error("Network connection lost.");
const socketClosed = (): TypeError => new TypeError("This socket has been closed.");
const readableClosing = (): TypeError =>
  new TypeError("This ReadableStream belongs to an object that is closing.");

export class Connection implements Source, Sink {
  readonly handle: number;
  readonly readable = new Readable();
  readonly writable: Writable;
  /** Settles when the host has connected, or failed to. */
  readonly opened: Promise<unknown>;
  /** Told when the write side has ended because the server's did. */
  onEnded: ((failure: Promise<unknown>) => void) | undefined;
  readonly #controller: ByteController;
  readonly #allowHalfOpen: boolean;
  /** What becomes of the connection at the end of all writes: the server is told, or we go on without the stream. */
  #atEnd: "tell" | "close" | "detach" = "tell";
  /** Resolved when nothing that was written waits any longer. */
  readonly #flushed = new Capability();
  #writing: Capability | undefined;
  #readingOver = false;
  #writingOver = false;
  readonly #onServerEnd = (): void => {
    const { writable } = this;
    if (this.#allowHalfOpen || this.#readingOver) return;
    if (writable.state !== "writable" || writable.closeQueuedOrInFlight) return;
    this.onEnded?.(writable.close());
  };

  /** `upgraded`: it goes on with what was another connection. */
  constructor(handle: number, opened: Promise<unknown>, options: SocketOptions, upgraded: boolean) {
    this.handle = handle;
    this.opened = opened;
    this.#allowHalfOpen = options.allowHalfOpen;
    this.#controller = new ByteController(this.readable, this, 0);
    this.#controller.start(
      react(
        opened,
        () => {
          this.readable.hostHandle = handle;
        },
        reason => this.#neverOpened(reason, upgraded),
      ),
    );
    const { highWaterMark } = options;
    // Without a mark the writer always looks ready, as on workerd; pipes wait for each write instead.
    const size = highWaterMark === undefined ? () => 0 : sizeOf;
    this.writable = createWritable(this, opened, highWaterMark, size);
    this.writable.awaitsWrites = highWaterMark === undefined;
  }

  pull(): Outcome {
    return readFromHost(this.handle, this.#controller, this.#onServerEnd);
  }

  cancel(): Outcome {
    this.#readingOver = true;
    this.#closeIfUnused();
    return undefined;
  }

  write(chunk: unknown): Outcome {
    if (chunk === undefined) return undefined;
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = bytesOfWritten(chunk);
    } catch (error) {
      this.#flushed.resolve();
      return rejectedWith(error);
    }
    if (bytes.byteLength === 0) return undefined;
    const writing = new Capability();
    this.#writing = writing;
    react(this.#send(bytes), writing.resolve, () => {
      this.#flushed.resolve();
      writing.reject(connectionLost());
    });
    return writing.promise;
  }

  async #send(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    for (let offset = 0; offset < bytes.byteLength && !this.#writingOver; offset += LARGE_CHUNK) {
      await call("stream.write", this.handle, bytes.subarray(offset, offset + LARGE_CHUNK));
    }
  }

  close(): Outcome {
    this.#flushed.resolve();
    if (this.#atEnd === "close") this.writable.writer?.closed.reject(socketClosed());
    if (this.#atEnd !== "tell") return undefined;
    return react(call("stream.close", this.handle), undefined, () => {
      throw connectionLost();
    });
  }

  /** The server keeps its connection: only `close` ends that, or giving up reading too. */
  aborting(reason: unknown): void {
    this.#writingOver = true;
    this.#flushed.resolve();
    this.#writing?.reject(reason);
    this.#closeIfUnused();
  }

  /** Ends the connection when what was written has gone out. */
  async end(): Promise<void> {
    const { reader } = this.readable;
    if (reader === undefined || reader.requests.length === 0) this.#controller.error(readableClosing());
    const flushed = this.#flush("close");
    await this.opened;
    await flushed;
    this.#failReads(socketClosed());
    this.#controller.error(readableClosing());
    await call("sockets.close", this.handle);
  }

  /** Takes the connection away from the streams, which stay locked. */
  async detach(): Promise<void> {
    if (this.readable.reader !== undefined) {
      throw new TypeError("The ReadableStream has been locked to a reader.");
    }
    if (this.writable.writer !== undefined) {
      throw new TypeError("This WritableStream is currently locked to a writer.");
    }
    acquireDefaultReader(this.readable);
    acquireWriter(this.writable);
    await this.#flush("detach");
  }

  #flush(atEnd: "close" | "detach"): Promise<void> {
    this.#atEnd = atEnd;
    const { writable } = this;
    if (writable.state === "writable" && !writable.closeQueuedOrInFlight) markHandled(writable.close());
    return this.#flushed.promise;
  }

  #neverOpened(reason: unknown, upgraded: boolean): void {
    this.#flushed.resolve();
    // Who went on to read must not take the failure for the end of what the server had to say.
    if (upgraded) throw reason;
    this.#failReads(new Error("Stream was cancelled."));
    markHandled(cancelReadable(this.readable, reason));
  }

  /** Fails the reads that wait. The reader sees the stream end, not fail. */
  #failReads(reason: Error): void {
    const { reader, state } = this.readable;
    if (reader === undefined || state !== "readable") return;
    reader.closed.resolve();
    for (const request of reader.requests.drain()) request.error(reason);
  }

  #closeIfUnused(): void {
    if (this.#readingOver && this.#writingOver) markHandled(call("sockets.close", this.handle));
  }
}
