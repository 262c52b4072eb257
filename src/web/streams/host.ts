/** The host's side of streams: the handles of one isolate, and the ops on them. */
import { type Duplex, Readable } from "node:stream";
import type { HostOps } from "../../engine/ops.ts";
import { giveAway } from "../../engine/wire.ts";
import type { StreamAsyncOps, StreamNotices } from "./contract.ts";
import { DuplexSink, GuestStream, type Sink } from "./guest-stream.ts";
import { OpenStream } from "./host-stream.ts";
import { streamLimits } from "./limits.ts";

/** Handles of the host's streams are never used again, not even by another isolate. */
let lastHandle = 0;

/**
 * The streams that cross between the host and one isolate. A child shares its parent's handles, and ends only those
 * streams that came in through it.
 */
export class StreamTable {
  readonly #streams: Map<number, OpenStream>;
  readonly #own = new Set<number>();
  readonly #account: { unclaimed: number };

  constructor(parent?: StreamTable) {
    this.#streams = parent === undefined ? new Map() : parent.#streams;
    this.#account = parent === undefined ? { unclaimed: 0 } : parent.#account;
  }

  /** How many streams of the isolate's are open. */
  get open(): number {
    return this.#streams.size;
  }

  /** Makes a stream of the host's readable for the guest, and tells its handle. Nothing is read before the guest asks. */
  give(source: Readable | AsyncIterable<Uint8Array>): number {
    const isBytes = source instanceof Readable && !source.readableObjectMode;
    const options = { objectMode: false, highWaterMark: streamLimits.waitingBytes };
    const readable = isBytes ? source : Readable.from(source, options);
    lastHandle++;
    this.#add(lastHandle, readable, undefined);
    return lastHandle;
  }

  /** The stream behind a handle that the guest sent: its own, or one of the host's that it passes on. */
  take(handle: number): Readable {
    const stream = handle < 0 ? this.#guestStream(handle) : this.#find(handle);
    if (stream.taken) throw new TypeError(`The stream ${handle} has been handed over already.`);
    stream.taken = true;
    stream.release();
    this.#claim(stream);
    this.#readOver(handle, stream);
    return stream.readable;
  }

  /** Gives a stream of the guest's a host's end that changes the bytes. The guest writes them, and may read the result. */
  adopt(handle: number, duplex: Duplex): void {
    if (!isGuestHandle(handle) || this.#streams.has(handle)) {
      duplex.destroy();
      throw new TypeError(`The handle ${handle} cannot name a new stream.`);
    }
    this.#add(handle, duplex, new DuplexSink(duplex));
  }

  /** Takes an adopted stream away from the guest, in both directions. */
  reclaim(handle: number): void {
    this.#streams.get(handle)?.release();
    this.#forget(handle);
  }

  /** The op `stream.read`. Answers at once when bytes are there. */
  read(handle: number, maximum: number): Uint8Array | null | Promise<Uint8Array | null> {
    if (!Number.isSafeInteger(maximum) || maximum <= 0)
      throw new TypeError("A read needs a positive maximum.");
    const stream = this.#find(handle);
    if (stream.taken || stream.readable instanceof GuestStream) {
      throw new TypeError(`The stream ${handle} is not the guest's to read.`);
    }
    try {
      const whole = stream.readWhole(maximum);
      if (whole !== undefined) return this.#giveWhole(handle, stream, whole);
      const chunk = stream.readNow(maximum);
      if (chunk === null) this.#readOver(handle, stream);
      return chunk === undefined ? this.#readLater(handle, stream, maximum) : chunk;
    } catch (error) {
      this.#readOver(handle, stream);
      throw error;
    }
  }

  /** The op `stream.write`. */
  write(handle: number, chunk: Uint8Array): null | Promise<null> {
    if (!(chunk instanceof Uint8Array)) throw new TypeError("A chunk must be bytes.");
    const stream = this.#guestStream(handle);
    if (!stream.taken && stream.readable instanceof GuestStream) {
      const account = this.#account;
      if (account.unclaimed + chunk.byteLength > streamLimits.unclaimedBytes) {
        throw new RangeError("Too many bytes wait in streams that nobody reads.");
      }
      account.unclaimed += chunk.byteLength;
      stream.unclaimed += chunk.byteLength;
    }
    try {
      const answer = (stream.sink as Sink).write(chunk);
      answer?.catch(() => this.#writeFailed(handle, stream));
      return answer;
    } catch (error) {
      this.#writeFailed(handle, stream);
      throw error;
    }
  }

  /** The op `stream.close`. */
  async close(handle: number): Promise<null> {
    const stream = this.#guestStream(handle);
    try {
      await (stream.sink as Sink).close();
    } catch (error) {
      this.#writeFailed(handle, stream);
      throw error;
    }
    this.#writeOver(handle, stream);
    return null;
  }

  /** The notice `stream.cancel`. A stream that is gone already is none of the guest's concern. */
  cancel(handle: number): void {
    const stream = this.#streams.get(handle);
    if (stream === undefined || stream.taken) return;
    this.#readOver(handle, stream);
    stream.letGo(undefined);
  }

  /** The notice `stream.abort`. */
  abort(handle: number, message: string): void {
    if (!isGuestHandle(handle)) return;
    const stream = this.#guestStream(handle);
    stream.sink?.abort(new Error(String(message)));
    this.#writeOver(handle, stream);
  }

  /** Ends all streams that came in through this table: their owner is gone. */
  destroyAll(error?: Error): void {
    for (const handle of this.#own) {
      const stream = this.#streams.get(handle);
      this.#forget(handle);
      stream?.letGo(error);
    }
    this.#own.clear();
  }

  async #giveWhole(handle: number, stream: OpenStream, whole: Promise<Uint8Array>): Promise<Uint8Array> {
    try {
      const bytes = await whole;
      giveAway(bytes);
      return bytes;
    } catch (error) {
      this.#readOver(handle, stream);
      throw error;
    }
  }

  async #readLater(handle: number, stream: OpenStream, maximum: number): Promise<Uint8Array | null> {
    let chunk: Uint8Array | null = null;
    try {
      chunk = await stream.readLater(maximum);
    } finally {
      if (chunk === null) this.#readOver(handle, stream);
    }
    return chunk;
  }

  #find(handle: number): OpenStream {
    const stream = this.#streams.get(handle);
    if (stream === undefined) throw new TypeError(`There is no stream ${handle}, or it has ended.`);
    return stream;
  }

  /** A stream of the guest's, made at its first mention. */
  #guestStream(handle: number): OpenStream {
    const stream = this.#streams.get(handle);
    if (stream?.sink !== undefined) return stream;
    if (!isGuestHandle(handle)) throw new TypeError(`${handle} names no stream of the guest's.`);
    const made = new GuestStream();
    return this.#add(handle, made, made);
  }

  #add(handle: number, readable: Readable, sink: Sink | undefined): OpenStream {
    if (this.#streams.size >= streamLimits.openStreams) {
      readable.destroy();
      throw new RangeError(`More than ${streamLimits.openStreams} streams are open.`);
    }
    const stream = new OpenStream(readable, sink);
    this.#streams.set(handle, stream);
    this.#own.add(handle);
    return stream;
  }

  /** Nobody asks for the stream's bytes again: the handle is free when nobody writes any either. */
  #readOver(handle: number, stream: OpenStream): void {
    stream.readOver = true;
    if (stream.writeOver) this.#forget(handle);
  }

  #writeOver(handle: number, stream: OpenStream): void {
    stream.writeOver = true;
    if (stream.readOver) this.#forget(handle);
  }

  /** A guest that has heard of the failure writes no more; one that misused the handle may. */
  #writeFailed(handle: number, stream: OpenStream): void {
    if (stream.readable.destroyed) this.#writeOver(handle, stream);
  }

  #forget(handle: number): void {
    const stream = this.#streams.get(handle);
    if (stream === undefined) return;
    this.#claim(stream);
    this.#streams.delete(handle);
    this.#own.delete(handle);
  }

  #claim(stream: OpenStream): void {
    this.#account.unclaimed -= stream.unclaimed;
    stream.unclaimed = 0;
  }
}

function isGuestHandle(handle: unknown): boolean {
  return Number.isSafeInteger(handle) && (handle as number) < 0;
}

export const streamOps: HostOps<StreamAsyncOps> = {
  "stream.read": (context, handle, maximum) => context.streams.read(handle, maximum),
  "stream.write": (context, handle, chunk) => context.streams.write(handle, chunk),
  "stream.close": (context, handle) => context.streams.close(handle),
};

export const streamNotices: HostOps<StreamNotices> = {
  "stream.cancel": (context, handle) => context.streams.cancel(handle),
  "stream.abort": (context, handle, message) => context.streams.abort(handle, message),
};
