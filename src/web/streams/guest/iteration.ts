/** Asynchronous iteration over a stream, and streams made from what can be iterated (https://streams.spec.whatwg.org/#rs-asynciterator). */
import { exposeInterface, illegalInvocation } from "../../../guest/webidl.ts";
import {
  callAlgorithm,
  fulfilledWith,
  invoke,
  isObject,
  type Outcome,
  react,
  rejectedWith,
  resolvedWith,
  settled,
} from "./promises.ts";
import { createReadable } from "./readable-default.ts";
import {
  acquireDefaultReader,
  cancelReadable,
  type DefaultReader,
  type Readable,
  readDefault,
  releaseReader,
  type Source,
} from "./readable-state.ts";

type Result = IteratorResult<unknown, unknown>;

/** Web IDL's default asynchronous iterator object (https://webidl.spec.whatwg.org/#js-asynchronous-iterator-prototype-object). */
class ReadableStreamAsyncIterator {
  readonly #reader: DefaultReader;
  readonly #preventCancel: boolean;
  /** The last call that has not been answered, and how many there are. */
  #ongoing: Promise<Result> | undefined;
  #unanswered = 0;
  #finished = false;

  constructor(reader: DefaultReader, preventCancel: boolean) {
    this.#reader = reader;
    this.#preventCancel = preventCancel;
  }

  next(): Promise<Result> {
    if (!isObject(this) || !(#reader in this)) return rejectedWith(illegalInvocation());
    const steps = () => this.#nextSteps();
    this.#unanswered++;
    this.#ongoing = this.#ongoing === undefined ? steps() : react(this.#ongoing, steps, steps);
    return this.#ongoing;
  }

  return(value: unknown): Promise<Result> {
    if (!isObject(this) || !(#reader in this)) return rejectedWith(illegalInvocation());
    const steps = () => this.#returnSteps(value);
    this.#unanswered++;
    this.#ongoing = this.#ongoing === undefined ? steps() : react(this.#ongoing, steps, steps);
    return react(this.#ongoing, (): Result => ({ done: true, value }));
  }

  #nextSteps(): Promise<Result> {
    if (this.#finished) {
      this.#answered();
      return fulfilledWith<Result>({ done: true, value: undefined });
    }
    return new Promise((resolve, reject) => {
      // Each answer comes a microtask later than the reader's, as the standard's chain of promises has it.
      readDefault(this.#reader, {
        chunk: value => {
          react(settled, () => {
            this.#answered();
            resolve({ done: false, value });
          });
        },
        close: () => {
          releaseReader(this.#reader);
          react(settled, () => {
            this.#finished = true;
            this.#answered();
            resolve({ done: true, value: undefined });
          });
        },
        error: reason => {
          releaseReader(this.#reader);
          react(settled, () => {
            this.#finished = true;
            this.#answered();
            reject(reason);
          });
        },
      });
    });
  }

  #returnSteps(value: unknown): Promise<Result> {
    this.#answered();
    if (this.#finished) return fulfilledWith<Result>({ done: true, value });
    this.#finished = true;
    const canceled = this.#preventCancel ? undefined : cancelReadable(this.#reader.stream!, value);
    releaseReader(this.#reader);
    return (canceled ?? fulfilledWith(undefined)) as Promise<never>;
  }

  #answered(): void {
    this.#unanswered--;
    if (this.#unanswered === 0) this.#ongoing = undefined;
  }
}

const asyncGenerators = Object.getPrototypeOf(async function* () {}) as { readonly prototype: object };
Object.setPrototypeOf(
  ReadableStreamAsyncIterator.prototype,
  Object.getPrototypeOf(asyncGenerators.prototype),
);
exposeInterface(ReadableStreamAsyncIterator, "ReadableStream AsyncIterator");
Reflect.deleteProperty(ReadableStreamAsyncIterator.prototype, "constructor");

/** The iterator that `stream.values()` answers. */
export function iterate(stream: Readable, preventCancel: boolean): AsyncIterator<unknown> {
  return new ReadableStreamAsyncIterator(acquireDefaultReader(stream), preventCancel);
}

/** ReadableStreamFromIterable. */
export function readableFrom(iterable: unknown): Readable {
  const { iterator, next, synchronous } = openIterator(iterable);
  const source: Source = {
    pull: () => {
      const result = synchronous ? nextOfSync(iterator, next) : callAlgorithm(next, iterator, []);
      return react(result ?? settled, result => {
        if (!isObject(result)) throw notAnObject("next");
        const { done } = result as Result;
        if (done) controller.close();
        else controller.enqueue((result as Result).value);
      });
    },
    cancel: reason => {
      try {
        const method = methodOf(iterator, "return");
        if (method === undefined) return undefined;
        const result = synchronous
          ? unwrapped(invoke(method, iterator, reason), undefined)
          : resolvedWith(invoke(method, iterator, reason));
        return react(result, value => {
          if (!isObject(value)) throw notAnObject("return");
        });
      } catch (error) {
        return rejectedWith(error);
      }
    },
  };
  const { stream, controller } = createReadable(source, undefined, 0);
  return stream;
}

interface OpenIterator {
  readonly iterator: object;
  readonly next: unknown;
  readonly synchronous: boolean;
}

// GetIterator(iterable, async)
function openIterator(iterable: unknown): OpenIterator {
  if (iterable === undefined || iterable === null) throw notIterable();
  const asynchronous = methodOf(iterable, Symbol.asyncIterator);
  const method = asynchronous ?? methodOf(iterable, Symbol.iterator);
  if (method === undefined) throw notIterable();
  const iterator = invoke(method, iterable);
  if (!isObject(iterator)) throw new TypeError("The iterator of the value is not an object.");
  return {
    iterator,
    next: (iterator as { next: unknown }).next,
    synchronous: asynchronous === undefined,
  };
}

function methodOf(value: unknown, key: PropertyKey): unknown {
  const method = (value as Record<PropertyKey, unknown>)[key];
  if (method === undefined || method === null) return undefined;
  if (typeof method !== "function") throw new TypeError(`The iterator's ${String(key)} is not a function.`);
  return method;
}

// %AsyncFromSyncIteratorPrototype%.next
function nextOfSync(iterator: object, next: unknown): Outcome {
  try {
    return unwrapped(invoke(next, iterator), iterator);
  } catch (error) {
    return rejectedWith(error);
  }
}

/** AsyncFromSyncIteratorContinuation: waits for the value; when that fails, closes the iterator. */
function unwrapped(result: unknown, toClose: object | undefined): Promise<Result> {
  if (!isObject(result)) throw new TypeError("The iterator's result is not an object.");
  const done = Boolean((result as Result).done);
  const value = (result as Result).value;
  return react(
    resolvedWith(value),
    (value): Result => ({ done, value }) as Result,
    reason => {
      if (!done && toClose !== undefined) {
        try {
          const method = methodOf(toClose, "return");
          if (method !== undefined) invoke(method, toClose);
        } catch {
          // The value's failure is the one to report.
        }
      }
      throw reason;
    },
  );
}

function notIterable(): TypeError {
  return new TypeError("Failed to execute 'from' on 'ReadableStream': parameter 1 is not iterable.");
}

function notAnObject(method: string): TypeError {
  return new TypeError(`The result of the iterator's ${method} method is not an object.`);
}
