/**
 * Conversions and checks at the guest's door, in the words of Web IDL (https://webidl.spec.whatwg.org).
 * Each converter takes the value and a context such as `Failed to execute 'append' on 'Headers': parameter 1`.
 */

export type Converter<T> = (value: unknown, context?: string) => T;

const located = (context: string | undefined, message: string): string =>
  context === undefined ? message : `${context} ${message}`;

/** The exception for a method called on a receiver of another class. */
export function illegalInvocation(): TypeError {
  return new TypeError(
    "Illegal invocation: function called with incorrect `this` reference. See " +
      "https://developers.cloudflare.com/workers/observability/errors/#illegal-invocation-errors for details.",
  );
}

/** The exception of a constructor that scripts may not call. */
export function illegalConstructor(): TypeError {
  return new TypeError("Illegal constructor");
}

/** Throws when a function got fewer arguments than it requires. `where`: `Failed to execute 'append' on 'Headers'`. */
export function requireArguments(given: number, required: number, where: string): void {
  if (given >= required) return;
  const plural = required === 1 ? "argument" : "arguments";
  throw new TypeError(`${where}: ${required} ${plural} required, but only ${given} present.`);
}

export const DOMString: Converter<string> = (value, context) => {
  if (typeof value === "string") return value;
  if (typeof value === "symbol")
    throw new TypeError(located(context, "is a symbol, which cannot be converted to a string."));
  return String(value);
};

/** A string of Unicode scalar values: lone surrogates become U+FFFD. */
export const USVString: Converter<string> = (value, context) => DOMString(value, context).toWellFormed();

export const boolean: Converter<boolean> = value => Boolean(value);

export const object: Converter<object> = (value, context) => {
  if ((typeof value !== "object" || value === null) && typeof value !== "function") {
    throw new TypeError(located(context, "is not an object."));
  }
  return value;
};

type AnyFunction = (...args: never[]) => unknown;
export const callback: Converter<AnyFunction> = (value, context) => {
  if (typeof value !== "function") throw new TypeError(located(context, "is not a function."));
  return value as AnyFunction;
};

function toNumber(value: unknown, context: string | undefined): number {
  if (typeof value === "bigint")
    throw new TypeError(located(context, "is a BigInt and cannot be converted to a number."));
  if (typeof value === "symbol")
    throw new TypeError(located(context, "is a symbol, which cannot be converted to a number."));
  return Number(value);
}

/** An integer of so many bits: those above are cut off. */
function wrapping(bits: 16 | 32, signed: boolean): Converter<number> {
  const modulus = 2 ** bits;
  const upper = signed ? modulus / 2 - 1 : modulus - 1;
  return (value, context) => {
    let number = toNumber(value, context);
    if (!Number.isFinite(number)) return 0;
    number = Math.trunc(number) % modulus;
    if (number < 0) number += modulus;
    return number > upper ? number - modulus : number + 0;
  };
}

/** An integer from 0 to `upper`: others are refused, as [EnforceRange] wants it. */
function enforced(upper: number): Converter<number> {
  return (value, context) => {
    const number = toNumber(value, context);
    if (!Number.isFinite(number)) throw new TypeError(located(context, "is not a finite number."));
    const integer = Math.trunc(number) + 0;
    if (integer < 0 || integer > upper) {
      throw new TypeError(located(context, `is outside the accepted range of 0 to ${upper}, inclusive.`));
    }
    return integer;
  };
}

export const unsignedShort = wrapping(16, false);
export const long = wrapping(32, true);
export const unsignedLong = wrapping(32, false);
export const unsignedLongEnforce = enforced(2 ** 32 - 1);
export const unsignedLongLongEnforce = enforced(Number.MAX_SAFE_INTEGER);

export const unrestrictedDouble: Converter<number> = toNumber;

export const double: Converter<number> = (value, context) => {
  const number = toNumber(value, context);
  if (!Number.isFinite(number))
    throw new TypeError(located(context, "is not a finite floating-point value."));
  return number;
};

const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";

/** https://webidl.spec.whatwg.org/#create-sequence-from-iterable */
export function sequence<T>(converter: Converter<T>): Converter<T[]> {
  return (value, context) => {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) {
      throw new TypeError(located(context, "cannot be converted to a sequence."));
    }
    const method: unknown = (value as Partial<Iterable<unknown>>)[Symbol.iterator];
    const iterator: unknown = typeof method === "function" ? Reflect.apply(method, value, []) : undefined;
    const next: unknown = isObject(iterator) ? (iterator as { next?: unknown }).next : undefined;
    if (typeof next !== "function") throw new TypeError(located(context, "is not iterable."));
    const result: T[] = [];
    for (;;) {
      const step: unknown = Reflect.apply(next, iterator, []);
      if (!isObject(step)) throw new TypeError(located(context, "has an iterator of no results."));
      const { done, value: item } = step as IteratorResult<unknown>;
      if (done) return result;
      result.push(converter(item, context));
    }
  };
}

export function record<V>(keys: Converter<string>, values: Converter<V>): Converter<[string, V][]> {
  return (value, context) => {
    const source = object(value, context) as Record<PropertyKey, unknown>;
    const result = new Map<string, V>();
    for (const key of Reflect.ownKeys(source)) {
      // As on workerd symbols are no keys; the standard would refuse the object.
      if (typeof key === "symbol" || !Reflect.getOwnPropertyDescriptor(source, key)?.enumerable) continue;
      result.set(keys(key, context), values(source[key], context));
    }
    return [...result];
  };
}

export interface Member<T> {
  readonly key: string;
  readonly converter: Converter<T>;
  readonly required?: true;
  readonly defaultValue?: () => T;
}

/** Members are read in the order given, which the standard wants to be the alphabetical one. */
export function dictionary<T extends object>(
  name: string,
  members: readonly Member<unknown>[],
): Converter<T> {
  return (value, context) => {
    if (value !== undefined && value !== null && typeof value !== "object" && typeof value !== "function") {
      throw new TypeError(located(context, `cannot be converted to a dictionary (${name}).`));
    }
    const source = (value ?? {}) as Record<string, unknown>;
    const result: Record<string, unknown> = {};
    for (const member of members) {
      const given = source[member.key];
      if (given !== undefined) {
        result[member.key] = member.converter(given, located(context, `'${member.key}' of '${name}'`));
      } else if (member.defaultValue !== undefined) {
        result[member.key] = member.defaultValue();
      } else if (member.required) {
        throw new TypeError(
          located(context, `cannot be converted to '${name}': required member '${member.key}' is undefined.`),
        );
      }
    }
    return result as T;
  };
}

const typedArrayTag = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)?.get;

export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return value instanceof ArrayBuffer;
}

export function isTypedArray(value: unknown): value is Uint8Array {
  return typedArrayTag !== undefined && Reflect.apply(typedArrayTag, value, []) !== undefined;
}

/** The bytes behind an ArrayBuffer or a view, with no copy; none where the buffer was transferred; undefined for anything else. */
export function bytesOf(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (value instanceof Uint8Array && value.length > 0 && value.constructor === Uint8Array) {
    return value as Uint8Array<ArrayBuffer>;
  }
  if (ArrayBuffer.isView(value)) {
    const buffer = value.buffer as ArrayBuffer;
    return isDetached(buffer)
      ? new Uint8Array(0)
      : new Uint8Array(buffer, value.byteOffset, value.byteLength);
  }
  if (value instanceof ArrayBuffer) return isDetached(value) ? new Uint8Array(0) : new Uint8Array(value);
  if (typeof SharedArrayBuffer === "function" && value instanceof SharedArrayBuffer) {
    return new Uint8Array(new Uint8Array(value));
  }
  return undefined;
}

const isDetached = (buffer: ArrayBuffer): boolean => buffer.detached;

export const BufferSource: Converter<Uint8Array<ArrayBuffer>> = (value, context) => {
  const bytes = bytesOf(value);
  if (bytes === undefined)
    throw new TypeError(located(context, "is not of type 'ArrayBuffer' or 'ArrayBufferView'."));
  return bytes;
};

type AnyClass = abstract new (...args: never[]) => object;

/** The prototypes of the interfaces exposed so far; `console.log` shows their accessors as properties. */
export const interfacePrototypes = new WeakSet<object>();

/**
 * Gives a class the property attributes of a Web IDL interface: enumerable members, and its name as the
 * `Symbol.toStringTag` (https://webidl.spec.whatwg.org/#js-interfaces).
 */
export function exposeInterface(Class: AnyClass, name = Class.name): void {
  interfacePrototypes.add(Class.prototype);
  makeEnumerable(Class.prototype, ["constructor"]);
  makeEnumerable(Class, ["length", "name", "prototype"]);
  if (Class.name !== name) Object.defineProperty(Class, "name", { value: name, configurable: true });
  Object.defineProperty(Class.prototype, Symbol.toStringTag, { value: name, configurable: true });
}

function makeEnumerable(target: object, except: readonly string[]): void {
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(target))) {
    if (except.includes(key)) continue;
    Object.defineProperty(target, key, { ...descriptor, enumerable: true });
  }
}

/** Makes constants (such as `Event.AT_TARGET`) on an interface object and its prototype. */
export function defineConstants(Class: AnyClass, constants: Record<string, number>): void {
  for (const [key, value] of Object.entries(constants)) {
    const descriptor = { value, enumerable: true, configurable: false, writable: false };
    Object.defineProperty(Class, key, descriptor);
    Object.defineProperty(Class.prototype, key, descriptor);
  }
}
