/** Pipes (https://streams.spec.whatwg.org/#readable-stream-pipe-to). */
import { type AbortSignal, onAbort } from "../../abort/guest.ts";
import { Capability, type Outcome, queue, react, settled } from "./promises.ts";
import {
  acquireDefaultReader,
  cancelReadable,
  type DefaultReader,
  type Readable,
  type ReadRequest,
  readDefault,
  releaseReader,
} from "./readable-state.ts";
import {
  acquireWriter,
  closedWritableError,
  closeWithErrorPropagation,
  releaseWriter,
  type Waiter,
  type Writable,
  type Writer,
  write,
} from "./writable-state.ts";

/** StreamPipeOptions, converted. */
export interface PipeOptions {
  readonly preventAbort: boolean;
  readonly preventCancel: boolean;
  readonly preventClose: boolean;
  readonly signal?: AbortSignal;
}

/** ReadableStreamPipeTo. */
export function pipe(source: Readable, destination: Writable, options: PipeOptions): Promise<void> {
  return new Pipe(source, destination, options).promise;
}

class Pipe implements ReadRequest, Waiter {
  readonly #source: Readable;
  readonly #destination: Writable;
  readonly #options: PipeOptions;
  readonly #reader: DefaultReader;
  readonly #writer: Writer;
  readonly #capability = new Capability();
  #shuttingDown = false;
  /** Chunks that were read and are not written yet, those whose write is under way included. */
  #unwritten = 0;
  #onWritten: (() => void) | undefined;
  #resumeAfterWrite = false;
  #forgetSignal: (() => void) | undefined;
  readonly #step = (): void => this.#next();

  constructor(source: Readable, destination: Writable, options: PipeOptions) {
    this.#source = source;
    this.#destination = destination;
    this.#options = options;
    this.#reader = acquireDefaultReader(source);
    this.#writer = acquireWriter(destination);
    source.disturbed = true;
    const { signal } = options;
    if (signal !== undefined) {
      if (signal.aborted) {
        this.#abort(signal.reason);
        return;
      }
      this.#forgetSignal = onAbort(signal, reason => this.#abort(reason));
    }
    this.#watch();
    this.#next();
  }

  get promise(): Promise<void> {
    return this.#capability.promise;
  }

  /** Errors and closing must be propagated, in this order of precedence. */
  #watch(): void {
    const source = this.#source;
    const destination = this.#destination;
    const failed = (reason: unknown) => {
      if (this.#options.preventAbort) this.#shutDown(undefined, true, reason);
      else this.#shutDown(() => destination.abort(reason), true, reason);
    };
    const destinationFailed = (reason: unknown) => {
      if (this.#options.preventCancel) this.#shutDown(undefined, true, reason);
      else this.#shutDown(() => cancelReadable(source, reason), true, reason);
    };
    const closed = () => {
      if (this.#options.preventClose) this.#shutDown(undefined, false);
      else this.#shutDown(() => closeWithErrorPropagation(destination), false);
    };
    if (source.state === "readable") react(this.#reader.closed.promise, closed, failed);
    else if (source.state === "errored") failed(source.storedError);
    if (destination.state === "errored") destinationFailed(destination.storedError);
    else react(this.#writer.closed.promise, undefined, destinationFailed);
    if (source.state === "closed") closed();
    if (destination.closeQueuedOrInFlight || destination.state === "closed")
      destinationFailed(closedWritableError());
  }

  #next(): void {
    if (this.#shuttingDown) return;
    if (this.#destination.awaitsWrites && this.#unwritten > 0) {
      this.#resumeAfterWrite = true;
      return;
    }
    const { ready } = this.#writer;
    if (ready.state === "pending") react(ready.promise, this.#step, () => {});
    else if (ready.state === "fulfilled") readDefault(this.#reader, this);
  }

  chunk(chunk: unknown): void {
    this.#unwritten++;
    // Not at once: the source's `enqueue` must not call the sink's `write`.
    queue(() => {
      if (this.#writer.stream === undefined) return;
      write(this.#writer, chunk, this);
      this.#next();
    });
  }

  /** The reader's closed promise tells the end and the failure of the source. */
  close(): void {}
  error(): void {}

  /** A write is over. */
  resolve(): void {
    this.#unwritten--;
    if (this.#unwritten > 0) return;
    if (this.#resumeAfterWrite) {
      this.#resumeAfterWrite = false;
      queue(this.#step);
    }
    const onWritten = this.#onWritten;
    if (onWritten === undefined) return;
    this.#onWritten = undefined;
    queue(onWritten);
  }

  reject(): void {
    this.resolve();
  }

  #abort(reason: unknown): void {
    const actions: (() => Promise<void>)[] = [];
    if (!this.#options.preventAbort) {
      actions.push(() =>
        this.#destination.state === "writable" ? this.#destination.abort(reason) : settled,
      );
    }
    if (!this.#options.preventCancel) {
      actions.push(() =>
        this.#source.state === "readable" ? cancelReadable(this.#source, reason) : settled,
      );
    }
    this.#shutDown(() => all(actions.map(action => action())), true, reason);
  }

  /** Shuts down, with an action or without, when all that was read has been written. */
  #shutDown(action: (() => Outcome) | undefined, failed: boolean, reason?: unknown): void {
    if (this.#shuttingDown) return;
    this.#shuttingDown = true;
    const destination = this.#destination;
    const rest = () => {
      if (action === undefined) {
        this.#finalize(failed, reason);
        return;
      }
      react(
        action() ?? settled,
        () => this.#finalize(failed, reason),
        error => this.#finalize(true, error),
      );
    };
    if (destination.state !== "writable" || destination.closeQueuedOrInFlight) rest();
    else if (this.#unwritten === 0) queue(rest);
    else this.#onWritten = rest;
  }

  #finalize(failed: boolean, reason: unknown): void {
    releaseWriter(this.#writer);
    releaseReader(this.#reader);
    this.#forgetSignal?.();
    if (failed) this.#capability.reject(reason);
    else this.#capability.resolve();
  }
}

/** Waits for all, or for the first rejection; what is left is heard and forgotten. */
function all(promises: readonly Promise<void>[]): Promise<void> {
  const capability = new Capability();
  let left = promises.length;
  if (left === 0) capability.resolve();
  for (const promise of promises) {
    react(
      promise,
      () => {
        left--;
        if (left === 0) capability.resolve();
      },
      capability.reject,
    );
  }
  return capability.promise;
}
