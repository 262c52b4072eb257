/** Conversions at the bucket's door, in workerd's words. */
import { dateTime, kindOf } from "../../../guest/kinds.ts";
import { wrongField, wrongParameter } from "../../../guest/type-errors.ts";
import { bytesOf, DOMString } from "../../../guest/webidl.ts";
import { type Blob, blobBytes, isBlob } from "../../../web/blob/guest.ts";
import { getHeader } from "../../../web/fetch/guest/header-list.ts";
import { type Headers, listBehind } from "../../../web/fetch/guest/headers.ts";
import { isReadableStream, type ReadableStream } from "../../../web/streams/guest/readable.ts";
import { expectedLengthOf, isLocked, sendToHost } from "../../../web/streams/guest/transfer.ts";
import type { R2CrossingValue } from "../contract.ts";

export type Dictionary = Record<string, unknown>;

/** Where a value stands, for the message that it is not of the right type. */
interface Place {
  readonly method: string;
  readonly interface: string;
}

const wrongArgument = (place: Place, index: number, type: string): TypeError =>
  wrongParameter(index, place.method, place.interface, type);

const isObject = (value: unknown): value is Dictionary =>
  (typeof value === "object" && value !== null) || typeof value === "function";

/** A string argument, which must have been given: `given` is how many were. */
export function stringArgument(value: unknown, place: Place, index: number, given: number): string {
  if (given < index) throw wrongArgument(place, index, "string");
  return DOMString(value).toWellFormed();
}

/** A dictionary argument; none is an empty one. */
export function dictionaryArgument(value: unknown, place: Place, index: number, type: string): Dictionary {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw wrongArgument(place, index, type);
  return value;
}

export function arrayArgument(value: unknown, place: Place, index: number): readonly unknown[] {
  if (!Array.isArray(value)) throw wrongArgument(place, index, "Array");
  return value;
}

export function deleteArgument(value: unknown, place: Place, given: number): string[] {
  if (given < 1) throw wrongArgument(place, 1, "string or Array");
  if (Array.isArray(value)) return value.map(key => DOMString(key).toWellFormed());
  return [DOMString(value).toWellFormed()];
}

/** A string field that nothing is converted to. */
export function strictString(source: Dictionary, field: string, dictionary: string): string | undefined {
  const value = source[field];
  if (value === undefined) return undefined;
  if (typeof value !== "string") throw wrongField(field, dictionary, "string");
  return value.toWellFormed();
}

export function looseString(source: Dictionary, field: string): string | undefined {
  const value = source[field];
  return value === undefined ? undefined : DOMString(value).toWellFormed();
}

/** A Date, or a number of milliseconds; milliseconds since the epoch. */
export function dateField(source: Dictionary, field: string, dictionary: string): number | undefined {
  const value = source[field];
  if (value === undefined) return undefined;
  if (typeof value !== "number" && !(isObject(value) && kindOf(value) === "Date")) {
    throw wrongField(field, dictionary, "date");
  }
  const time = typeof value === "number" ? value : dateTime(value);
  if (!Number.isFinite(time)) {
    throw new TypeError("The value cannot be converted because it is not a valid Date.");
  }
  return Math.trunc(time);
}

/** A dictionary or a Headers object; what `type` names stands in the message. */
export function dictionaryOrHeaders(
  source: Dictionary,
  field: string,
  dictionary: string,
  type: string,
): Dictionary | Headers | undefined {
  const value = source[field];
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw wrongField(field, dictionary, `${type} or Headers`);
  return value;
}

/** Reads a header; undefined for a value that is no Headers object. */
export function headerReader(value: unknown): ((name: string) => string | undefined) | undefined {
  const list = listBehind(value);
  return list === undefined ? undefined : name => getHeader(list, name) ?? undefined;
}

/** The moment that a header tells; what is no date is the epoch, as on workerd. */
export function headerDate(text: string): number {
  const time = Date.parse(text);
  return Number.isNaN(time) ? 0 : time;
}

/** A customer's key in hexadecimal digits: 32 bytes, or a text of such digits. */
export function ssecKeyField(source: Dictionary): string | undefined {
  const value = source["ssecKey"];
  if (value === undefined || value === null) return undefined;
  const bytes = bytesOf(value);
  if (bytes !== undefined) {
    if (bytes.byteLength !== 32) throw new Error("SSE-C Key must be 32 bytes in length");
    return toHex(bytes);
  }
  const text = DOMString(value);
  if (!/^[0-9a-f]+$/.test(text)) throw new Error("SSE-C Key has invalid format");
  if (text.length !== 64) throw new Error("SSE-C Key must be 32 bytes in length");
  return text;
}

const DIGITS = "0123456789abcdef";

export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] as number;
    text += (DIGITS[byte >> 4] as string) + (DIGITS[byte & 15] as string);
  }
  return text;
}

const VALUE = "ReadableStream or ArrayBuffer or ArrayBufferView or string or Blob";
const UNKNOWN_LENGTH =
  "Provided readable stream must have a known length (request/response body or readable half of FixedLengthStream)";
const LOCKED = "The ReadableStream has been locked to a reader.";

type Value = string | Uint8Array | Blob | ReadableStream;

/** A value argument. */
export function valueArgument(value: unknown, place: Place, given: number): Value {
  if (given >= 2) {
    if (typeof value === "string") return value;
    if (isReadableStream(value) || isBlob(value)) return value;
    const bytes = bytesOf(value);
    if (bytes !== undefined) return bytes;
  }
  throw wrongArgument(place, 2, VALUE);
}

/**
 * Sends a value by `send`, which is told a stream's size beside it: it is on no account unknown. When a stream of the worker's
 * fails, that is its own exception, and not what the host was told of it.
 */
export async function sendValue<T>(
  value: Value,
  send: (crossing: R2CrossingValue, size: number | null) => Promise<T>,
): Promise<T> {
  if (typeof value === "string") return send(value.toWellFormed(), null);
  if (isBlob(value)) return send(blobBytes(value), null);
  // Copied: the message leaves at the end of the turn, and the worker may write to its buffer before.
  if (!isReadableStream(value)) return send(value.slice(), null);
  const size = expectedLengthOf(value);
  if (size === undefined) throw new TypeError(UNKNOWN_LENGTH);
  if (isLocked(value)) throw new TypeError(LOCKED);
  let failure: { readonly reason: unknown } | undefined;
  const handle = sendToHost(value, reason => {
    failure = { reason };
  });
  try {
    return await send(handle, size);
  } catch (error) {
    throw failure === undefined ? error : failure.reason;
  }
}
