/** StructuredSerialize and StructuredDeserialize in one step (https://html.spec.whatwg.org/#structuredserializeinternal). */
import { proxyDetails } from "../../../guest/engine-gaps/proxies.ts";
import { dateTime, kindOf, typedArrayName, unbox } from "../../../guest/kinds.ts";
import { isArrayBuffer } from "../../../guest/webidl.ts";
import { defineErrorProperty, emptyError, errorKeys, errorProperty, errorTypeName } from "./errors.ts";
import { dataCloneError, refusal, refuseArguments, refuseSpecial } from "./refusal.ts";
import { cloneableOf, transferableOf } from "./registry.ts";

/**
 * A deep copy of a value. What `transfer` lists moves instead of being copied; nothing moves when the copy fails.
 * Throws a DataCloneError for what cannot be cloned.
 */
export function cloneValue<T>(value: T, transfer?: Iterable<object>): T {
  return transfer === undefined ? (clone(value, new Map()) as T) : cloneWithTransfer(value, transfer).copy;
}

/** The same, with the successors of the transferred objects that are not buffers, in their order. */
export function cloneWithTransfer<T>(
  value: T,
  transfer: Iterable<object>,
): { copy: T; successors: object[] } {
  const memory = new Map<object, unknown>();
  const buffers: ArrayBuffer[] = [];
  const moves: { readonly successor: object; commit(): void }[] = [];
  for (const item of new Set(transfer)) {
    if (isArrayBuffer(item)) {
      buffers.push(item);
      continue;
    }
    const transferable = transferableOf(item);
    if (transferable === undefined) throw new TypeError("Object is not transferable");
    const move = transferable.prepare(item);
    moves.push(move);
    memory.set(item, move.successor);
  }
  const copy = clone(value, memory) as T;
  for (const move of moves) move.commit();
  for (const buffer of buffers) if (!buffer.detached) buffer.transfer();
  return { copy, successors: moves.map(move => move.successor) };
}

function clone(value: unknown, memory: Map<object, unknown>): unknown {
  if (typeof value !== "object" || value === null) {
    if (typeof value === "symbol" || typeof value === "function") throw refusal(value);
    return value;
  }
  const known = memory.get(value);
  if (known !== undefined) return known;
  if (proxyDetails(value) !== undefined) throw refusal(value);
  if (Array.isArray(value)) return cloneProperties(value, new Array(value.length), memory);
  const prototype = Reflect.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    refuseArguments(value);
    return cloneProperties(value, {}, memory);
  }
  const registered = cloneableOf(value);
  if (registered !== undefined) {
    const { serialize, deserialize } = registered.cloneable;
    const copy = deserialize(clone(serialize(value), memory));
    memory.set(value, copy);
    return copy;
  }
  return cloneSpecial(value, memory);
}

function cloneProperties(value: object, copy: object, memory: Map<object, unknown>): object {
  memory.set(value, copy);
  for (const key of Object.keys(value)) {
    // A getter may have taken it away meanwhile.
    if (!Object.hasOwn(value, key)) continue;
    const item = clone((value as Record<string, unknown>)[key], memory);
    if (key === "__proto__") {
      Object.defineProperty(copy, key, { value: item, writable: true, enumerable: true, configurable: true });
    } else {
      (copy as Record<string, unknown>)[key] = item;
    }
  }
  return copy;
}

function cloneSpecial(value: object, memory: Map<object, unknown>): unknown {
  const remember = <T extends object>(copy: T): T => {
    memory.set(value, copy);
    return copy;
  };
  if (ArrayBuffer.isView(value)) return cloneView(value, memory, remember);
  const kind = kindOf(value);
  switch (kind) {
    case undefined:
      refuseSpecial(value);
      return cloneProperties(value, {}, memory);
    case "Date":
      return remember(new Date(dateTime(value)));
    case "RegExp":
      return remember(new RegExp((value as RegExp).source, (value as RegExp).flags));
    case "String":
    case "Number":
    case "Boolean":
    case "BigInt":
      return remember(Object(unbox(value, kind)) as object);
    case "ArrayBuffer":
      return remember(cloneBuffer(value as ArrayBuffer));
    case "SharedArrayBuffer":
      return value;
    case "Map":
      return cloneMap(value as Map<unknown, unknown>, memory);
    case "Set":
      return cloneSet(value as Set<unknown>, memory);
    case "Error":
      return cloneError(value, memory);
    default:
      throw refusal(value);
  }
}

function cloneMap(value: Map<unknown, unknown>, memory: Map<object, unknown>): unknown {
  const copy = new Map<unknown, unknown>();
  memory.set(value, copy);
  for (const [key, item] of mapPairs(value)) copy.set(clone(key, memory), clone(item, memory));
  return copy;
}

function cloneSet(value: Set<unknown>, memory: Map<object, unknown>): unknown {
  const copy = new Set<unknown>();
  memory.set(value, copy);
  for (const item of setItems(value)) copy.add(clone(item, memory));
  return copy;
}

function cloneError(value: object, memory: Map<object, unknown>): unknown {
  const copy = emptyError(errorTypeName(value));
  memory.set(value, copy);
  for (const key of errorKeys(value))
    defineErrorProperty(copy, key, clone(errorProperty(value, key), memory));
  return copy;
}

/** A map's pairs as they are now, whatever its class made of its iterator. */
export function mapPairs(value: Map<unknown, unknown>): [unknown, unknown][] {
  return [...(Reflect.apply(Map.prototype.entries, value, []) as Iterable<[unknown, unknown]>)];
}

export function setItems(value: Set<unknown>): unknown[] {
  return [...(Reflect.apply(Set.prototype.values, value, []) as Iterable<unknown>)];
}

export function detachedBuffer(): Error {
  return dataCloneError("An ArrayBuffer is detached and could not be cloned.");
}

function cloneBuffer(buffer: ArrayBuffer): ArrayBuffer {
  if (buffer.detached) throw detachedBuffer();
  if (!buffer.resizable) return buffer.slice(0);
  const copy = new ArrayBuffer(buffer.byteLength, { maxByteLength: buffer.maxByteLength });
  new Uint8Array(copy).set(new Uint8Array(buffer));
  return copy;
}

type ViewConstructor = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => ArrayBufferView;

/** The constructor of a kind of view by its name. */
export function viewConstructor(name: string): ViewConstructor {
  return (globalThis as unknown as Record<string, ViewConstructor>)[name] as ViewConstructor;
}

/** A view's kind and its length in elements. */
export function viewShape(view: ArrayBufferView): [name: string, length: number] {
  const name = typedArrayName(view);
  return name === undefined ? ["DataView", view.byteLength] : [name, (view as Uint8Array).length];
}

function cloneView(
  view: ArrayBufferView,
  memory: Map<object, unknown>,
  remember: <T extends object>(copy: T) => T,
): unknown {
  const [name, length] = viewShape(view);
  const offset = view.byteOffset;
  const buffer = clone(view.buffer, memory) as ArrayBuffer;
  return remember(new (viewConstructor(name))(buffer, offset, length));
}
