/** Streams across the boundary (see ../contract.ts), and the short ways that bodies take. */

import { SafeMap, SafeSet } from "../../../guest/collections.ts";
import { describeError } from "../../../guest/errors.ts";
import { currentEvent } from "../../../guest/event-context.ts";
import { call, notify } from "../../../guest/host.ts";
import { ownedBytes } from "../../../guest/owned-bytes.ts";
import { bytesOf } from "../../../guest/webidl.ts";
import { utf8Encode } from "../../encoding/guest.ts";
import { setBytes } from "./buffers.ts";
import { ByteController } from "./byte-controller.ts";
import { markHandled, type Outcome, queue, react, rejectedWith } from "./promises.ts";
import { exposeReadable, type ReadableStream } from "./readable.ts";
import {
  acquireDefaultReader,
  cancelReadable,
  type DefaultReader,
  Readable,
  type ReadRequest,
  readableOf,
  readDefault,
  type Source,
} from "./readable-state.ts";
import { tee } from "./tee.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** How much is asked for at once: by a reader that goes chunk by chunk, and by one that wants everything. */
const CHUNK = 64 * 1024;
const LARGE_CHUNK = 1024 * 1024;
/** A stream of a known length up to this is asked for in one piece. */
const LARGEST_WHOLE = 32 * 1024 * 1024;

const NO_BYTES = "This ReadableStream did not return bytes.";

let lastHandle = 0;

/** A handle for a stream of the guest's. */
export function newGuestHandle(): number {
  lastHandle--;
  return lastHandle;
}

/** Pulls once: asks the host for bytes, and enqueues them. `onEnd` hears of the end before a reader does. */
export async function readFromHost(
  handle: number,
  controller: ByteController,
  onEnd?: () => void,
): Promise<void> {
  controller.stream.hostHandle = 0;
  const bytes = await call("stream.read", handle, CHUNK);
  if (bytes !== null) {
    controller.enqueueOwned(ownedBytes(bytes));
    return;
  }
  onEnd?.();
  closeBytes(controller);
}

/** Reads a stream of the host's when a reader asks. */
class HostSource implements Source {
  readonly #handle: number;
  readonly #controller: ByteController;

  constructor(handle: number, stream: Readable) {
    this.#handle = handle;
    this.#controller = new ByteController(stream, this, 0);
    this.#controller.startNow();
    stream.hostHandle = handle;
  }

  pull(): Outcome {
    return readFromHost(this.#handle, this.#controller);
  }

  cancel(): Outcome {
    this.#controller.stream.hostHandle = 0;
    notify("stream.cancel", this.#handle);
    return undefined;
  }
}

/** Closes a byte stream, and answers the reads into buffers that wait. */
function closeBytes(controller: ByteController): void {
  controller.close();
  if (controller.pendingPullIntos > 0) controller.respond(0);
}

/** A stream of the host's: bytes, read when they are asked for. `length`: how many there will be, if that is known. */
export function readableFromHost(handle: number, length?: number): ReadableStream {
  const stream = new Readable();
  new HostSource(handle, stream);
  stream.expectedLength = length;
  return exposeReadable(stream);
}

const NOTHING: Source = {};

/** A stream of these bytes. It takes their buffer over. */
export function readableFromBytes(bytes: Bytes): ReadableStream {
  const stream = new Readable();
  const controller = new ByteController(stream, NOTHING, 0);
  controller.startNow();
  if (bytes.byteLength > 0) controller.enqueueOwned(bytes);
  controller.close();
  stream.expectedLength = bytes.byteLength;
  return exposeReadable(stream);
}

export function isDisturbed(stream: ReadableStream): boolean {
  return readableOf(stream)!.disturbed;
}

export function isLocked(stream: ReadableStream): boolean {
  return readableOf(stream)!.reader !== undefined;
}

/** How many bytes the whole stream has, where that is known: FixedLengthStream, bytes, a host's stream with a length. */
export function expectedLengthOf(stream: ReadableStream): number | undefined {
  return readableOf(stream)!.expectedLength;
}

/** Tees a body; no buffer is shared by the branches. */
export function teeForClone(stream: ReadableStream): [ReadableStream, ReadableStream] {
  const [first, second] = tee(readableOf(stream)!, true);
  return [exposeReadable(first), exposeReadable(second)];
}

/**
 * Makes the stream the host's to read, and tells its handle: that of the host's own stream where nobody has touched
 * it, else that of a new one, into which the guest writes as fast as the host reads. The stream is locked for good.
 * `onError` hears what a stream of the guest's failed with, before the host does.
 */
export function sendToHost(stream: ReadableStream, onError?: (reason: unknown) => void): number {
  const state = readableOf(stream)!;
  const untouched = state.hostHandle !== 0 && !state.disturbed && state.state === "readable";
  const reader = acquireDefaultReader(state);
  state.disturbed = true;
  return untouched ? state.hostHandle : new Pump(state, reader, onError).handle;
}

/** The streams that are being written into the host, by the event that they belong to. */
const pumps = new SafeMap<number, Set<Pump>>();

/** Cancels all that an event's client was being sent: the client has gone away. */
export function abandonStreams(event: number): void {
  const abandoned = pumps.get(event);
  if (abandoned === undefined) return;
  pumps.delete(event);
  for (const pump of abandoned) pump.abandon();
}

/** Writes a stream into the host, chunk by chunk; the host's answer to each is its backpressure. */
class Pump implements ReadRequest {
  readonly handle = newGuestHandle();
  readonly #stream: Readable;
  readonly #reader: DefaultReader;
  readonly #event = currentEvent();
  readonly #onError: ((reason: unknown) => void) | undefined;
  readonly #next = (): void => readDefault(this.#reader, this);
  /** Nobody reads any longer. The source hears of no reason, as on workerd. */
  readonly #refused = (): void => {
    this.#forget();
    this.abandon();
  };

  constructor(stream: Readable, reader: DefaultReader, onError?: (reason: unknown) => void) {
    this.#stream = stream;
    this.#reader = reader;
    this.#onError = onError;
    const others = pumps.get(this.#event);
    if (others === undefined) pumps.set(this.#event, new SafeSet([this]));
    else others.add(this);
    this.#next();
  }

  abandon(reason?: unknown): void {
    markHandled(cancelReadable(this.#stream, reason));
  }

  chunk(chunk: unknown): void {
    const bytes = typeof chunk === "string" ? utf8Encode(chunk) : bytesOf(chunk);
    if (bytes === undefined) {
      const error = new TypeError(NO_BYTES);
      this.error(error);
      this.abandon(error);
    } else if (bytes.byteLength === 0) {
      queue(this.#next);
    } else {
      this.#write(bytes);
    }
  }

  close(): void {
    this.#forget();
    markHandled(call("stream.close", this.handle));
  }

  error(reason: unknown): void {
    this.#forget();
    this.#onError?.(reason);
    notify("stream.abort", this.handle, describeError(reason).message);
  }

  #forget(): void {
    const others = pumps.get(this.#event);
    if (others === undefined) return;
    others.delete(this);
    if (others.size === 0) pumps.delete(this.#event);
  }

  #write(bytes: Bytes): void {
    if (bytes.byteLength <= LARGE_CHUNK) {
      react(call("stream.write", this.handle, bytes), this.#next, this.#refused);
      return;
    }
    const rest = bytes.subarray(LARGE_CHUNK);
    react(
      call("stream.write", this.handle, bytes.subarray(0, LARGE_CHUNK)),
      () => this.#write(rest),
      this.#refused,
    );
  }
}

/** All that is left of a stream, as bytes. The stream is locked for good. */
export function readAllBytes(stream: ReadableStream): Promise<Bytes> {
  const state = readableOf(stream)!;
  const untouched = state.hostHandle !== 0 && !state.disturbed && state.state === "readable";
  try {
    const reader = acquireDefaultReader(state);
    state.disturbed = true;
    return untouched ? readAllFromHost(state) : new Collector(state, reader).promise;
  } catch (error) {
    return rejectedWith(error);
  }
}

/** Goes straight to the host: no controller, no reader, large chunks. */
async function readAllFromHost(stream: Readable): Promise<Bytes> {
  const handle = stream.hostHandle;
  stream.hostHandle = 0;
  const controller = stream.controller as ByteController;
  const chunks: Bytes[] = [];
  const length = stream.expectedLength ?? 0;
  const maximum = length > LARGEST_WHOLE ? LARGE_CHUNK : Math.max(length, LARGE_CHUNK);
  try {
    for (;;) {
      const bytes = await call("stream.read", handle, maximum);
      if (bytes === null) break;
      chunks.push(ownedBytes(bytes));
    }
  } catch (error) {
    controller.error(error);
    throw error;
  }
  controller.close();
  return concatenate(chunks);
}

function concatenate(chunks: readonly Bytes[]): Bytes {
  if (chunks.length === 1) return chunks[0]!;
  let length = 0;
  for (const chunk of chunks) length += chunk.byteLength;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    setBytes(whole, chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}

class Collector implements ReadRequest {
  readonly promise: Promise<Bytes>;
  readonly #stream: Readable;
  readonly #reader: DefaultReader;
  readonly #chunks: Bytes[] = [];
  #resolve!: (bytes: Bytes) => void;
  #reject!: (reason: unknown) => void;
  #reading = false;
  #readAgain = false;

  constructor(stream: Readable, reader: DefaultReader) {
    this.#stream = stream;
    this.#reader = reader;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#read();
  }

  /** Reads on for as long as chunks are there at once. */
  #read(): void {
    this.#reading = true;
    do {
      this.#readAgain = false;
      readDefault(this.#reader, this);
    } while (this.#readAgain);
    this.#reading = false;
  }

  chunk(chunk: unknown): void {
    const bytes = bytesOf(chunk);
    if (bytes === undefined) {
      const error = new TypeError(NO_BYTES);
      this.#reject(error);
      markHandled(cancelReadable(this.#stream, error));
      return;
    }
    this.#chunks.push(bytes);
    if (this.#reading) this.#readAgain = true;
    else this.#read();
  }

  close(): void {
    this.#resolve(concatenate(this.#chunks));
  }

  error(reason: unknown): void {
    this.#reject(reason);
  }
}
