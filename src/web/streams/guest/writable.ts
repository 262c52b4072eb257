/** WritableStream, its writer and its controller (https://streams.spec.whatwg.org/#ws). */
import {
  callback,
  dictionary,
  exposeInterface,
  illegalConstructor,
  illegalInvocation,
  object,
  requireArguments,
} from "../../../guest/webidl.ts";
import type { AbortSignal } from "../../abort/guest.ts";
import { callAlgorithm, invoke, isObject, type Outcome, rejectedWith, resolvedWith } from "./promises.ts";
import { highWaterMarkOf, sizeAlgorithmOf, toQueuingStrategy } from "./strategies.ts";
import {
  acquireWriter,
  closedWritableError,
  desiredSizeOf,
  lockedWritableError,
  releasedWriterError,
  releaseWriter,
  type Sink,
  setWritableOf,
  type Waiter,
  Writable,
  WritableController,
  type Writer,
  writableOf,
  write,
} from "./writable-state.ts";

interface UnderlyingSink {
  readonly abort?: unknown;
  readonly close?: unknown;
  readonly start?: unknown;
  readonly type?: unknown;
  readonly write?: unknown;
}

const toUnderlyingSink = dictionary<UnderlyingSink>("UnderlyingSink", [
  { key: "abort", converter: callback },
  { key: "close", converter: callback },
  { key: "start", converter: callback },
  { key: "type", converter: value => value },
  { key: "write", converter: callback },
]);

/** The sink that calls a script's methods. */
class ScriptSink implements Sink {
  readonly write: ((chunk: unknown) => Outcome) | undefined;
  readonly close: (() => Outcome) | undefined;
  readonly abort: ((reason: unknown) => Outcome) | undefined;

  constructor(self: unknown, methods: UnderlyingSink, controller: () => object) {
    const { write, close, abort } = methods;
    this.write = write === undefined ? undefined : chunk => callAlgorithm(write, self, [chunk, controller()]);
    this.close = close === undefined ? undefined : () => callAlgorithm(close, self, []);
    this.abort = abort === undefined ? undefined : reason => callAlgorithm(abort, self, [reason]);
  }
}

/** A destination for chunks. */
export class WritableStream {
  readonly #state: Writable;

  static {
    setWritableOf(value => (isObject(value) && #state in value ? value.#state : undefined));
  }

  constructor(underlyingSink: unknown = undefined, strategy: unknown = undefined) {
    if (underlyingSink instanceof Writable) {
      this.#state = underlyingSink;
      return;
    }
    const where = "Failed to construct 'WritableStream': constructor parameter";
    if (underlyingSink !== undefined && underlyingSink !== null) object(underlyingSink, `${where} 1`);
    const converted = toQueuingStrategy(strategy, `${where} 2`);
    const methods = toUnderlyingSink(underlyingSink, `${where} 1`);
    if (methods.type !== undefined) throw new RangeError("The type of an underlying sink must be undefined.");
    const size = sizeAlgorithmOf(converted);
    const highWaterMark = highWaterMarkOf(converted, 1);
    const stream = new Writable();
    this.#state = stream;
    let exposed: WritableStreamDefaultController | undefined;
    const expose = () => (exposed ??= new WritableStreamDefaultController(controller));
    const controller = new WritableController(
      stream,
      new ScriptSink(underlyingSink, methods, expose),
      highWaterMark,
      size,
    );
    if (methods.start === undefined) controller.start(undefined);
    else controller.start(resolvedWith(invoke(methods.start, underlyingSink, expose())));
  }

  get locked(): boolean {
    if (!(#state in this)) throw illegalInvocation();
    return this.#state.writer !== undefined;
  }

  abort(reason: unknown = undefined): Promise<void> {
    if (!isObject(this) || !(#state in this)) return rejectedWith(illegalInvocation());
    return this.#state.writer === undefined ? this.#state.abort(reason) : rejectedWith(lockedWritableError());
  }

  close(): Promise<void> {
    if (!isObject(this) || !(#state in this)) return rejectedWith(illegalInvocation());
    if (this.#state.writer !== undefined) return rejectedWith(lockedWritableError());
    return this.#state.closeQueuedOrInFlight ? rejectedWith(closedWritableError()) : this.#state.close();
  }

  getWriter(): WritableStreamDefaultWriter {
    if (!(#state in this)) throw illegalInvocation();
    return new WritableStreamDefaultWriter(this);
  }
}

/** The object that scripts see for a stream of the library's own making. */
export function exposeWritable(state: Writable): WritableStream {
  return new WritableStream(state);
}

/** A write or a close that a script waits for. */
class PromisedWrite implements Waiter {
  resolve!: () => void;
  reject!: (reason: unknown) => void;
  readonly promise: Promise<void> = new Promise((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

/** Writes to a stream that it has locked. */
export class WritableStreamDefaultWriter {
  readonly #state: Writer;

  constructor(stream: unknown) {
    const where = "Failed to construct 'WritableStreamDefaultWriter'";
    requireArguments(arguments.length, 1, where);
    const writable = writableOf(stream);
    if (writable === undefined) {
      throw new TypeError(`${where}: constructor parameter 1 is not of type 'WritableStream'.`);
    }
    this.#state = acquireWriter(writable);
  }

  get closed(): Promise<void> {
    if (!isObject(this) || !(#state in this)) return rejectedWith(illegalInvocation());
    return this.#state.closed.promise;
  }

  get desiredSize(): number | null {
    if (!(#state in this)) throw illegalInvocation();
    const { stream } = this.#state;
    if (stream === undefined) throw releasedWriterError();
    return desiredSizeOf(stream);
  }

  get ready(): Promise<void> {
    if (!isObject(this) || !(#state in this)) return rejectedWith(illegalInvocation());
    return this.#state.ready.promise;
  }

  abort(reason: unknown = undefined): Promise<void> {
    if (!isObject(this) || !(#state in this)) return rejectedWith(illegalInvocation());
    const { stream } = this.#state;
    return stream === undefined ? rejectedWith(releasedWriterError()) : stream.abort(reason);
  }

  close(): Promise<void> {
    if (!isObject(this) || !(#state in this)) return rejectedWith(illegalInvocation());
    const { stream } = this.#state;
    if (stream === undefined) return rejectedWith(releasedWriterError());
    return stream.closeQueuedOrInFlight ? rejectedWith(closedWritableError()) : stream.close();
  }

  releaseLock(): void {
    if (!(#state in this)) throw illegalInvocation();
    if (this.#state.stream !== undefined) releaseWriter(this.#state);
  }

  write(chunk: unknown = undefined): Promise<void> {
    if (!isObject(this) || !(#state in this)) return rejectedWith(illegalInvocation());
    if (this.#state.stream === undefined) return rejectedWith(releasedWriterError());
    const request = new PromisedWrite();
    write(this.#state, chunk, request);
    return request.promise;
  }
}

/** What a sink is given. */
export class WritableStreamDefaultController {
  readonly #state: WritableController;

  constructor(state: WritableController | undefined = undefined) {
    if (!(state instanceof WritableController)) throw illegalConstructor();
    this.#state = state;
  }

  get signal(): AbortSignal {
    if (!(#state in this)) throw illegalInvocation();
    return this.#state.signal;
  }

  error(reason: unknown = undefined): void {
    if (!(#state in this)) throw illegalInvocation();
    this.#state.errorIfNeeded(reason);
  }
}

exposeInterface(WritableStream);
exposeInterface(WritableStreamDefaultWriter);
exposeInterface(WritableStreamDefaultController);
