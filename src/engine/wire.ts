/**
 * What crosses between host and guest, and how.
 *
 * A crossing is one JSON text and a list of byte buffers beside it. Values are strings, numbers, booleans, null,
 * arrays and plain objects of those, and byte buffers. A buffer may stand at the top level of an argument list,
 * or be a whole result; `at` tells which places of the list the buffers fill.
 */

/** A list of values, with the bytes taken out. */
export type WireValue =
  | null
  | boolean
  | number
  | string
  | readonly WireValue[]
  | { readonly [key: string]: WireValue };

/** An exception as it crosses. The far side revives it by `name`. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string | number;
  readonly cause?: WireError | string;
  /** A shallow, JSON-safe copy of the error's own enumerable properties. */
  readonly properties?: { readonly [key: string]: WireValue };
  /** True where the guest threw something that is not an Error; `message` is then its rendering. */
  readonly thrown?: true;
}

/** Host → guest: one message a turn. A turn ends when the guest's microtasks have run dry. */
export type Inbound =
  | readonly ["event", id: number, type: string, args: readonly WireValue[], at?: readonly number[]]
  | readonly ["settle", call: number, value: WireValue, at?: readonly number[] | -1]
  | readonly ["fail", call: number, error: WireError]
  | readonly ["abort", event: number, reason: string]
  /** A rejection that nobody handled in a turn of the event, where the engine itself cannot tell the guest. */
  | readonly ["rejection", event: number, error: WireError]
  | readonly ["load", settings: WireValue];

/** Guest → host: any number a turn, in order. */
export type Outbound =
  | readonly [
      "call",
      call: number,
      event: number,
      op: string,
      args: readonly WireValue[],
      at?: readonly number[],
    ]
  | readonly ["notify", event: number, op: string, args: readonly WireValue[], at?: readonly number[]]
  | readonly ["done", event: number, result: WireValue, at: readonly number[] | -1 | null, waiting: boolean]
  | readonly ["failed", event: number, error: WireError, waiting: boolean]
  | readonly ["waited", event: number]
  | readonly ["loaded", description: WireValue]
  | readonly ["load-failed", error: WireError];

/** A value ready to cross: `value` holds null where `bytes` go. `at` is -1 when the value itself is bytes. */
export interface Packed {
  readonly value: WireValue;
  readonly at: readonly number[] | -1 | undefined;
  readonly bytes: readonly Uint8Array[];
}

const NO_BYTES: readonly Uint8Array[] = [];

/** Takes the bytes out of a value: the value itself, or the top-level elements of a list. */
export function pack(value: unknown): Packed {
  if (value instanceof Uint8Array) return { value: null, at: -1, bytes: [value] };
  if (!Array.isArray(value)) return { value: (value ?? null) as WireValue, at: undefined, bytes: NO_BYTES };
  let at: number[] | undefined;
  let bytes: Uint8Array[] | undefined;
  for (let index = 0; index < value.length; index++) {
    if (!(value[index] instanceof Uint8Array)) continue;
    at ??= [];
    bytes ??= [];
    at.push(index);
    bytes.push(value[index]);
  }
  if (at === undefined || bytes === undefined)
    return { value: value as WireValue[], at: undefined, bytes: NO_BYTES };
  const list = value.slice();
  for (const index of at) list[index] = null;
  return { value: list, at, bytes };
}

/** Puts the bytes back: the reverse of `pack`. Takes them from `bytes`, from `cursor.next` on, and moves it. */
export function unpack(
  value: WireValue,
  at: readonly number[] | -1 | null | undefined,
  bytes: readonly Uint8Array[],
  cursor: { next: number },
): unknown {
  if (at === undefined || at === null) return value;
  if (at === -1) return bytes[cursor.next++];
  const list = value as unknown[];
  for (const index of at) list[index] = bytes[cursor.next++];
  return list;
}

const givenAway = new WeakSet<Uint8Array>();

/** Says of bytes that nobody on the host will look at them again: they may move to the guest instead of being copied. */
export function giveAway(bytes: Uint8Array): void {
  if (bytes.byteLength === bytes.buffer.byteLength) givenAway.add(bytes);
}

export function isGivenAway(bytes: Uint8Array): boolean {
  return givenAway.has(bytes);
}
