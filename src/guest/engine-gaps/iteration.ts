/** `Array.fromAsync` and `Math.sumPrecise`. */
import { defineMissingMethods } from "./define.ts";

type ArrayConstructorLike = new (length?: number) => Record<PropertyKey, unknown> & { length: number };

/** https://tc39.es/ecma262/#sec-array.fromasync */
export function fillArrayFromAsync(): void {
  const methods = {
    async fromAsync(this: unknown, items: unknown, mapper?: unknown, thisArg?: unknown) {
      return fromAsync(this, items, mapper, thisArg);
    },
  };
  Object.defineProperty(methods.fromAsync, "length", { value: 1, configurable: true });
  defineMissingMethods(Array, methods);
}

const isConstructor = (value: unknown): value is ArrayConstructorLike => {
  try {
    Reflect.construct(Object, [], value as never);
    return true;
  } catch {
    return false;
  }
};

async function fromAsync(
  Target: unknown,
  items: unknown,
  mapper: unknown,
  thisArg: unknown,
): Promise<unknown> {
  if (mapper !== undefined && typeof mapper !== "function") {
    throw new TypeError(`${String(mapper)} is not a function`);
  }
  const map = mapper as ((value: unknown, index: number) => unknown) | undefined;
  if (items === undefined || items === null) throw new TypeError(`${String(items)} is not iterable`);
  const source = items as Partial<AsyncIterable<unknown>> & Partial<Iterable<unknown>> & ArrayLike<unknown>;
  const asynchronous = source[Symbol.asyncIterator] ?? undefined;
  const synchronous = asynchronous === undefined ? (source[Symbol.iterator] ?? undefined) : undefined;
  const iterable = asynchronous !== undefined || synchronous !== undefined;
  const length = iterable ? 0 : toLength(source.length);
  const result = isConstructor(Target)
    ? iterable
      ? new Target()
      : new Target(length)
    : new Array(iterable ? 0 : length);
  let index = 0;
  const append = async (value: unknown) => {
    put(result, index, map === undefined ? value : await Reflect.apply(map, thisArg, [value, index]));
    index++;
  };
  if (iterable) {
    const once =
      asynchronous === undefined
        ? { [Symbol.iterator]: () => Reflect.apply(synchronous as never, items, []) }
        : { [Symbol.asyncIterator]: () => Reflect.apply(asynchronous, items, []) };
    for await (const value of once as AsyncIterable<unknown>) await append(value);
  } else {
    while (index < length) await append(await source[index]);
  }
  (result as { length: number }).length = index;
  return result;
}

function put(target: object, index: number, value: unknown): void {
  const done = Reflect.defineProperty(target, index, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
  if (!done) throw new TypeError(`Cannot add property ${index}`);
}

function toLength(value: unknown): number {
  const length = Math.trunc(Number(value));
  return length > 0 ? Math.min(length, Number.MAX_SAFE_INTEGER) : 0;
}

/** https://tc39.es/proposal-math-sum/ */
export function fillSumPrecise(): void {
  defineMissingMethods(Math, {
    sumPrecise(items: Iterable<unknown>): number {
      let special: number | undefined;
      let onlyMinusZero = true;
      let sum = 0n;
      for (const item of items) {
        if (typeof item !== "number") throw new TypeError("Math.sumPrecise: an item is not a number");
        if (!Number.isFinite(item)) {
          special = special === undefined ? item : special + item;
        } else if (!Object.is(item, -0)) {
          onlyMinusZero = false;
          sum += scaled(item);
        }
      }
      return special ?? (onlyMinusZero ? -0 : unscaled(sum));
    },
  });
}

/** Numbers are whole multiples of 2^-1074. */
const SCALE = 1074;
const view = new DataView(new ArrayBuffer(8));

function scaled(number: number): bigint {
  view.setFloat64(0, number);
  const bits = view.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xfffffffffffffn;
  const magnitude = exponent === 0n ? fraction : (fraction | 0x10000000000000n) << (exponent - 1n);
  return bits >> 63n === 0n ? magnitude : -magnitude;
}

/** The nearest number, ties to even. */
function unscaled(sum: bigint): number {
  if (sum === 0n) return 0;
  const magnitude = sum < 0n ? -sum : sum;
  const excess = Math.max(magnitude.toString(2).length - 53, 0);
  let rounded = magnitude;
  if (excess > 0) {
    const shift = BigInt(excess);
    rounded = magnitude >> shift;
    const rest = magnitude - (rounded << shift);
    const half = 1n << (shift - 1n);
    if (rest > half || (rest === half && (rounded & 1n) === 1n)) rounded += 1n;
  }
  const number = scaleBy(Number(rounded), excess - SCALE);
  return sum < 0n ? -number : number;
}

/** `number * 2^power`, in steps that do not round. */
function scaleBy(number: number, power: number): number {
  let value = number;
  let rest = power;
  for (; rest > 1000; rest -= 1000) value *= 2 ** 1000;
  for (; rest < -1000; rest += 1000) value *= 2 ** -1000;
  return value * 2 ** rest;
}
