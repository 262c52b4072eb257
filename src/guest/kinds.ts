/** Which builtin a value is, by its internal slots and not by what it claims to be. */

const apply = Reflect.apply;

type Slot = (value: object) => unknown;

const getter = (prototype: object, key: PropertyKey): Slot => {
  const get = Reflect.getOwnPropertyDescriptor(prototype, key)?.get as () => unknown;
  return value => apply(get, value, []);
};
const method = (prototype: object, key: PropertyKey, ...args: unknown[]): Slot => {
  const call = Reflect.getOwnPropertyDescriptor(prototype, key)?.value as () => unknown;
  return value => apply(call, value, args as []);
};

export const mapSize = getter(Map.prototype, "size") as (value: object) => number;
export const setSize = getter(Set.prototype, "size") as (value: object) => number;
export const dateTime = method(Date.prototype, "getTime") as (value: object) => number;
export const dateISO = method(Date.prototype, "toISOString") as (value: object) => string;
export const regExpText = method(RegExp.prototype, "toString") as (value: object) => string;
export const typedArrayName = getter(
  Reflect.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
) as (value: object) => string | undefined;
export const typedArrayLength = getter(Reflect.getPrototypeOf(Uint8Array.prototype) as object, "length") as (
  value: object,
) => number;

export type Kind =
  | "ArrayBuffer"
  | "BigInt"
  | "Boolean"
  | "DataView"
  | "Date"
  | "Error"
  | "Map"
  | "Number"
  | "Promise"
  | "RegExp"
  | "Set"
  | "SharedArrayBuffer"
  | "String"
  | "Symbol"
  | "WeakMap"
  | "WeakRef"
  | "WeakSet";

interface Builtin {
  readonly kind: Kind;
  readonly prototype: object;
  readonly slot: Slot;
}

const probe = {};
const builtins: Builtin[] = [
  { kind: "Map", prototype: Map.prototype, slot: mapSize },
  { kind: "Set", prototype: Set.prototype, slot: setSize },
  { kind: "Date", prototype: Date.prototype, slot: dateTime },
  { kind: "RegExp", prototype: RegExp.prototype, slot: getter(RegExp.prototype, "source") },
  {
    kind: "ArrayBuffer",
    prototype: ArrayBuffer.prototype,
    slot: getter(ArrayBuffer.prototype, "byteLength"),
  },
  { kind: "DataView", prototype: DataView.prototype, slot: getter(DataView.prototype, "buffer") },
  { kind: "String", prototype: String.prototype, slot: method(String.prototype, "valueOf") },
  { kind: "Number", prototype: Number.prototype, slot: method(Number.prototype, "valueOf") },
  { kind: "Boolean", prototype: Boolean.prototype, slot: method(Boolean.prototype, "valueOf") },
  { kind: "Symbol", prototype: Symbol.prototype, slot: method(Symbol.prototype, "valueOf") },
  { kind: "BigInt", prototype: BigInt.prototype, slot: method(BigInt.prototype, "valueOf") },
  { kind: "WeakMap", prototype: WeakMap.prototype, slot: method(WeakMap.prototype, "has", probe) },
  { kind: "WeakSet", prototype: WeakSet.prototype, slot: method(WeakSet.prototype, "has", probe) },
  { kind: "WeakRef", prototype: WeakRef.prototype, slot: method(WeakRef.prototype, "deref") },
];
if (typeof SharedArrayBuffer === "function") {
  const slot = getter(SharedArrayBuffer.prototype, "byteLength");
  builtins.push({ kind: "SharedArrayBuffer", prototype: SharedArrayBuffer.prototype, slot });
}

const slots = new Map<object, Builtin>(builtins.map(builtin => [builtin.prototype, builtin]));
const isError = (Error as { isError?: (value: unknown) => boolean }).isError;
const errorPrototype = Error.prototype;
const promisePrototype = Promise.prototype;

/** The builtin that a value is an instance of, or undefined for all others. */
export function kindOf(value: object): Kind | undefined {
  for (let object = Reflect.getPrototypeOf(value); object !== null; object = Reflect.getPrototypeOf(object)) {
    if (object === errorPrototype) return isError === undefined || isError(value) ? "Error" : undefined;
    if (object === promisePrototype) return "Promise";
    const builtin = slots.get(object);
    if (builtin === undefined) continue;
    return hasSlot(value, builtin.slot) ? builtin.kind : undefined;
  }
  return undefined;
}

function hasSlot(value: object, slot: Slot): boolean {
  try {
    slot(value);
    return true;
  } catch {
    return false;
  }
}

/** What a boxed primitive holds. */
export function unbox(value: object, kind: Kind): unknown {
  return slots.get(boxes[kind] as object)?.slot(value);
}

const boxes: { readonly [kind: string]: object } = {
  String: String.prototype,
  Number: Number.prototype,
  Boolean: Boolean.prototype,
  Symbol: Symbol.prototype,
  BigInt: BigInt.prototype,
};
