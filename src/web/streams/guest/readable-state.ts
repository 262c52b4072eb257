/**
 * The state of a readable stream and of its readers, and the operations on them that do not depend on the kind of
 * controller (https://streams.spec.whatwg.org/#rs-abstract-ops). The classes that scripts see wrap these.
 */
import { Deferred, fulfilledWith, type Outcome, react, rejectedWith, settled } from "./promises.ts";
import { Fifo } from "./queue.ts";

/** What is to happen with the next chunk, or at the stream's end or failure. */
export interface ReadRequest {
  chunk(chunk: unknown): void;
  close(): void;
  error(reason: unknown): void;
}

/** The same for a read into a buffer; a stream that was cancelled has none to give back at its end. */
export interface ReadIntoRequest {
  chunk(view: ArrayBufferView): void;
  close(view: ArrayBufferView | undefined): void;
  error(reason: unknown): void;
}

export interface ReadableController {
  readonly kind: "default" | "bytes";
  cancelSteps(reason: unknown): Outcome;
  pullSteps(request: ReadRequest): void;
  releaseSteps(): void;
}

/** The underlying source, as a controller calls it. */
export interface Source {
  readonly pull?: (() => Outcome) | undefined;
  readonly cancel?: ((reason: unknown) => Outcome) | undefined;
  /** Called when the last queued byte has been taken (byte streams only). */
  readonly drained?: (() => void) | undefined;
}

export class DefaultReader {
  readonly kind = "default";
  stream: Readable | undefined;
  closed!: Deferred;
  readonly requests = new Fifo<ReadRequest>();
}

export class ByobReader {
  readonly kind = "byob";
  stream: Readable | undefined;
  closed!: Deferred;
  readonly requests = new Fifo<ReadIntoRequest>();
}

export type Reader = DefaultReader | ByobReader;

export class Readable {
  state: "readable" | "closed" | "errored" = "readable";
  storedError: unknown = undefined;
  disturbed = false;
  reader: Reader | undefined = undefined;
  controller!: ReadableController;
  /** The handle of the host's stream behind this one, while not a byte of it has been read here; else 0. */
  hostHandle = 0;
  /** How many bytes there will be in all, where that is known beforehand. */
  expectedLength: number | undefined = undefined;
}

const LOCKED = "This ReadableStream is currently locked to a reader.";

export function lockedError(): TypeError {
  return new TypeError(LOCKED);
}

export function releasedError(): TypeError {
  return new TypeError("This ReadableStream reader has been released.");
}

/** The state behind what a script gave for a ReadableStream; undefined if it is none. */
export let readableOf: (value: unknown) => Readable | undefined;

/** For readable.ts alone, which knows the class. */
export function setReadableOf(accessor: (value: unknown) => Readable | undefined): void {
  readableOf = accessor;
}

// ReadableStreamReaderGenericInitialize
function initialize(reader: Reader, stream: Readable): void {
  if (stream.reader !== undefined) throw lockedError();
  reader.stream = stream;
  stream.reader = reader;
  if (stream.state === "readable") reader.closed = new Deferred();
  else if (stream.state === "closed") reader.closed = Deferred.fulfilled();
  else reader.closed = Deferred.rejected(stream.storedError);
}

/** AcquireReadableStreamDefaultReader. */
export function acquireDefaultReader(stream: Readable, reader = new DefaultReader()): DefaultReader {
  initialize(reader, stream);
  return reader;
}

/** AcquireReadableStreamBYOBReader. */
export function acquireByobReader(stream: Readable, reader = new ByobReader()): ByobReader {
  if (stream.reader !== undefined) throw lockedError();
  if (stream.controller.kind !== "bytes") {
    throw new TypeError("This ReadableStream does not support BYOB reads.");
  }
  initialize(reader, stream);
  return reader;
}

/** ReadableStreamDefaultReaderRead. */
export function readDefault(reader: DefaultReader, request: ReadRequest): void {
  const stream = reader.stream!;
  stream.disturbed = true;
  if (stream.state === "readable") stream.controller.pullSteps(request);
  else if (stream.state === "closed") request.close();
  else request.error(stream.storedError);
}

/** ReadableStreamDefaultReaderRelease and ReadableStreamBYOBReaderRelease. */
export function releaseReader(reader: Reader): void {
  const stream = reader.stream!;
  const error = releasedError();
  // ReadableStreamReaderGenericRelease
  if (stream.state === "readable") reader.closed.reject(error);
  else reader.closed = Deferred.rejected(error);
  stream.controller.releaseSteps();
  stream.reader = undefined;
  reader.stream = undefined;
  errorRequests(reader, error);
}

/** Fails all reads that wait. */
function errorRequests(reader: Reader, reason: unknown): void {
  for (const request of reader.requests.drain()) request.error(reason);
}

/** ReadableStreamClose. */
export function closeReadable(stream: Readable): void {
  stream.state = "closed";
  const reader = stream.reader;
  if (reader === undefined) return;
  reader.closed.resolve();
  if (reader.kind === "default") for (const request of reader.requests.drain()) request.close();
}

/** ReadableStreamError. */
export function errorReadable(stream: Readable, reason: unknown): void {
  stream.state = "errored";
  stream.storedError = reason;
  const reader = stream.reader;
  if (reader === undefined) return;
  reader.closed.reject(reason);
  errorRequests(reader, reason);
}

/** ReadableStreamCancel. */
export function cancelReadable(stream: Readable, reason: unknown): Promise<void> {
  stream.disturbed = true;
  if (stream.state === "closed") return fulfilledWith(undefined);
  if (stream.state === "errored") return rejectedWith(stream.storedError);
  closeReadable(stream);
  const reader = stream.reader;
  if (reader?.kind === "byob") for (const request of reader.requests.drain()) request.close(undefined);
  return react(stream.controller.cancelSteps(reason) ?? settled, () => undefined);
}

/** How many reads of the default kind wait (ReadableStreamGetNumReadRequests); 0 without such a reader. */
export function waitingReads(stream: Readable): number {
  return stream.reader?.kind === "default" ? stream.reader.requests.length : 0;
}

/** How many reads into buffers wait (ReadableStreamGetNumReadIntoRequests). */
export function waitingReadsInto(stream: Readable): number {
  return stream.reader?.kind === "byob" ? stream.reader.requests.length : 0;
}

/** ReadableStreamAddReadRequest. */
export function addRead(stream: Readable, request: ReadRequest): void {
  (stream.reader as DefaultReader).requests.push(request);
}

/** ReadableStreamFulfillReadRequest with `done` false. */
export function fulfilRead(stream: Readable, chunk: unknown): void {
  (stream.reader as DefaultReader).requests.shift().chunk(chunk);
}
