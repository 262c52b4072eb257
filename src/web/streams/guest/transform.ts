/** TransformStream (https://streams.spec.whatwg.org/#ts). */
import {
  callback,
  dictionary,
  exposeInterface,
  illegalConstructor,
  illegalInvocation,
  object,
} from "../../../guest/webidl.ts";
import {
  Capability,
  callAlgorithm,
  invoke,
  type Outcome,
  react,
  rejectedWith,
  resolvedWith,
  settled,
} from "./promises.ts";
import { exposeReadable, type ReadableStream } from "./readable.ts";
import { createReadable, type DefaultController } from "./readable-default.ts";
import type { Readable } from "./readable-state.ts";
import { highWaterMarkOf, type SizeAlgorithm, sizeAlgorithmOf, toQueuingStrategy } from "./strategies.ts";
import { exposeWritable, type WritableStream } from "./writable.ts";
import { createWritable, type Writable } from "./writable-state.ts";

interface TransformerMethods {
  readonly cancel?: unknown;
  readonly flush?: unknown;
  readonly readableType?: unknown;
  readonly start?: unknown;
  readonly transform?: unknown;
  readonly writableType?: unknown;
}

const toTransformer = dictionary<TransformerMethods>("Transformer", [
  { key: "cancel", converter: callback },
  { key: "flush", converter: callback },
  { key: "readableType", converter: value => value },
  { key: "start", converter: callback },
  { key: "transform", converter: callback },
  { key: "writableType", converter: value => value },
]);

/** The transformer, as the stream calls it. */
interface Transformer {
  transform?(chunk: unknown): Outcome;
  flush?(): Outcome;
  cancel?(reason: unknown): Outcome;
}

const NONE: Transformer = {};
const NO_METHODS: TransformerMethods = {};

interface Marks {
  readonly writableMark: number;
  readonly writableSize: SizeAlgorithm | undefined;
  readonly readableMark: number;
  readonly readableSize: SizeAlgorithm | undefined;
}

/** The state behind a TransformStream and its controller, and their abstract operations as methods. */
class Transform {
  readonly readable: Readable;
  readonly writable: Writable;
  readonly source: DefaultController;
  transformer: Transformer = NONE;
  #backpressure = false;
  #backpressureChange: Capability | undefined;
  #finish: Capability | undefined;

  // InitializeTransformStream
  constructor(started: Promise<unknown>, marks: Marks) {
    this.writable = createWritable(
      {
        write: chunk => this.#write(chunk),
        abort: reason => this.#abort(reason),
        close: () => this.#close(),
      },
      resolvedWith(started),
      marks.writableMark,
      marks.writableSize,
    );
    const { stream, controller } = createReadable(
      { pull: () => this.#pull(), cancel: reason => this.#cancel(reason) },
      resolvedWith(started),
      marks.readableMark,
      marks.readableSize,
    );
    this.readable = stream;
    this.source = controller;
    this.#setBackpressure(true);
  }

  get desiredSize(): number | null {
    return this.source.desiredSize;
  }

  /** TransformStreamDefaultControllerEnqueue. */
  enqueue(chunk: unknown): void {
    if (!this.source.canCloseOrEnqueue)
      throw new TypeError("Unable to enqueue: the readable side is closed.");
    try {
      this.source.enqueue(chunk);
    } catch (error) {
      this.#errorWritable(error);
      throw this.readable.storedError;
    }
    if (this.source.backpressure !== this.#backpressure) this.#setBackpressure(true);
  }

  /** TransformStreamError. */
  error(reason: unknown): void {
    this.source.error(reason);
    this.#errorWritable(reason);
  }

  /** TransformStreamDefaultControllerTerminate. */
  terminate(): void {
    this.source.close();
    this.#errorWritable(new TypeError("The transform stream has been terminated."));
  }

  // TransformStreamErrorWritableAndUnblockWrite
  #errorWritable(reason: unknown): void {
    this.transformer = NONE;
    this.writable.controller.errorIfNeeded(reason);
    this.#unblock();
  }

  #unblock(): void {
    if (this.#backpressure) this.#setBackpressure(false);
  }

  #setBackpressure(backpressure: boolean): void {
    this.#backpressureChange?.resolve();
    this.#backpressureChange = undefined;
    this.#backpressure = backpressure;
  }

  /** The promise of the next change, made when somebody waits for it. */
  #change(): Promise<void> {
    this.#backpressureChange ??= new Capability();
    return this.#backpressureChange.promise;
  }

  // TransformStreamDefaultSinkWriteAlgorithm
  #write(chunk: unknown): Outcome {
    if (!this.#backpressure) return this.#perform(chunk);
    return react(this.#change(), () => {
      if (this.writable.state === "erroring") throw this.writable.storedError;
      return this.#perform(chunk) ?? settled;
    });
  }

  // TransformStreamDefaultControllerPerformTransform
  #perform(chunk: unknown): Outcome {
    const { transformer } = this;
    let outcome: Outcome;
    if (transformer.transform !== undefined) {
      outcome = transformer.transform(chunk);
      if (outcome === undefined) return undefined;
    } else {
      try {
        this.enqueue(chunk);
        return undefined;
      } catch (error) {
        outcome = rejectedWith(error);
      }
    }
    return react(outcome, undefined, reason => {
      this.error(reason);
      throw reason;
    });
  }

  // TransformStreamDefaultSinkAbortAlgorithm
  #abort(reason: unknown): Outcome {
    return this.#finishWith(
      () => this.transformer.cancel?.(reason),
      () => {
        if (this.readable.state === "errored") throw this.readable.storedError;
        this.source.error(reason);
      },
      failure => this.source.error(failure),
    );
  }

  // TransformStreamDefaultSinkCloseAlgorithm
  #close(): Outcome {
    return this.#finishWith(
      () => this.transformer.flush?.(),
      () => {
        if (this.readable.state === "errored") throw this.readable.storedError;
        this.source.close();
      },
      failure => this.source.error(failure),
    );
  }

  // TransformStreamDefaultSourceCancelAlgorithm
  #cancel(reason: unknown): Outcome {
    const errorWritable = (error: unknown) => {
      this.writable.controller.errorIfNeeded(error);
      this.#unblock();
    };
    return this.#finishWith(
      () => this.transformer.cancel?.(reason),
      () => {
        if (this.writable.state === "errored") throw this.writable.storedError;
        errorWritable(reason);
      },
      errorWritable,
    );
  }

  /** What the three ways to end have in common: only the first of them happens. */
  #finishWith(last: () => Outcome, succeed: () => void, fail: (reason: unknown) => void): Outcome {
    if (this.#finish !== undefined) return this.#finish.promise;
    const finish = new Capability();
    this.#finish = finish;
    const outcome = last();
    this.transformer = NONE;
    react(
      outcome ?? settled,
      () => {
        try {
          succeed();
          finish.resolve();
        } catch (error) {
          finish.reject(error);
        }
      },
      reason => {
        fail(reason);
        finish.reject(reason);
      },
    );
    return finish.promise;
  }

  // TransformStreamDefaultSourcePullAlgorithm
  #pull(): Outcome {
    this.#setBackpressure(false);
    return this.#change();
  }
}

/** A pair of streams: what is written to one, transformed, comes out of the other. */
export class TransformStream {
  readonly #readable: ReadableStream;
  readonly #writable: WritableStream;

  constructor(
    transformer: unknown = undefined,
    writableStrategy: unknown = undefined,
    readableStrategy: unknown = undefined,
  ) {
    if (transformer instanceof StreamPair) {
      this.#readable = transformer.readable;
      this.#writable = transformer.writable;
      return;
    }
    const where = "Failed to construct 'TransformStream': constructor parameter";
    if (transformer !== undefined && transformer !== null) object(transformer, `${where} 1`);
    const forWritable = toQueuingStrategy(writableStrategy, `${where} 2`);
    const forReadable = toQueuingStrategy(readableStrategy, `${where} 3`);
    const methods = transformer === undefined ? NO_METHODS : toTransformer(transformer, `${where} 1`);
    if (methods.readableType !== undefined)
      throw new RangeError("transformer.readableType must be undefined.");
    if (methods.writableType !== undefined)
      throw new RangeError("transformer.writableType must be undefined.");
    const readableMark = highWaterMarkOf(forReadable, 0);
    const readableSize = sizeAlgorithmOf(forReadable);
    const writableMark = highWaterMarkOf(forWritable, 1);
    const writableSize = sizeAlgorithmOf(forWritable);
    const start = new Capability<unknown>();
    const state = new Transform(start.promise, { writableMark, writableSize, readableMark, readableSize });
    let exposed: TransformStreamDefaultController | undefined;
    const expose = () => (exposed ??= new TransformStreamDefaultController(state));
    state.transformer = scriptTransformer(transformer, methods, expose);
    this.#readable = exposeReadable(state.readable);
    this.#writable = exposeWritable(state.writable);
    start.resolve(methods.start === undefined ? undefined : invoke(methods.start, transformer, expose()));
  }

  get readable(): ReadableStream {
    if (!(#readable in this)) throw illegalInvocation();
    return this.#readable;
  }

  get writable(): WritableStream {
    if (!(#readable in this)) throw illegalInvocation();
    return this.#writable;
  }
}

/** Two sides that the library made, for a class that extends TransformStream. */
export class StreamPair {
  readonly readable: ReadableStream;
  readonly writable: WritableStream;

  constructor(readable: Readable, writable: Writable) {
    this.readable = exposeReadable(readable);
    this.writable = exposeWritable(writable);
  }
}

function scriptTransformer(
  self: unknown,
  methods: TransformerMethods,
  controller: () => object,
): Transformer {
  const { transform, flush, cancel } = methods;
  const transformer: Transformer = {};
  if (transform !== undefined)
    transformer.transform = chunk => callAlgorithm(transform, self, [chunk, controller()]);
  if (flush !== undefined) transformer.flush = () => callAlgorithm(flush, self, [controller()]);
  if (cancel !== undefined) transformer.cancel = reason => callAlgorithm(cancel, self, [reason]);
  return transformer;
}

/** What a transformer is given. */
export class TransformStreamDefaultController {
  readonly #state: Transform;

  constructor(state: Transform | undefined = undefined) {
    if (!(state instanceof Transform)) throw illegalConstructor();
    this.#state = state;
  }

  get desiredSize(): number | null {
    if (!(#state in this)) throw illegalInvocation();
    return this.#state.desiredSize;
  }

  enqueue(chunk: unknown = undefined): void {
    if (!(#state in this)) throw illegalInvocation();
    this.#state.enqueue(chunk);
  }

  error(reason: unknown = undefined): void {
    if (!(#state in this)) throw illegalInvocation();
    this.#state.error(reason);
  }

  terminate(): void {
    if (!(#state in this)) throw illegalInvocation();
    this.#state.terminate();
  }
}

exposeInterface(TransformStream);
exposeInterface(TransformStreamDefaultController);
