/** Readers (https://streams.spec.whatwg.org/#default-reader-class, #byob-reader-class). */
import {
  type Converter,
  dictionary,
  exposeInterface,
  illegalInvocation,
  requireArguments,
  unsignedLongEnforce,
  unsignedLongLongEnforce,
} from "../../../guest/webidl.ts";
import { isDetached, viewConstructorOf } from "./buffers.ts";
import type { ByteController } from "./byte-controller.ts";
import { fulfilledWith, isObject, rejectedWith } from "./promises.ts";
import { requireView } from "./readable-byte.ts";
import {
  acquireByobReader,
  acquireDefaultReader,
  type ByobReader,
  cancelReadable,
  type DefaultReader,
  type Readable,
  type ReadIntoRequest,
  type ReadRequest,
  readableOf,
  readDefault,
  releasedError,
  releaseReader,
} from "./readable-state.ts";

export interface ReadResult<T = unknown> {
  readonly done: boolean;
  readonly value: T | undefined;
}

/** A read whose outcome is a promise; one that is answered at once needs no resolving functions. */
class PromisedRead implements ReadRequest, ReadIntoRequest {
  #promise: Promise<ReadResult> | undefined;
  #resolve: ((result: ReadResult) => void) | undefined;
  #reject: ((reason: unknown) => void) | undefined;

  get promise(): Promise<ReadResult> {
    this.#promise ??= new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    return this.#promise;
  }

  chunk(value: unknown): void {
    this.#fulfil({ done: false, value });
  }

  close(value?: ArrayBufferView): void {
    this.#fulfil({ done: true, value });
  }

  error(reason: unknown): void {
    if (this.#reject === undefined) this.#promise = rejectedWith(reason);
    else this.#reject(reason);
  }

  #fulfil(result: ReadResult): void {
    if (this.#resolve === undefined) this.#promise = fulfilledWith(result);
    else this.#resolve(result);
  }
}

/** Reads the next chunk, whatever it is. */
export class ReadableStreamDefaultReader {
  readonly #state: DefaultReader;

  constructor(stream: unknown) {
    this.#state = acquireDefaultReader(
      requireReadable(stream, "ReadableStreamDefaultReader", arguments.length),
    );
  }

  get closed(): Promise<void> {
    if (!isObject(this) || !(#state in this)) return rejectedWith(illegalInvocation());
    return this.#state.closed.promise;
  }

  cancel(reason: unknown = undefined): Promise<void> {
    if (!isObject(this) || !(#state in this)) return rejectedWith(illegalInvocation());
    const { stream } = this.#state;
    return stream === undefined ? rejectedWith(releasedError()) : cancelReadable(stream, reason);
  }

  read(): Promise<ReadResult> {
    if (!isObject(this) || !(#state in this)) return rejectedWith(illegalInvocation());
    if (this.#state.stream === undefined) return rejectedWith(releasedError());
    const request = new PromisedRead();
    readDefault(this.#state, request);
    return request.promise;
  }

  releaseLock(): void {
    if (!(#state in this)) throw illegalInvocation();
    if (this.#state.stream !== undefined) releaseReader(this.#state);
  }
}

interface ByobReadOptions {
  readonly min: number;
}

const toByobReadOptions: Converter<ByobReadOptions> = dictionary("ReadableStreamBYOBReaderReadOptions", [
  { key: "min", converter: unsignedLongLongEnforce, defaultValue: () => 1 },
]);

/** Reads bytes into views that the caller supplies ("bring your own buffer"). */
export class ReadableStreamBYOBReader {
  readonly #state: ByobReader;

  constructor(stream: unknown) {
    this.#state = acquireByobReader(requireReadable(stream, "ReadableStreamBYOBReader", arguments.length));
  }

  get closed(): Promise<void> {
    if (!isObject(this) || !(#state in this)) return rejectedWith(illegalInvocation());
    return this.#state.closed.promise;
  }

  cancel(reason: unknown = undefined): Promise<void> {
    if (!isObject(this) || !(#state in this)) return rejectedWith(illegalInvocation());
    const { stream } = this.#state;
    return stream === undefined ? rejectedWith(releasedError()) : cancelReadable(stream, reason);
  }

  read(view: ArrayBufferView, options: unknown = undefined): Promise<ReadResult> {
    if (!isObject(this) || !(#state in this)) return rejectedWith(illegalInvocation());
    try {
      const where = "Failed to execute 'read' on 'ReadableStreamBYOBReader'";
      requireArguments(arguments.length, 1, where);
      requireView(view, where, 1);
      const { min } = toByobReadOptions(options, `${where}: parameter 2`);
      if (min === 0) throw new TypeError("Requested invalid minimum number of elements to read (0).");
      return this.#read(view, min);
    } catch (error) {
      return rejectedWith(error);
    }
  }

  /** Reads at least `minimum` elements, fewer only at the end of the stream; an extension of workerd's. */
  readAtLeast(minimum: number, view: ArrayBufferView): Promise<ReadResult> {
    if (!isObject(this) || !(#state in this)) return rejectedWith(illegalInvocation());
    try {
      const where = "Failed to execute 'readAtLeast' on 'ReadableStreamBYOBReader'";
      const min = unsignedLongEnforce(minimum, `${where}: parameter 1`);
      requireView(view, where, 2);
      if (min === 0) throw new TypeError("Requested invalid minimum number of bytes to read (0).");
      return this.#read(view, min);
    } catch (error) {
      return rejectedWith(error);
    }
  }

  releaseLock(): void {
    if (!(#state in this)) throw illegalInvocation();
    if (this.#state.stream !== undefined) releaseReader(this.#state);
  }

  #read(view: ArrayBufferView, min: number): Promise<ReadResult> {
    if (view.byteLength === 0 || view.buffer.byteLength === 0) {
      const detached = isDetached(view.buffer as ArrayBuffer) ? " that is not detached" : "";
      throw new TypeError(
        `You must call read() on a "byob" reader with a positive-sized TypedArray object${detached}.`,
      );
    }
    const room = view.byteLength / (viewConstructorOf(view).BYTES_PER_ELEMENT ?? 1);
    if (min > room) {
      throw new RangeError(`Minimum elements to read (${min}) exceeds size of buffer (${room}).`);
    }
    if (this.#state.stream === undefined) throw releasedError();
    const request = new PromisedRead();
    readInto(this.#state, view, min, request);
    return request.promise;
  }
}

/** ReadableStreamBYOBReaderRead. */
export function readInto(
  reader: ByobReader,
  view: ArrayBufferView,
  min: number,
  request: ReadIntoRequest,
): void {
  const stream = reader.stream!;
  stream.disturbed = true;
  if (stream.state === "errored") request.error(stream.storedError);
  else (stream.controller as ByteController).pullInto(view, min, request);
}

function requireReadable(value: unknown, name: string, given: number): Readable {
  const where = `Failed to construct '${name}'`;
  requireArguments(given, 1, where);
  const stream = readableOf(value);
  if (stream === undefined)
    throw new TypeError(`${where}: constructor parameter 1 is not of type 'ReadableStream'.`);
  return stream;
}

exposeInterface(ReadableStreamDefaultReader);
exposeInterface(ReadableStreamBYOBReader);
