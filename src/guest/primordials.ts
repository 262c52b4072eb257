/**
 * The few builtins that the library's inner workings need whatever a worker does to the globals.
 * Taken while the library is evaluated, which is before any user code runs.
 */
export const JSONStringify = JSON.stringify;
export const JSONParse = JSON.parse;
export const { apply: ReflectApply } = Reflect;

const { deleteProperty, defineProperty, getOwnPropertyDescriptor } = Reflect;
const { prototype: objects } = Object;
const { prototype: arrays } = Array;

/** How deep the data of a message is at most: QuickJS puts its way down into an array, by whatever setters it inherits. */
const DEPTH = 16;

/** The JSON of plain data, whatever a worker has given to all objects and arrays. */
export function plainJSON(value: unknown): string {
  // An index that Array.prototype was given counts in its length.
  if (!("toJSON" in arrays) && arrays.length === 0) return JSONStringify(value);
  const inner = () => withoutIndices(0, () => JSONStringify(value));
  return without(objects, "toJSON", () => without(arrays, "toJSON", inner));
}

function withoutIndices<T>(from: number, make: () => T): T {
  if (from === DEPTH || from >= arrays.length) return make();
  return without(arrays, from, () => withoutIndices(from + 1, make));
}

function without<T>(prototype: object, key: PropertyKey, make: () => T): T {
  const descriptor = getOwnPropertyDescriptor(prototype, key);
  if (descriptor === undefined) return make();
  deleteProperty(prototype, key);
  try {
    return make();
  } finally {
    defineProperty(prototype, key, descriptor);
  }
}

const uncurried =
  <This, Args extends unknown[], Result>(method: (this: This, ...args: Args) => Result) =>
  (self: This, ...args: Args): Result =>
    ReflectApply(method, self, args);

const { call } = Function.prototype;

/** `promise.then(…)` by the original `then`. A bound call costs half of what `Reflect.apply` does on QuickJS. */
export const PromiseThen = call.bind(Promise.prototype.then) as unknown as <T, R>(
  promise: Promise<T>,
  fulfilled: (value: T) => R,
  rejected?: (reason: unknown) => R,
) => Promise<R>;

export const PromiseResolve = Promise.resolve.bind(Promise) as <T>(
  value: T | PromiseLike<T>,
) => Promise<Awaited<T>>;
export const PromiseReject = Promise.reject.bind(Promise) as (reason: unknown) => Promise<never>;

export const TypedArraySet = call.bind(Uint8Array.prototype.set) as unknown as (
  target: Uint8Array,
  source: Uint8Array,
  offset: number,
) => void;
export const TypedArraySlice = call.bind(Uint8Array.prototype.slice) as unknown as (
  source: Uint8Array,
  start: number,
  end: number,
) => Uint8Array<ArrayBuffer>;

export const hasOwn = Object.hasOwn;
export const objectToString = uncurried(Object.prototype.toString);
