/**
 * The few builtins that the library's inner workings need whatever a worker does to the globals.
 * Taken while the library is evaluated, which is before any user code runs.
 */
export const JSONStringify = JSON.stringify;
export const JSONParse = JSON.parse;

const uncurried =
  <This, Args extends unknown[], Result>(method: (this: This, ...args: Args) => Result) =>
  (self: This, ...args: Args): Result =>
    Reflect.apply(method, self, args);

const then = Promise.prototype.then;
const apply = Reflect.apply;
const PromiseConstructor = Promise;

/** `promise.then(…)` by the original `then`, whatever became of `Promise.prototype.then`. */
export function PromiseThen<T, R>(
  promise: Promise<T>,
  fulfilled: (value: T) => R,
  rejected?: (reason: unknown) => R,
): Promise<R> {
  return apply(then, promise, [fulfilled, rejected]) as Promise<R>;
}

export const PromiseResolve = <T>(value: T | PromiseLike<T>): Promise<Awaited<T>> =>
  PromiseConstructor.resolve(value) as Promise<Awaited<T>>;

export const hasOwn = Object.hasOwn;
export const objectToString = uncurried(Object.prototype.toString);
