/** workerd's byte pipes (https://developers.cloudflare.com/workers/runtime-apis/streams/transformstream/#identitytransformstream). */
import { bytesOf, dictionary, exposeInterface, object, unrestrictedDouble } from "../../../guest/webidl.ts";
import { utf8Encode } from "../../encoding/guest.ts";
import { ByteController } from "./byte-controller.ts";
import { Capability, type Outcome, rejectedWith } from "./promises.ts";
import { Readable, type Source, waitingReads, waitingReadsInto } from "./readable-state.ts";
import { highWaterMarkOf } from "./strategies.ts";
import { StreamPair, TransformStream } from "./transform.ts";
import { createWritable, type Sink, type Writable } from "./writable-state.ts";

/** The bytes of a chunk that was written to a byte pipe, in a buffer of their own; text is encoded, as on workerd. */
export function bytesOfWritten(chunk: unknown): Uint8Array<ArrayBuffer> {
  if (typeof chunk === "string") return utf8Encode(chunk);
  const bytes = bytesOf(chunk);
  if (bytes === undefined) {
    throw new TypeError(
      "This TransformStream is being used as a byte stream, but received an object of non-ArrayBuffer/ArrayBufferView type on its writable side.",
    );
  }
  return bytes.slice();
}

/** A write is answered when all of its bytes have been read; nothing is buffered in between. */
class Identity implements Source, Sink {
  readonly readable = new Readable();
  readonly writable: Writable;
  readonly #controller: ByteController;
  /** How many bytes are still to come, where the length was promised. */
  #left: number | undefined;
  /** The write that is not answered; `bytes` until a reader wants them. */
  #bytes: Uint8Array<ArrayBuffer> | undefined;
  #written: Capability | undefined;

  constructor(expectedLength: number | undefined, highWaterMark: number | undefined) {
    this.#left = expectedLength;
    this.readable.expectedLength = expectedLength;
    this.#controller = new ByteController(this.readable, this, 0);
    this.#controller.startNow();
    // Without a mark the writer always looks ready, as on workerd; pipes wait for each write instead.
    this.writable = createWritable(
      this,
      undefined,
      highWaterMark,
      highWaterMark === undefined ? () => 0 : sizeOf,
    );
    this.writable.awaitsWrites = highWaterMark === undefined;
  }

  write(chunk: unknown): Outcome {
    if (chunk === undefined) return undefined;
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = bytesOfWritten(chunk);
      if (this.#left !== undefined && bytes.byteLength > this.#left) {
        throw new TypeError("Attempt to write too many bytes through a FixedLengthStream.");
      }
    } catch (error) {
      this.#controller.error(error);
      return rejectedWith(error);
    }
    if (bytes.byteLength === 0) return undefined;
    if (this.#left !== undefined) this.#left -= bytes.byteLength;
    this.#bytes = bytes;
    this.#written = new Capability();
    const { promise } = this.#written;
    if (waitingReads(this.readable) > 0 || waitingReadsInto(this.readable) > 0) this.#deliver();
    return promise;
  }

  close(): Outcome {
    if (this.#left !== undefined && this.#left > 0) {
      const error = new TypeError("FixedLengthStream did not see all expected bytes before close().");
      this.#controller.error(error);
      return rejectedWith(error);
    }
    try {
      this.#controller.close();
      if (this.#controller.pendingPullIntos > 0) this.#controller.respond(0);
    } catch (error) {
      return rejectedWith(error);
    }
    return undefined;
  }

  /** An abort does not wait for a reader to take the write that is under way. */
  aborting(reason: unknown): void {
    this.#controller.error(reason);
    this.#fail(reason);
  }

  pull(): Outcome {
    if (this.#bytes !== undefined) this.#deliver();
    return undefined;
  }

  cancel(reason: unknown): Outcome {
    const error = reason === undefined ? new Error("Stream was cancelled.") : reason;
    this.writable.controller.errorIfNeeded(error);
    this.#fail(error);
    return undefined;
  }

  drained(): void {
    if (this.#bytes !== undefined) return;
    const written = this.#written;
    this.#written = undefined;
    written?.resolve();
  }

  #deliver(): void {
    const bytes = this.#bytes!;
    this.#bytes = undefined;
    this.#controller.enqueueOwned(bytes);
    if (this.#controller.queued === 0) this.drained();
  }

  #fail(reason: unknown): void {
    const written = this.#written;
    this.#bytes = undefined;
    this.#written = undefined;
    written?.reject(reason);
  }
}

/** The length of a chunk that is written to a byte pipe. */
export function sizeOf(chunk: unknown): number {
  if (typeof chunk === "string") return utf8Encode(chunk).byteLength;
  return bytesOf(chunk)?.byteLength ?? 0;
}

interface IdentityStrategy {
  readonly highWaterMark?: number;
}

const toStrategy = dictionary<IdentityStrategy>("IdentityTransformStreamQueuingStrategy", [
  { key: "highWaterMark", converter: unrestrictedDouble },
]);

function createPair(expectedLength: number | undefined, strategy: unknown, name: string): StreamPair {
  const where = `Failed to construct '${name}': constructor parameter ${expectedLength === undefined ? 1 : 2}`;
  if (strategy !== undefined && strategy !== null) object(strategy, where);
  const converted = toStrategy(strategy, where);
  const mark = converted.highWaterMark === undefined ? undefined : highWaterMarkOf(converted, 0);
  const identity = new Identity(expectedLength, mark);
  return new StreamPair(identity.readable, identity.writable);
}

/** Passes bytes on, from one writer to one reader. */
export class IdentityTransformStream extends TransformStream {
  constructor(strategy: unknown = undefined) {
    super(
      strategy instanceof StreamPair ? strategy : createPair(undefined, strategy, "IdentityTransformStream"),
    );
  }
}

/** The same for a body whose length is known: fails when fewer or more bytes are written. */
export class FixedLengthStream extends IdentityTransformStream {
  constructor(expectedLength: number | bigint, strategy: unknown = undefined) {
    super(createPair(toLength(expectedLength), strategy, "FixedLengthStream"));
  }
}

function toLength(value: unknown): number {
  if (value === undefined) {
    throw new TypeError(
      "Failed to construct 'FixedLengthStream': constructor parameter 1 is not of type 'bigint'.",
    );
  }
  const number = Number(value);
  if (!Number.isInteger(number))
    throw new TypeError("The value cannot be converted because it is not an integer.");
  if (number < 0) {
    throw new TypeError(
      "The value cannot be converted because it is negative and this API expects a positive bigint.",
    );
  }
  if (!Number.isSafeInteger(number)) {
    throw new TypeError("FixedLengthStream requires an integer expected length less than 2^53.");
  }
  return number;
}

exposeInterface(IdentityTransformStream);
exposeInterface(FixedLengthStream);
