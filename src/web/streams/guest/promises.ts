/**
 * Promises as the Streams standard uses them, at the price that an interpreter can afford: a promise that nobody
 * has asked for is a small record, and "a promise resolved with undefined" is one shared promise.
 */
type Then = <T, R = void, E = R>(
  promise: Promise<T>,
  fulfilled?: (value: T) => R,
  rejected?: (reason: unknown) => E,
) => Promise<Awaited<R> | Awaited<E>>;

const { apply } = Reflect;
const call = Function.prototype.call;
const PromiseConstructor = Promise;
const resolve = Promise.resolve.bind(Promise);
const reject = Promise.reject.bind(Promise);

/** `promise.then(…)` by the original `then`; a bound call is half the price of `Reflect.apply` on QuickJS. */
export const react: Then = call.bind(Promise.prototype.then) as Then;

/** Calls a function that a script supplied, whatever became of its own `call`. */
export const invoke: (method: unknown, self: unknown, ...args: unknown[]) => unknown = call.bind(
  call,
) as never;

/** Already fulfilled with undefined. Never handed to a script. */
export const settled: Promise<void> = Promise.resolve();

const ignore = (): void => {};

/** Sets [[PromiseIsHandled]]: the promise's rejection is nobody's concern. */
export function markHandled<T>(promise: Promise<T>): Promise<T> {
  react(promise, undefined, ignore);
  return promise;
}

/** Web IDL's "a promise resolved with": always a new promise, even for a promise. */
export function resolvedWith<T>(value: T | PromiseLike<T>): Promise<T> {
  return new PromiseConstructor(resolve => resolve(value));
}

export const rejectedWith: <T = never>(reason: unknown) => Promise<T> = reject;

/** A new promise, fulfilled with a value that is no promise. */
export const fulfilledWith: <T>(value: T) => Promise<T> = resolve as <T>(value: T) => Promise<T>;

/** What an algorithm answers: a promise, or undefined for one that is fulfilled already. */
export type Outcome = Promise<unknown> | undefined;

/** Calls a script's algorithm as Web IDL calls a callback that returns a promise: exceptions become rejections. */
export function callAlgorithm(method: unknown, self: unknown, args: readonly unknown[]): Outcome {
  try {
    const result = apply(method as () => unknown, self, args);
    return result === undefined ? undefined : resolvedWith(result);
  } catch (error) {
    return rejectedWith(error);
  }
}

/** Runs reactions to an outcome, in a later microtask. */
export function upon(outcome: Outcome, fulfilled: () => void, rejected: (reason: unknown) => void): void {
  react(outcome ?? settled, fulfilled, rejected);
}

/** Queues a microtask. */
export function queue(task: () => void): void {
  react(settled, task);
}

/** A promise that comes into being when somebody asks for it. */
export class Deferred {
  state: "pending" | "fulfilled" | "rejected" = "pending";
  reason: unknown = undefined;
  #promise: Promise<void> | undefined;
  #resolve: ((value: void | PromiseLike<void>) => void) | undefined;
  #reject: ((reason: unknown) => void) | undefined;

  static fulfilled(): Deferred {
    const deferred = new Deferred();
    deferred.state = "fulfilled";
    return deferred;
  }

  /** Rejected, and marked as handled. */
  static rejected(reason: unknown): Deferred {
    const deferred = new Deferred();
    deferred.state = "rejected";
    deferred.reason = reason;
    return deferred;
  }

  get promise(): Promise<void> {
    if (this.#promise !== undefined) return this.#promise;
    let promise: Promise<void>;
    if (this.state === "fulfilled") promise = resolve();
    else if (this.state === "rejected") promise = markHandled(rejectedWith(this.reason));
    else {
      promise = new PromiseConstructor((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
      });
    }
    this.#promise = promise;
    return promise;
  }

  resolve(): void {
    if (this.state !== "pending") return;
    this.state = "fulfilled";
    this.#resolve?.();
  }

  /** Rejects, and marks the promise as handled. */
  reject(reason: unknown): void {
    if (this.state !== "pending") return;
    this.state = "rejected";
    this.reason = reason;
    if (this.#promise === undefined) return;
    markHandled(this.#promise);
    this.#reject?.(reason);
  }
}

/** A promise of which both ends are in hand. */
export class Capability<T = void> {
  resolve!: (value: T | PromiseLike<T>) => void;
  reject!: (reason: unknown) => void;
  readonly promise: Promise<T> = new PromiseConstructor((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

/** Operations that return promises reject where others throw, even for a receiver that is no object. */
export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
