/** Array buffers as byte streams need them; all by the builtins as they were before any script ran. */
import { isTypedArray } from "../../../guest/webidl.ts";

/** A constructor of views over buffers; DataView is the one without a BYTES_PER_ELEMENT. */
export interface ViewConstructor {
  new (buffer: ArrayBuffer, byteOffset: number, length: number): ArrayBufferView;
  readonly BYTES_PER_ELEMENT?: number;
}

type Uncurry = <This, Args extends unknown[], Result>(
  method: unknown,
) => (self: This, ...args: Args) => Result;
const uncurry = Function.prototype.bind.bind(Function.prototype.call) as unknown as Uncurry;

/** TransferArrayBuffer: a new buffer with the contents; the old one is detached. Throws if it cannot be. */
export const transferBuffer = uncurry<ArrayBuffer, [], ArrayBuffer>(
  (ArrayBuffer.prototype as unknown as { readonly transfer: unknown }).transfer,
);

export const isDetached = uncurry<ArrayBuffer, [], boolean>(
  Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "detached")?.get,
);

/** `target.set(source, offset)`. */
export const setBytes = uncurry<Uint8Array, [source: Uint8Array, offset: number], void>(
  Uint8Array.prototype.set,
);

const views = new Map<string, ViewConstructor>();
for (const View of [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  (globalThis as { Float16Array?: ViewConstructor & { readonly name: string } }).Float16Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
]) {
  if (View !== undefined) views.set(View.name, View as unknown as ViewConstructor);
}

/** The intrinsic constructor of a view's kind, whatever its prototype or constructor was made to be. */
export function viewConstructorOf(view: ArrayBufferView): ViewConstructor {
  if (!isTypedArray(view)) return DataView as unknown as ViewConstructor;
  return views.get((view as Uint8Array)[Symbol.toStringTag]) ?? (Uint8Array as unknown as ViewConstructor);
}

/** A copy with a buffer of its own. */
export function cloneBytes(view: ArrayBufferView): Uint8Array<ArrayBuffer> {
  const clone = new Uint8Array(view.byteLength);
  setBytes(clone, new Uint8Array(view.buffer, view.byteOffset, view.byteLength), 0);
  return clone;
}
