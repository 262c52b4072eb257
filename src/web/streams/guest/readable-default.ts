/** The default controller (https://streams.spec.whatwg.org/#rs-default-controller-class). */
import { exposeInterface, illegalConstructor, illegalInvocation } from "../../../guest/webidl.ts";
import { callAlgorithm, type Outcome, upon } from "./promises.ts";
import { SizedQueue } from "./queue.ts";
import {
  addRead,
  closeReadable,
  errorReadable,
  fulfilRead,
  Readable,
  type ReadableController,
  type ReadRequest,
  type Source,
  waitingReads,
} from "./readable-state.ts";
import type { SizeAlgorithm } from "./strategies.ts";

/** The state behind a ReadableStreamDefaultController, and its abstract operations as methods. */
export class DefaultController implements ReadableController {
  readonly kind = "default";
  readonly stream: Readable;
  readonly #queue = new SizedQueue<unknown>();
  readonly #highWaterMark: number;
  #size: SizeAlgorithm | undefined;
  #source: Source | undefined;
  #started = false;
  #closeRequested = false;
  #pulling = false;
  #pullAgain = false;
  #onPulled: (() => void) | undefined;
  #onPullFailed: ((reason: unknown) => void) | undefined;

  constructor(stream: Readable, source: Source, highWaterMark: number, size: SizeAlgorithm | undefined) {
    this.stream = stream;
    this.#source = source;
    this.#highWaterMark = highWaterMark;
    this.#size = size;
    stream.controller = this;
  }

  /** The end of the set-up: pulling begins when the source's start algorithm has succeeded. */
  start(started: Outcome): void {
    upon(
      started,
      () => {
        this.#started = true;
        this.#pullIfNeeded();
      },
      reason => this.error(reason),
    );
  }

  cancelSteps(reason: unknown): Outcome {
    this.#queue.clear();
    const result = this.#source?.cancel?.(reason);
    this.#clear();
    return result;
  }

  pullSteps(request: ReadRequest): void {
    if (this.#queue.length === 0) {
      addRead(this.stream, request);
      this.#pullIfNeeded();
      return;
    }
    const chunk = this.#queue.shift();
    if (this.#closeRequested && this.#queue.length === 0) {
      this.#clear();
      closeReadable(this.stream);
    } else {
      this.#pullIfNeeded();
    }
    request.chunk(chunk);
  }

  releaseSteps(): void {}

  get canCloseOrEnqueue(): boolean {
    return !this.#closeRequested && this.stream.state === "readable";
  }

  /** ReadableStreamDefaultControllerHasBackpressure. */
  get backpressure(): boolean {
    return !this.#shouldPull();
  }

  get desiredSize(): number | null {
    if (this.stream.state === "errored") return null;
    return this.stream.state === "closed" ? 0 : this.#highWaterMark - this.#queue.total;
  }

  close(): void {
    if (!this.canCloseOrEnqueue) return;
    this.#closeRequested = true;
    if (this.#queue.length > 0) return;
    this.#clear();
    closeReadable(this.stream);
  }

  enqueue(chunk: unknown): void {
    if (!this.canCloseOrEnqueue) return;
    if (waitingReads(this.stream) > 0) {
      fulfilRead(this.stream, chunk);
    } else {
      try {
        this.#queue.push(chunk, this.#size === undefined ? 1 : this.#size(chunk));
      } catch (error) {
        this.error(error);
        throw error;
      }
    }
    this.#pullIfNeeded();
  }

  error(reason: unknown): void {
    if (this.stream.state !== "readable") return;
    this.#queue.clear();
    this.#clear();
    errorReadable(this.stream, reason);
  }

  #shouldPull(): boolean {
    if (!this.canCloseOrEnqueue || !this.#started) return false;
    return waitingReads(this.stream) > 0 || this.#highWaterMark - this.#queue.total > 0;
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

  // ReadableStreamDefaultControllerClearAlgorithms
  #clear(): void {
    this.#source = undefined;
    this.#size = undefined;
  }
}

/** What a script gave to `new ReadableStream()`, its methods read and checked. */
export interface UnderlyingSource {
  readonly autoAllocateChunkSize?: number;
  readonly cancel?: unknown;
  readonly pull?: unknown;
  readonly start?: unknown;
  readonly type?: "bytes";
}

/** The source that calls a script's methods; `controller` is what they are given. */
export class ScriptSource implements Source {
  readonly pull: (() => Outcome) | undefined;
  readonly cancel: ((reason: unknown) => Outcome) | undefined;

  constructor(self: unknown, methods: UnderlyingSource, controller: () => object) {
    const { pull, cancel } = methods;
    this.pull = pull === undefined ? undefined : () => callAlgorithm(pull, self, [controller()]);
    this.cancel = cancel === undefined ? undefined : reason => callAlgorithm(cancel, self, [reason]);
  }
}

/** CreateReadableStream: a stream of the library's own making, started in the next microtask. */
export function createReadable(
  source: Source,
  started?: Outcome,
  highWaterMark = 1,
  size?: SizeAlgorithm,
): { readonly stream: Readable; readonly controller: DefaultController } {
  const stream = new Readable();
  const controller = new DefaultController(stream, source, highWaterMark, size);
  controller.start(started);
  return { stream, controller };
}

export class ReadableStreamDefaultController {
  readonly #state: DefaultController;

  constructor(state: DefaultController | undefined = undefined) {
    if (!(state instanceof DefaultController)) throw illegalConstructor();
    this.#state = state;
  }

  get desiredSize(): number | null {
    if (!(#state in this)) throw illegalInvocation();
    return this.#state.desiredSize;
  }

  close(): void {
    if (!(#state in this)) throw illegalInvocation();
    if (!this.#state.canCloseOrEnqueue) throw new TypeError("This ReadableStream is closed.");
    this.#state.close();
  }

  enqueue(chunk: unknown = undefined): void {
    if (!(#state in this)) throw illegalInvocation();
    if (!this.#state.canCloseOrEnqueue)
      throw new TypeError("Unable to enqueue: this ReadableStream is closed.");
    this.#state.enqueue(chunk);
  }

  error(reason: unknown = undefined): void {
    if (!(#state in this)) throw illegalInvocation();
    this.#state.error(reason);
  }
}

exposeInterface(ReadableStreamDefaultController);
