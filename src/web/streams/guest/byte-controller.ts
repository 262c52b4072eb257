/** The byte stream controller: its state and its abstract operations (https://streams.spec.whatwg.org/#rbs-controller-class). */

import {
  cloneBytes,
  isDetached,
  setBytes,
  transferBuffer,
  type ViewConstructor,
  viewConstructorOf,
} from "./buffers.ts";
import { type Outcome, upon } from "./promises.ts";
import { type ByobRequest, checkCount, checkView, convertPullInto, type PullInto } from "./pull-into.ts";
import { Fifo } from "./queue.ts";
import {
  addRead,
  type ByobReader,
  closeReadable,
  type DefaultReader,
  errorReadable,
  fulfilRead,
  Readable,
  type ReadableController,
  type ReadIntoRequest,
  type ReadRequest,
  type Source,
  waitingReads,
  waitingReadsInto,
} from "./readable-state.ts";

/** The state behind a ReadableByteStreamController, and its abstract operations as methods. */
export class ByteController implements ReadableController {
  readonly kind = "bytes";
  readonly stream: Readable;
  /** Bytes of which the stream owns the buffers. */
  readonly #queue = new Fifo<Uint8Array<ArrayBuffer>>();
  #total = 0;
  readonly #highWaterMark: number;
  readonly #autoAllocate: number | undefined;
  #source: Source | undefined;
  #pullIntos: PullInto[] = [];
  #request: ByobRequest | undefined;
  #started = false;
  #closeRequested = false;
  #pulling = false;
  #pullAgain = false;
  #onPulled: (() => void) | undefined;
  #onPullFailed: ((reason: unknown) => void) | undefined;

  constructor(stream: Readable, source: Source, highWaterMark: number, autoAllocate?: number) {
    this.stream = stream;
    this.#source = source;
    this.#highWaterMark = highWaterMark;
    this.#autoAllocate = autoAllocate;
    stream.controller = this;
  }

  /** The end of the set-up: pulling begins when the source's start algorithm has succeeded. */
  start(started: Outcome): void {
    upon(
      started,
      () => this.startNow(),
      reason => this.error(reason),
    );
  }

  /** Begins to pull at once: for the library's own sources, which have nothing to start. */
  startNow(): void {
    this.#started = true;
    this.#pullIfNeeded();
  }

  get closeRequested(): boolean {
    return this.#closeRequested;
  }

  /** How many bytes are in the queue. */
  get queued(): number {
    return this.#total;
  }

  get pendingPullIntos(): number {
    return this.#pullIntos.length;
  }

  get desiredSize(): number | null {
    if (this.stream.state === "errored") return null;
    return this.stream.state === "closed" ? 0 : this.#highWaterMark - this.#total;
  }

  cancelSteps(reason: unknown): Outcome {
    this.#clearPullIntos();
    this.#clearQueue();
    const result = this.#source?.cancel?.(reason);
    this.#source = undefined;
    return result;
  }

  pullSteps(request: ReadRequest): void {
    if (this.#total > 0) {
      this.#fillRead(request);
      return;
    }
    const size = this.#autoAllocate;
    if (size !== undefined) {
      let buffer: ArrayBuffer;
      try {
        buffer = new ArrayBuffer(size);
      } catch (error) {
        request.error(error);
        return;
      }
      this.#pullIntos.push({
        buffer,
        bufferByteLength: size,
        byteOffset: 0,
        byteLength: size,
        bytesFilled: 0,
        minimumFill: 1,
        elementSize: 1,
        View: Uint8Array as ViewConstructor,
        readerType: "default",
      });
    }
    addRead(this.stream, request);
    this.#pullIfNeeded();
  }

  releaseSteps(): void {
    const first = this.#pullIntos[0];
    if (first === undefined) return;
    first.readerType = "none";
    this.#pullIntos = [first];
  }

  /** ReadableByteStreamControllerClose. */
  close(): void {
    if (this.#closeRequested || this.stream.state !== "readable") return;
    if (this.#total > 0) {
      this.#closeRequested = true;
      return;
    }
    const first = this.#pullIntos[0];
    if (first !== undefined && first.bytesFilled % first.elementSize !== 0) {
      const error = new TypeError("The stream was closed in the middle of an element of the reader's view.");
      this.error(error);
      throw error;
    }
    this.#source = undefined;
    closeReadable(this.stream);
  }

  /** ReadableByteStreamControllerEnqueue: takes the chunk's buffer over. */
  enqueue(chunk: ArrayBufferView): void {
    if (this.#closeRequested || this.stream.state !== "readable") return;
    const { byteOffset, byteLength } = chunk;
    const buffer = chunk.buffer as ArrayBuffer;
    if (isDetached(buffer)) throw new TypeError("The chunk's buffer is detached.");
    this.enqueueOwned(new Uint8Array(transferBuffer(buffer), byteOffset, byteLength));
  }

  /** The same for bytes whose buffer nobody else holds. */
  enqueueOwned(bytes: Uint8Array<ArrayBuffer>): void {
    const stream = this.stream;
    if (this.#closeRequested || stream.state !== "readable") return;
    const first = this.#pullIntos[0];
    if (first !== undefined) {
      if (isDetached(first.buffer)) {
        throw new TypeError(
          "The BYOB request's buffer has been detached, so it cannot be filled from the queue.",
        );
      }
      this.#invalidateRequest();
      first.buffer = transferBuffer(first.buffer);
      if (first.readerType === "none") this.#enqueueDetached(first);
    }
    const kind = stream.reader?.kind;
    if (kind === "default") {
      this.#processReads();
      if (waitingReads(stream) === 0) {
        this.#push(bytes);
      } else {
        if (this.#pullIntos.length > 0) this.#shiftPullInto();
        fulfilRead(stream, bytes);
      }
    } else {
      this.#push(bytes);
      if (kind === "byob") for (const filled of this.#processPullIntos()) this.#commit(filled);
    }
    this.#pullIfNeeded();
  }

  /** ReadableByteStreamControllerError. */
  error(reason: unknown): void {
    if (this.stream.state !== "readable") return;
    this.#clearPullIntos();
    this.#clearQueue();
    this.#source = undefined;
    errorReadable(this.stream, reason);
  }

  /** ReadableByteStreamControllerGetBYOBRequest. */
  get byobRequest(): ByobRequest | undefined {
    const first = this.#pullIntos[0];
    if (this.#request === undefined && first !== undefined) {
      const filled = first.bytesFilled;
      this.#request = {
        controller: this,
        view: new Uint8Array(first.buffer, first.byteOffset + filled, first.byteLength - filled),
        atLeast: Math.max(first.minimumFill - filled, 1),
        exposed: undefined,
      };
    }
    return this.#request;
  }

  /** ReadableByteStreamControllerRespond. */
  respond(bytesWritten: number): void {
    const first = this.#pullIntos[0]!;
    checkCount(first, bytesWritten, this.stream.state === "closed");
    first.buffer = transferBuffer(first.buffer);
    this.#respondInternal(bytesWritten);
  }

  /** ReadableByteStreamControllerRespondWithNewView. */
  respondWithNewView(view: ArrayBufferView): void {
    const first = this.#pullIntos[0]!;
    const size = view.byteLength;
    checkView(first, view, this.stream.state === "closed");
    first.buffer = transferBuffer(view.buffer as ArrayBuffer);
    this.#respondInternal(size);
  }

  /** ReadableByteStreamControllerPullInto. */
  pullInto(view: ArrayBufferView, minimum: number, request: ReadIntoRequest): void {
    const stream = this.stream;
    const View = viewConstructorOf(view);
    const elementSize = View.BYTES_PER_ELEMENT ?? 1;
    const { byteOffset, byteLength } = view;
    let buffer: ArrayBuffer;
    try {
      buffer = transferBuffer(view.buffer as ArrayBuffer);
    } catch (error) {
      request.error(error);
      return;
    }
    const pullInto: PullInto = {
      buffer,
      bufferByteLength: buffer.byteLength,
      byteOffset,
      byteLength,
      bytesFilled: 0,
      minimumFill: minimum * elementSize,
      elementSize,
      View,
      readerType: "byob",
    };
    const reader = stream.reader as ByobReader;
    if (this.#pullIntos.length > 0) {
      this.#pullIntos.push(pullInto);
      reader.requests.push(request);
      return;
    }
    if (stream.state === "closed") {
      request.close(new View(buffer, byteOffset, 0));
      return;
    }
    if (this.#total > 0) {
      if (this.#fillFromQueue(pullInto)) {
        const filled = convertPullInto(pullInto);
        this.#handleDrain();
        request.chunk(filled);
        return;
      }
      if (this.#closeRequested) {
        if (pullInto.bytesFilled % elementSize === 0) {
          // Fewer than were asked for, and not the end yet, as on workerd.
          const rest = convertPullInto(pullInto);
          this.#handleDrain();
          request.chunk(rest);
          return;
        }
        const error = new TypeError("There are too few bytes left to fill an element of the view.");
        this.error(error);
        request.error(error);
        return;
      }
    }
    this.#pullIntos.push(pullInto);
    reader.requests.push(request);
    this.#pullIfNeeded();
  }

  #clearPullIntos(): void {
    this.#invalidateRequest();
    this.#pullIntos = [];
  }

  #clearQueue(): void {
    this.#queue.drain();
    this.#total = 0;
  }

  #invalidateRequest(): void {
    const request = this.#request;
    if (request === undefined) return;
    request.controller = undefined;
    request.view = null;
    this.#request = undefined;
  }

  #push(bytes: Uint8Array<ArrayBuffer>): void {
    this.#queue.push(bytes);
    this.#total += bytes.byteLength;
  }

  // ReadableByteStreamControllerEnqueueClonedChunkToQueue
  #pushCloned(buffer: ArrayBuffer, byteOffset: number, byteLength: number): void {
    let clone: Uint8Array<ArrayBuffer>;
    try {
      clone = cloneBytes(new Uint8Array(buffer, byteOffset, byteLength));
    } catch (error) {
      this.error(error);
      throw error;
    }
    this.#push(clone);
  }

  // ReadableByteStreamControllerEnqueueDetachedPullIntoToQueue
  #enqueueDetached(pullInto: PullInto): void {
    if (pullInto.bytesFilled > 0)
      this.#pushCloned(pullInto.buffer, pullInto.byteOffset, pullInto.bytesFilled);
    this.#shiftPullInto();
  }

  #shiftPullInto(): PullInto {
    return this.#pullIntos.shift()!;
  }

  // ReadableByteStreamControllerCommitPullIntoDescriptor
  #commit(pullInto: PullInto): void {
    // The standard calls a read done that ends with fewer bytes than its minimum; on workerd the next one is.
    const done = this.stream.state === "closed" && pullInto.bytesFilled === 0;
    const filled = convertPullInto(pullInto);
    const reader = this.stream.reader!;
    if (reader.kind === "default") {
      const request = (reader as DefaultReader).requests.shift();
      if (done) request.close();
      else request.chunk(filled);
    } else {
      const request = (reader as ByobReader).requests.shift();
      if (done) request.close(filled);
      else request.chunk(filled);
    }
  }

  // ReadableByteStreamControllerFillPullIntoDescriptorFromQueue: whether the descriptor is ready.
  #fillFromQueue(pullInto: PullInto): boolean {
    const most = pullInto.bytesFilled + Math.min(this.#total, pullInto.byteLength - pullInto.bytesFilled);
    const aligned = most - (most % pullInto.elementSize);
    const ready = aligned >= pullInto.minimumFill;
    let remaining = (ready ? aligned : most) - pullInto.bytesFilled;
    const target = new Uint8Array(pullInto.buffer);
    while (remaining > 0) {
      const head = this.#queue.peek();
      const count = Math.min(remaining, head.byteLength);
      const whole = count === head.byteLength;
      setBytes(target, whole ? head : head.subarray(0, count), pullInto.byteOffset + pullInto.bytesFilled);
      if (whole) this.#queue.shift();
      else this.#queue.replaceFirst(head.subarray(count));
      this.#total -= count;
      pullInto.bytesFilled += count;
      remaining -= count;
    }
    return ready;
  }

  // ReadableByteStreamControllerFillReadRequestFromQueue
  #fillRead(request: ReadRequest): void {
    const bytes = this.#queue.shift();
    this.#total -= bytes.byteLength;
    this.#handleDrain();
    request.chunk(bytes);
  }

  // ReadableByteStreamControllerHandleQueueDrain
  #handleDrain(): void {
    if (this.#total === 0) {
      this.#source?.drained?.();
      if (this.#closeRequested) {
        this.#source = undefined;
        closeReadable(this.stream);
        return;
      }
    }
    this.#pullIfNeeded();
  }

  // ReadableByteStreamControllerProcessReadRequestsUsingQueue
  #processReads(): void {
    const { requests } = this.stream.reader as DefaultReader;
    while (requests.length > 0 && this.#total > 0) this.#fillRead(requests.shift());
  }

  // ReadableByteStreamControllerProcessPullIntoDescriptorsUsingQueue
  #processPullIntos(): PullInto[] {
    const filled: PullInto[] = [];
    while (this.#pullIntos.length > 0 && this.#total > 0) {
      if (this.#fillFromQueue(this.#pullIntos[0]!)) filled.push(this.#shiftPullInto());
    }
    if (this.#total === 0) this.#source?.drained?.();
    return filled;
  }

  // ReadableByteStreamControllerRespondInternal
  #respondInternal(bytesWritten: number): void {
    const first = this.#pullIntos[0]!;
    this.#invalidateRequest();
    if (this.stream.state === "closed") this.#respondClosed(first);
    else this.#respondReadable(bytesWritten, first);
    this.#pullIfNeeded();
  }

  #respondClosed(first: PullInto): void {
    if (first.readerType === "none") this.#shiftPullInto();
    const filled: PullInto[] = [];
    for (let count = waitingReadsInto(this.stream); count > 0; count--) filled.push(this.#shiftPullInto());
    for (const pullInto of filled) this.#commit(pullInto);
  }

  #respondReadable(bytesWritten: number, pullInto: PullInto): void {
    pullInto.bytesFilled += bytesWritten;
    if (pullInto.readerType === "none") {
      this.#enqueueDetached(pullInto);
      for (const filled of this.#processPullIntos()) this.#commit(filled);
      return;
    }
    if (pullInto.bytesFilled < pullInto.minimumFill) return;
    this.#shiftPullInto();
    const remainder = pullInto.bytesFilled % pullInto.elementSize;
    if (remainder > 0) {
      const end = pullInto.byteOffset + pullInto.bytesFilled;
      this.#pushCloned(pullInto.buffer, end - remainder, remainder);
    }
    pullInto.bytesFilled -= remainder;
    const others = this.#processPullIntos();
    this.#commit(pullInto);
    for (const filled of others) this.#commit(filled);
  }

  // ReadableByteStreamControllerShouldCallPull
  #shouldPull(): boolean {
    if (this.stream.state !== "readable" || this.#closeRequested || !this.#started) return false;
    const reader = this.stream.reader;
    if (reader !== undefined && reader.requests.length > 0) return true;
    return this.#highWaterMark - this.#total > 0;
  }

  #pullIfNeeded(): void {
    if (!this.#shouldPull()) return;
    if (this.#pulling) {
      this.#pullAgain = true;
      return;
    }
    const source = this.#source;
    if (source?.pull === undefined) return;
    this.#pulling = true;
    this.#onPulled ??= () => this.#pulled();
    this.#onPullFailed ??= reason => this.error(reason);
    upon(source.pull(), this.#onPulled, this.#onPullFailed);
  }

  #pulled(): void {
    this.#pulling = false;
    if (!this.#pullAgain) return;
    this.#pullAgain = false;
    this.#pullIfNeeded();
  }
}

/** CreateReadableByteStream: a stream of the library's own making, started in the next microtask. */
export function createReadableByteStream(source: Source): {
  readonly stream: Readable;
  readonly controller: ByteController;
} {
  const stream = new Readable();
  const controller = new ByteController(stream, source, 0);
  controller.start(undefined);
  return { stream, controller };
}
