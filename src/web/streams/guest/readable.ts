/** ReadableStream (https://streams.spec.whatwg.org/#rs). */
import {
  boolean,
  type Converter,
  callback,
  dictionary,
  exposeInterface,
  illegalInvocation,
  object,
  requireArguments,
  unsignedLongLongEnforce,
} from "../../../guest/webidl.ts";
import { isSignal } from "../../abort/guest.ts";
import { ByteController } from "./byte-controller.ts";
import { iterate, readableFrom } from "./iteration.ts";
import { type PipeOptions, pipe } from "./pipe.ts";
import { invoke, isObject, markHandled, rejectedWith, resolvedWith } from "./promises.ts";
import { ReadableByteStreamController } from "./readable-byte.ts";
import {
  DefaultController,
  ReadableStreamDefaultController,
  ScriptSource,
  type UnderlyingSource,
} from "./readable-default.ts";
import { cancelReadable, lockedError, Readable, setReadableOf } from "./readable-state.ts";
import { ReadableStreamBYOBReader, ReadableStreamDefaultReader } from "./readers.ts";
import { highWaterMarkOf, type QueuingStrategy, sizeAlgorithmOf, toQueuingStrategy } from "./strategies.ts";
import { tee } from "./tee.ts";
import type { WritableStream } from "./writable.ts";
import { lockedWritableError, type Writable, writableOf } from "./writable-state.ts";

const toUnderlyingSource = dictionary<UnderlyingSource>("UnderlyingSource", [
  { key: "autoAllocateChunkSize", converter: unsignedLongLongEnforce },
  { key: "cancel", converter: callback },
  { key: "pull", converter: callback },
  { key: "start", converter: callback },
  {
    key: "type",
    converter: value => {
      if (String(value) !== "bytes")
        throw new TypeError(`"${String(value)}" is not a valid type of ReadableStream.`);
      return "bytes";
    },
  },
]);

const toGetReaderOptions = dictionary<{ readonly mode?: "byob" }>("ReadableStreamGetReaderOptions", [
  {
    key: "mode",
    converter: value => {
      if (String(value) === "byob") return "byob";
      throw new TypeError("mode must be undefined or 'byob' in call to getReader().");
    },
  },
]);

const toIteratorOptions = dictionary<{ readonly preventCancel: boolean }>("ReadableStreamIteratorOptions", [
  { key: "preventCancel", converter: boolean, defaultValue: () => false },
]);

const toPipeOptions = dictionary<PipeOptions>("StreamPipeOptions", [
  { key: "preventAbort", converter: boolean, defaultValue: () => false },
  { key: "preventCancel", converter: boolean, defaultValue: () => false },
  { key: "preventClose", converter: boolean, defaultValue: () => false },
  {
    key: "signal",
    converter: (value, context) => {
      if (!isSignal(value)) throw new TypeError(`${context ?? "signal"} is not of type 'AbortSignal'.`);
      return value;
    },
  },
]);

const toReadable: Converter<ReadableStream> = (value, context) => {
  if (!isReadableStream(value)) throw new TypeError(`${context ?? "value"} is not of type 'ReadableStream'.`);
  return value;
};

const toWritable: Converter<Writable> = (value, context) => {
  const state = writableOf(value);
  if (state === undefined) throw new TypeError(`${context ?? "value"} is not of type 'WritableStream'.`);
  return state;
};

const toPair = dictionary<{ readonly readable: ReadableStream; readonly writable: Writable }>(
  "ReadableWritablePair",
  [
    { key: "readable", converter: toReadable, required: true },
    { key: "writable", converter: toWritable, required: true },
  ],
);

export let isReadableStream: (value: unknown) => value is ReadableStream;

/** A source of chunks. */
export class ReadableStream {
  readonly #state: Readable;
  /** The same function as `values`. */
  declare readonly [Symbol.asyncIterator]: (options?: { preventCancel?: boolean }) => AsyncIterator<unknown>;

  static {
    isReadableStream = (value): value is ReadableStream => isObject(value) && #state in value;
    setReadableOf(value => (isObject(value) && #state in value ? value.#state : undefined));
  }

  static from(iterable: unknown): ReadableStream {
    requireArguments(arguments.length, 1, "Failed to execute 'from' on 'ReadableStream'");
    return exposeReadable(readableFrom(iterable));
  }

  constructor(underlyingSource: unknown = undefined, strategy: unknown = undefined) {
    if (underlyingSource instanceof Readable) {
      this.#state = underlyingSource;
      return;
    }
    const where = "Failed to construct 'ReadableStream': constructor parameter";
    if (underlyingSource !== undefined && underlyingSource !== null) object(underlyingSource, `${where} 1`);
    const converted = toQueuingStrategy(strategy, `${where} 2`);
    const methods = toUnderlyingSource(underlyingSource, `${where} 1`);
    this.#state = new Readable();
    if (methods.type === "bytes") startBytes(this.#state, underlyingSource, methods, converted);
    else startDefault(this.#state, underlyingSource, methods, converted);
  }

  get locked(): boolean {
    if (!(#state in this)) throw illegalInvocation();
    return this.#state.reader !== undefined;
  }

  cancel(reason: unknown = undefined): Promise<void> {
    if (!isObject(this) || !(#state in this)) return rejectedWith(illegalInvocation());
    return this.#state.reader === undefined
      ? cancelReadable(this.#state, reason)
      : rejectedWith(lockedError());
  }

  getReader(): ReadableStreamDefaultReader;
  getReader(options: { readonly mode: "byob" }): ReadableStreamBYOBReader;
  getReader(options: unknown = undefined): ReadableStreamDefaultReader | ReadableStreamBYOBReader {
    if (!(#state in this)) throw illegalInvocation();
    if (options === undefined) return new ReadableStreamDefaultReader(this);
    const { mode } = toGetReaderOptions(
      options,
      "Failed to execute 'getReader' on 'ReadableStream': parameter 1",
    );
    return mode === undefined ? new ReadableStreamDefaultReader(this) : new ReadableStreamBYOBReader(this);
  }

  pipeThrough(
    transform: { readable: ReadableStream; writable: WritableStream },
    options: unknown = undefined,
  ): ReadableStream {
    if (!(#state in this)) throw illegalInvocation();
    const where = "Failed to execute 'pipeThrough' on 'ReadableStream'";
    requireArguments(arguments.length, 1, where);
    const { readable, writable } = toPair(transform, `${where}: parameter 1`);
    const converted = toPipeOptions(options, `${where}: parameter 2`);
    if (this.#state.reader !== undefined) throw lockedError();
    if (writable.writer !== undefined) throw lockedWritableError();
    markHandled(pipe(this.#state, writable, converted));
    return readable;
  }

  pipeTo(destination: WritableStream, options: unknown = undefined): Promise<void> {
    if (!isObject(this) || !(#state in this)) return rejectedWith(illegalInvocation());
    try {
      const where = "Failed to execute 'pipeTo' on 'ReadableStream'";
      requireArguments(arguments.length, 1, where);
      const writable = toWritable(destination, `${where}: parameter 1`);
      const converted = toPipeOptions(options, `${where}: parameter 2`);
      if (this.#state.reader !== undefined) throw lockedError();
      if (writable.writer !== undefined) throw lockedWritableError();
      return pipe(this.#state, writable, converted);
    } catch (error) {
      return rejectedWith(error);
    }
  }

  tee(): [ReadableStream, ReadableStream] {
    if (!(#state in this)) throw illegalInvocation();
    const [first, second] = tee(this.#state);
    return [exposeReadable(first), exposeReadable(second)];
  }

  values(options: unknown = undefined): AsyncIterator<unknown> {
    if (!(#state in this)) throw illegalInvocation();
    const where = "Failed to execute 'values' on 'ReadableStream': parameter 1";
    return iterate(this.#state, toIteratorOptions(options, where).preventCancel);
  }
}

exposeInterface(ReadableStream);
Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, {
  value: ReadableStream.prototype.values,
  writable: true,
  configurable: true,
});

/** The object that scripts see for a stream of the library's own making. */
export function exposeReadable(state: Readable): ReadableStream {
  return new ReadableStream(state);
}

// SetUpReadableStreamDefaultControllerFromUnderlyingSource
function startDefault(
  stream: Readable,
  self: unknown,
  methods: UnderlyingSource,
  strategy: QueuingStrategy,
): void {
  const size = sizeAlgorithmOf(strategy);
  const highWaterMark = highWaterMarkOf(strategy, 1);
  let exposed: ReadableStreamDefaultController | undefined;
  const expose = () => (exposed ??= new ReadableStreamDefaultController(controller));
  const source = new ScriptSource(self, methods, expose);
  const controller = new DefaultController(stream, source, highWaterMark, size);
  if (methods.start === undefined) controller.start(undefined);
  else controller.start(resolvedWith(invoke(methods.start, self, expose())));
}

// SetUpReadableByteStreamControllerFromUnderlyingSource
function startBytes(
  stream: Readable,
  self: unknown,
  methods: UnderlyingSource,
  strategy: QueuingStrategy,
): void {
  if (strategy.size !== undefined)
    throw new RangeError("The strategy of a byte stream must not have a size function.");
  const highWaterMark = highWaterMarkOf(strategy, 0);
  if (methods.autoAllocateChunkSize === 0)
    throw new TypeError("autoAllocateChunkSize must be greater than 0.");
  let exposed: ReadableByteStreamController | undefined;
  const expose = () => (exposed ??= new ReadableByteStreamController(controller));
  const source = new ScriptSource(self, methods, expose);
  const controller = new ByteController(stream, source, highWaterMark, methods.autoAllocateChunkSize);
  if (methods.start === undefined) controller.start(undefined);
  else controller.start(resolvedWith(invoke(methods.start, self, expose())));
}
