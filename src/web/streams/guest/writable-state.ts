/**
 * The state of a writable stream, of its writer and its controller, and the operations on them
 * (https://streams.spec.whatwg.org/#ws-abstract-ops). The classes that scripts see wrap these.
 */
import { type AbortSignal, createSignal, signalAbort } from "../../abort/guest.ts";
import { Capability, Deferred, fulfilledWith, type Outcome, rejectedWith, upon } from "./promises.ts";
import { Fifo, SizedQueue } from "./queue.ts";
import type { SizeAlgorithm } from "./strategies.ts";

/** The underlying sink, as the controller calls it. */
export interface Sink {
  readonly write?: ((chunk: unknown) => Outcome) | undefined;
  readonly close?: (() => Outcome) | undefined;
  readonly abort?: ((reason: unknown) => Outcome) | undefined;
  /** Called as soon as an abort is asked for, while a write may be under way. */
  readonly aborting?: ((reason: unknown) => void) | undefined;
}

/** Somebody who waits for a write or a close. */
export interface Waiter {
  resolve(): void;
  reject(reason: unknown): void;
}

interface PendingAbort {
  readonly capability: Capability;
  readonly reason: unknown;
  readonly wasAlreadyErroring: boolean;
}

export class Writer {
  stream: Writable | undefined;
  closed!: Deferred;
  ready!: Deferred;
}

export function releasedWriterError(): TypeError {
  return new TypeError("This WritableStream writer has been released.");
}

export function closedWritableError(): TypeError {
  return new TypeError("This WritableStream has been closed.");
}

export function lockedWritableError(): TypeError {
  return new TypeError("This WritableStream is currently locked to a writer.");
}

/** The state behind what a script gave for a WritableStream; undefined if it is none. */
export let writableOf: (value: unknown) => Writable | undefined;

/** For writable.ts alone, which knows the class. */
export function setWritableOf(accessor: (value: unknown) => Writable | undefined): void {
  writableOf = accessor;
}

export class Writable {
  state: "writable" | "erroring" | "errored" | "closed" = "writable";
  storedError: unknown = undefined;
  writer: Writer | undefined = undefined;
  controller!: WritableController;
  backpressure = false;
  /** True where a pipe must wait for each write, since the sink's desired size does not show how full it is. */
  awaitsWrites = false;
  #closeRequest: Waiter | undefined;
  #inFlightClose: Waiter | undefined;
  #inFlightWrite: Waiter | undefined;
  #pendingAbort: PendingAbort | undefined;
  readonly #writes = new Fifo<Waiter>();

  get closeQueuedOrInFlight(): boolean {
    return this.#closeRequest !== undefined || this.#inFlightClose !== undefined;
  }

  get writeInFlight(): boolean {
    return this.#inFlightWrite !== undefined;
  }

  /** WritableStreamAbort. */
  abort(reason: unknown): Promise<void> {
    if (this.#over()) return fulfilledWith(undefined);
    this.controller.signalAbort(reason);
    // The signal's listeners may have changed the state.
    if (this.#over()) return fulfilledWith(undefined);
    if (this.#pendingAbort !== undefined) return this.#pendingAbort.capability.promise;
    const wasAlreadyErroring = this.state === "erroring";
    const capability = new Capability();
    this.#pendingAbort = { capability, reason: wasAlreadyErroring ? undefined : reason, wasAlreadyErroring };
    if (!wasAlreadyErroring) this.startErroring(reason);
    return capability.promise;
  }

  #over(): boolean {
    return this.state === "closed" || this.state === "errored";
  }

  /** WritableStreamClose. */
  close(): Promise<void> {
    if (this.#over()) return rejectedWith(closedWritableError());
    const capability = new Capability();
    this.#closeRequest = capability;
    if (this.writer !== undefined && this.backpressure && this.state === "writable")
      this.writer.ready.resolve();
    this.controller.close();
    return capability.promise;
  }

  /** WritableStreamAddWriteRequest. */
  addWrite(waiter: Waiter): void {
    this.#writes.push(waiter);
  }

  markWriteInFlight(): void {
    this.#inFlightWrite = this.#writes.shift();
  }

  markCloseInFlight(): void {
    this.#inFlightClose = this.#closeRequest;
    this.#closeRequest = undefined;
  }

  finishWrite(): void {
    const waiter = this.#inFlightWrite!;
    this.#inFlightWrite = undefined;
    waiter.resolve();
  }

  finishWriteWithError(reason: unknown): void {
    const waiter = this.#inFlightWrite!;
    this.#inFlightWrite = undefined;
    waiter.reject(reason);
    this.dealWithRejection(reason);
  }

  finishClose(): void {
    this.#inFlightClose!.resolve();
    this.#inFlightClose = undefined;
    if (this.state === "erroring") {
      this.storedError = undefined;
      this.#pendingAbort?.capability.resolve();
      this.#pendingAbort = undefined;
    }
    this.state = "closed";
    this.writer?.closed.resolve();
  }

  finishCloseWithError(reason: unknown): void {
    this.#inFlightClose!.reject(reason);
    this.#inFlightClose = undefined;
    this.#pendingAbort?.capability.reject(reason);
    this.#pendingAbort = undefined;
    this.dealWithRejection(reason);
  }

  /** WritableStreamDealWithRejection. */
  dealWithRejection(reason: unknown): void {
    if (this.state === "writable") this.startErroring(reason);
    else this.finishErroring();
  }

  /** WritableStreamStartErroring. */
  startErroring(reason: unknown): void {
    this.state = "erroring";
    this.storedError = reason;
    if (this.writer !== undefined) ensureReadyRejected(this.writer, reason);
    const inFlight = this.#inFlightWrite !== undefined || this.#inFlightClose !== undefined;
    if (!inFlight && this.controller.started) this.finishErroring();
  }

  /** WritableStreamFinishErroring. */
  finishErroring(): void {
    this.state = "errored";
    this.controller.errorSteps();
    for (const waiter of this.#writes.drain()) waiter.reject(this.storedError);
    const abort = this.#pendingAbort;
    if (abort === undefined) {
      this.#rejectCloseAndClosed();
      return;
    }
    this.#pendingAbort = undefined;
    if (abort.wasAlreadyErroring) {
      abort.capability.reject(this.storedError);
      this.#rejectCloseAndClosed();
      return;
    }
    upon(
      this.controller.abortSteps(abort.reason),
      () => {
        abort.capability.resolve();
        this.#rejectCloseAndClosed();
      },
      reason => {
        abort.capability.reject(reason);
        this.#rejectCloseAndClosed();
      },
    );
  }

  // WritableStreamRejectCloseAndClosedPromiseIfNeeded
  #rejectCloseAndClosed(): void {
    this.#closeRequest?.reject(this.storedError);
    this.#closeRequest = undefined;
    this.writer?.closed.reject(this.storedError);
  }

  /** WritableStreamUpdateBackpressure. */
  updateBackpressure(backpressure: boolean): void {
    if (this.writer !== undefined && backpressure !== this.backpressure) {
      if (backpressure) this.writer.ready = new Deferred();
      else this.writer.ready.resolve();
    }
    this.backpressure = backpressure;
  }
}

/** What a close looks like in the queue. */
const CLOSE = Symbol("close");

/** The state behind a WritableStreamDefaultController, and its abstract operations as methods. */
export class WritableController {
  readonly stream: Writable;
  started = false;
  readonly #queue = new SizedQueue<unknown>();
  readonly #highWaterMark: number;
  #size: SizeAlgorithm | undefined;
  #sink: Sink | undefined;
  #signal: AbortSignal | undefined;
  #aborted: { readonly reason: unknown } | undefined;
  #onWritten: (() => void) | undefined;
  #onWriteFailed: ((reason: unknown) => void) | undefined;

  constructor(stream: Writable, sink: Sink, highWaterMark: number, size: SizeAlgorithm | undefined) {
    this.stream = stream;
    this.#sink = sink;
    this.#highWaterMark = highWaterMark;
    this.#size = size;
    stream.controller = this;
    stream.updateBackpressure(this.#backpressure);
  }

  /** The end of the set-up: writing begins when the sink's start algorithm has succeeded. */
  start(started: Outcome): void {
    upon(
      started,
      () => {
        this.started = true;
        this.#advance();
      },
      reason => {
        this.started = true;
        this.stream.dealWithRejection(reason);
      },
    );
  }

  /** The signal is made when a sink asks for it. */
  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      this.#signal = createSignal();
      if (this.#aborted !== undefined) signalAbort(this.#signal, this.#aborted.reason);
    }
    return this.#signal;
  }

  signalAbort(reason: unknown): void {
    this.#aborted ??= { reason };
    if (this.#signal !== undefined) signalAbort(this.#signal, reason);
    this.#sink?.aborting?.(reason);
  }

  abortSteps(reason: unknown): Outcome {
    const result = this.#sink?.abort?.(reason);
    this.#clear();
    return result;
  }

  errorSteps(): void {
    this.#queue.clear();
  }

  get desiredSize(): number {
    return this.#highWaterMark - this.#queue.total;
  }

  get #backpressure(): boolean {
    return this.desiredSize <= 0;
  }

  /** WritableStreamDefaultControllerGetChunkSize. */
  sizeOf(chunk: unknown): unknown {
    if (this.#size === undefined) return 1;
    try {
      return this.#size(chunk);
    } catch (error) {
      this.errorIfNeeded(error);
      return 1;
    }
  }

  write(chunk: unknown, size: unknown): void {
    try {
      this.#queue.push(chunk, size);
    } catch (error) {
      this.errorIfNeeded(error);
      return;
    }
    const { stream } = this;
    if (!stream.closeQueuedOrInFlight && stream.state === "writable")
      stream.updateBackpressure(this.#backpressure);
    this.#advance();
  }

  close(): void {
    this.#queue.push(CLOSE, 0);
    this.#advance();
  }

  errorIfNeeded(reason: unknown): void {
    if (this.stream.state === "writable") this.error(reason);
  }

  error(reason: unknown): void {
    this.#clear();
    this.stream.startErroring(reason);
  }

  // WritableStreamDefaultControllerAdvanceQueueIfNeeded
  #advance(): void {
    const { stream } = this;
    if (!this.started || stream.writeInFlight) return;
    if (stream.state === "erroring") {
      stream.finishErroring();
      return;
    }
    if (this.#queue.length === 0) return;
    const chunk = this.#queue.peek();
    if (chunk === CLOSE) this.#processClose();
    else this.#processWrite(chunk);
  }

  #processClose(): void {
    const { stream } = this;
    stream.markCloseInFlight();
    this.#queue.shift();
    const closing = this.#sink?.close?.();
    this.#clear();
    upon(
      closing,
      () => stream.finishClose(),
      reason => stream.finishCloseWithError(reason),
    );
  }

  #processWrite(chunk: unknown): void {
    this.stream.markWriteInFlight();
    this.#onWritten ??= () => this.#written();
    this.#onWriteFailed ??= reason => {
      if (this.stream.state === "writable") this.#clear();
      this.stream.finishWriteWithError(reason);
    };
    upon(this.#sink?.write?.(chunk), this.#onWritten, this.#onWriteFailed);
  }

  #written(): void {
    const { stream } = this;
    stream.finishWrite();
    this.#queue.shift();
    if (!stream.closeQueuedOrInFlight && stream.state === "writable")
      stream.updateBackpressure(this.#backpressure);
    this.#advance();
  }

  // WritableStreamDefaultControllerClearAlgorithms
  #clear(): void {
    this.#sink = undefined;
    this.#size = undefined;
  }
}

function ensureReadyRejected(writer: Writer, reason: unknown): void {
  if (writer.ready.state === "pending") writer.ready.reject(reason);
  else writer.ready = Deferred.rejected(reason);
}

/** AcquireWritableStreamDefaultWriter. */
export function acquireWriter(stream: Writable, writer = new Writer()): Writer {
  if (stream.writer !== undefined) throw lockedWritableError();
  writer.stream = stream;
  stream.writer = writer;
  writer.closed = new Deferred();
  writer.ready = Deferred.fulfilled();
  if (stream.state === "writable") {
    if (!stream.closeQueuedOrInFlight && stream.backpressure) writer.ready = new Deferred();
  } else if (stream.state === "erroring") {
    writer.ready = Deferred.rejected(stream.storedError);
  } else if (stream.state === "closed") {
    writer.closed = Deferred.fulfilled();
  } else {
    writer.ready = Deferred.rejected(stream.storedError);
    writer.closed = Deferred.rejected(stream.storedError);
  }
  return writer;
}

/** WritableStreamDefaultWriterRelease. */
export function releaseWriter(writer: Writer): void {
  const error = releasedWriterError();
  ensureReadyRejected(writer, error);
  if (writer.closed.state === "pending") writer.closed.reject(error);
  else writer.closed = Deferred.rejected(error);
  writer.stream!.writer = undefined;
  writer.stream = undefined;
}

/** WritableStreamDefaultWriterGetDesiredSize. */
export function desiredSizeOf(stream: Writable): number | null {
  if (stream.state === "errored" || stream.state === "erroring") return null;
  return stream.state === "closed" ? 0 : stream.controller.desiredSize;
}

/** WritableStreamDefaultWriterWrite; the waiter hears of the outcome, at once when the write cannot be made. */
export function write(writer: Writer, chunk: unknown, waiter: Waiter): void {
  const stream = writer.stream!;
  const size = stream.controller.sizeOf(chunk);
  // The strategy may have released the writer, or errored the stream.
  if (stream !== writer.stream) waiter.reject(releasedWriterError());
  else if (stream.state === "errored") waiter.reject(stream.storedError);
  else if (stream.closeQueuedOrInFlight || stream.state === "closed") waiter.reject(closedWritableError());
  else if (stream.state === "erroring") waiter.reject(stream.storedError);
  else {
    stream.addWrite(waiter);
    stream.controller.write(chunk, size);
  }
}

/** WritableStreamDefaultWriterCloseWithErrorPropagation. */
export function closeWithErrorPropagation(stream: Writable): Promise<void> {
  if (stream.closeQueuedOrInFlight || stream.state === "closed") return fulfilledWith(undefined);
  return stream.state === "errored" ? rejectedWith(stream.storedError) : stream.close();
}

/** CreateWritableStream: a stream of the library's own making, started when `started` is. */
export function createWritable(
  sink: Sink,
  started?: Outcome,
  highWaterMark = 1,
  size?: SizeAlgorithm,
): Writable {
  const stream = new Writable();
  new WritableController(stream, sink, highWaterMark, size).start(started);
  return stream;
}
