/** Tee: one stream read twice (https://streams.spec.whatwg.org/#abstract-opdef-readablestreamtee). */
import { cloneBytes } from "./buffers.ts";
import { type ByteController, createReadableByteStream } from "./byte-controller.ts";
import { Capability, type Outcome, queue, react } from "./promises.ts";
import type { ByobRequest } from "./pull-into.ts";
import { createReadable, type DefaultController } from "./readable-default.ts";
import {
  acquireByobReader,
  acquireDefaultReader,
  type ByobReader,
  cancelReadable,
  type DefaultReader,
  type Readable,
  type Reader,
  type ReadIntoRequest,
  type ReadRequest,
  readDefault,
  releaseReader,
} from "./readable-state.ts";
import { readInto } from "./readers.ts";

/** ReadableStreamTee. With `cloneBytesForSecond`, no buffer is shared by the branches. */
export function tee(stream: Readable, cloneBytesForSecond = false): [Readable, Readable] {
  const length = stream.expectedLength;
  const branches =
    stream.controller.kind === "bytes"
      ? teeBytes(stream)
      : new DefaultTee(stream, cloneBytesForSecond).branches;
  for (const branch of branches) branch.expectedLength = length;
  return branches;
}

/** What both kinds have in common: the second cancellation cancels the source, with both reasons. */
abstract class Tee {
  protected readonly stream: Readable;
  protected readonly canceled: [boolean, boolean] = [false, false];
  readonly #reasons: [unknown, unknown] = [undefined, undefined];
  readonly #cancelation = new Capability();
  protected reading = false;

  constructor(stream: Readable) {
    this.stream = stream;
  }

  protected cancel(branch: 0 | 1, reason: unknown): Promise<void> {
    this.canceled[branch] = true;
    this.#reasons[branch] = reason;
    if (this.canceled[1 - branch]) this.cancelSource([this.#reasons[0], this.#reasons[1]]);
    return this.#cancelation.promise;
  }

  protected cancelSource(reason: unknown): void {
    this.#cancelation.resolve(cancelReadable(this.stream, reason));
  }

  /** A branch that is canceled waits for nothing more: the source is over. */
  protected over(): void {
    if (!this.canceled[0] || !this.canceled[1]) this.#cancelation.resolve();
  }
}

// ReadableStreamDefaultTee
class DefaultTee extends Tee implements ReadRequest {
  readonly branches: [Readable, Readable];
  readonly #reader: DefaultReader;
  readonly #controllers: [DefaultController, DefaultController];
  readonly #cloneBytes: boolean;
  #readAgain = false;

  constructor(stream: Readable, clone: boolean) {
    super(stream);
    this.#cloneBytes = clone;
    this.#reader = acquireDefaultReader(stream);
    const pull = () => this.#pull();
    const first = createReadable({ pull, cancel: reason => this.cancel(0, reason) });
    const second = createReadable({ pull, cancel: reason => this.cancel(1, reason) });
    this.branches = [first.stream, second.stream];
    this.#controllers = [first.controller, second.controller];
    react(this.#reader.closed.promise, undefined, reason => {
      first.controller.error(reason);
      second.controller.error(reason);
      this.over();
    });
  }

  #pull(): Outcome {
    if (this.reading) {
      this.#readAgain = true;
    } else {
      this.reading = true;
      readDefault(this.#reader, this);
    }
    return undefined;
  }

  chunk(chunk: unknown): void {
    // A microtask later, so that an error of the source comes to both branches before the chunk does.
    queue(() => {
      this.#readAgain = false;
      const [first, second] = this.#controllers;
      const other = this.#cloneBytes && ArrayBuffer.isView(chunk) ? cloneBytes(chunk) : chunk;
      if (!this.canceled[0]) first.enqueue(chunk);
      if (!this.canceled[1]) second.enqueue(other);
      this.reading = false;
      if (this.#readAgain) this.#pull();
    });
  }

  close(): void {
    this.reading = false;
    if (!this.canceled[0]) this.#controllers[0].close();
    if (!this.canceled[1]) this.#controllers[1].close();
    this.over();
  }

  error(): void {
    this.reading = false;
  }
}

function teeBytes(stream: Readable): [Readable, Readable] {
  return new ByteTee(stream).branches;
}

// ReadableByteStreamTee
class ByteTee extends Tee {
  readonly branches: [Readable, Readable];
  #reader: Reader;
  readonly #controllers: [ByteController, ByteController];
  readonly #readAgain: [boolean, boolean] = [false, false];

  constructor(stream: Readable) {
    super(stream);
    this.#reader = acquireDefaultReader(stream);
    const first = createReadableByteStream({
      pull: () => this.#pull(0),
      cancel: reason => this.cancel(0, reason),
    });
    const second = createReadableByteStream({
      pull: () => this.#pull(1),
      cancel: reason => this.cancel(1, reason),
    });
    this.branches = [first.stream, second.stream];
    this.#controllers = [first.controller, second.controller];
    this.#forwardError(this.#reader);
  }

  #forwardError(reader: Reader): void {
    react(reader.closed.promise, undefined, reason => {
      if (reader !== this.#reader) return;
      this.#controllers[0].error(reason);
      this.#controllers[1].error(reason);
      this.over();
    });
  }

  #pull(branch: 0 | 1): Outcome {
    if (this.reading) {
      this.#readAgain[branch] = true;
      return undefined;
    }
    this.reading = true;
    const request = this.#controllers[branch].byobRequest;
    if (request === undefined) this.#pullWithDefaultReader();
    else this.#pullWithByobReader(request, branch);
    return undefined;
  }

  #pullAgain(): void {
    this.reading = false;
    if (this.#readAgain[0]) this.#pull(0);
    else if (this.#readAgain[1]) this.#pull(1);
  }

  /** Copies a chunk for the other branch; when there is no memory for it, both fail. */
  #clone(chunk: ArrayBufferView): Uint8Array<ArrayBuffer> | undefined {
    try {
      return cloneBytes(chunk);
    } catch (error) {
      this.#controllers[0].error(error);
      this.#controllers[1].error(error);
      this.cancelSource(error);
      return undefined;
    }
  }

  #pullWithDefaultReader(): void {
    if (this.#reader.kind === "byob") {
      releaseReader(this.#reader);
      this.#reader = acquireDefaultReader(this.stream);
      this.#forwardError(this.#reader);
    }
    const [first, second] = this.#controllers;
    const { canceled } = this;
    const request: ReadRequest = {
      chunk: chunk => {
        queue(() => {
          this.#readAgain[0] = false;
          this.#readAgain[1] = false;
          const bytes = chunk as Uint8Array<ArrayBuffer>;
          let other = bytes;
          if (!canceled[0] && !canceled[1]) {
            const clone = this.#clone(bytes);
            if (clone === undefined) return;
            other = clone;
          }
          if (!canceled[0]) first.enqueue(bytes);
          if (!canceled[1]) second.enqueue(other);
          this.#pullAgain();
        });
      },
      close: () => {
        this.reading = false;
        if (!canceled[0]) first.close();
        if (!canceled[1]) second.close();
        if (first.pendingPullIntos > 0) first.respond(0);
        if (second.pendingPullIntos > 0) second.respond(0);
        this.over();
      },
      error: () => {
        this.reading = false;
      },
    };
    readDefault(this.#reader as DefaultReader, request);
  }

  #pullWithByobReader(byobRequest: ByobRequest, branch: 0 | 1): void {
    if (this.#reader.kind === "default") {
      releaseReader(this.#reader);
      this.#reader = acquireByobReader(this.stream);
      this.#forwardError(this.#reader);
    }
    const otherBranch = branch === 0 ? 1 : 0;
    const byob = this.#controllers[branch];
    const other = this.#controllers[otherBranch];
    const { canceled } = this;
    const request: ReadIntoRequest = {
      chunk: chunk => {
        queue(() => {
          this.#readAgain[0] = false;
          this.#readAgain[1] = false;
          if (!canceled[otherBranch]) {
            const clone = this.#clone(chunk);
            if (clone === undefined) return;
            if (!canceled[branch]) byob.respondWithNewView(chunk);
            other.enqueue(clone);
          } else if (!canceled[branch]) {
            byob.respondWithNewView(chunk);
          }
          this.#pullAgain();
        });
      },
      close: chunk => {
        this.reading = false;
        if (!canceled[branch]) byob.close();
        if (!canceled[otherBranch]) other.close();
        if (chunk !== undefined) {
          if (!canceled[branch]) byob.respondWithNewView(chunk);
          if (!canceled[otherBranch] && other.pendingPullIntos > 0) other.respond(0);
        }
        this.over();
      },
      error: () => {
        this.reading = false;
      },
    };
    readInto(this.#reader as ByobReader, byobRequest.view!, 1, request);
  }
}
