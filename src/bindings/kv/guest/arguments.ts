/** What a worker passes to a KV namespace, converted as workerd converts it, with its messages. */
import { toInt } from "../../../guest/numbers.ts";
import { JSONStringify } from "../../../guest/primordials.ts";
import { wrongParameter } from "../../../guest/type-errors.ts";
import { bytesOf } from "../../../guest/webidl.ts";
import { ReadableStream } from "../../../web/streams/guest/readable.ts";
import { isDisturbed, isLocked } from "../../../web/streams/guest/transfer.ts";

export type Method = "get" | "getWithMetadata" | "put" | "delete" | "list";

const FIRST_PARAMETER: Readonly<Record<Method, string>> = {
  get: "string or Array",
  getWithMetadata: "Array or string",
  put: "string",
  delete: "string",
  list: "ListOptions",
};

const WRONG_VALUE =
  "KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.";

const mismatch = (method: Method, index: number, type: string): TypeError =>
  wrongParameter(index, method, "KvNamespace", type);

/** Throws where the key was left out. An `undefined` that was passed is the string "undefined". */
export function requireKey(method: Method, given: number): void {
  if (given < 1) throw mismatch(method, 1, FIRST_PARAMETER[method]);
}

/** The same for the value of a put. */
export function requireKeyAndValue(given: number): void {
  requireKey("put", given);
  if (given < 2) throw mismatch("put", 2, "string or JsObject");
}

/** A key, as a string that UTF-8 can express. */
export function keyName(key: unknown): string {
  return text(key).toWellFormed();
}

export interface GetOptions {
  /** Undefined where none was asked for. */
  readonly type: string | undefined;
  readonly cacheTtl: number | null;
}

/** The second argument of a get: a type, or options with a type. */
export function getOptions(options: unknown): GetOptions {
  if (options === undefined || options === null) return { type: undefined, cacheTtl: null };
  if (typeof options !== "object" && typeof options !== "function") {
    return { type: text(options), cacheTtl: null };
  }
  const { type, cacheTtl } = options as { type?: unknown; cacheTtl?: unknown };
  return { type: type === undefined ? undefined : text(type), cacheTtl: optionalInt(cacheTtl) };
}

export interface PutOptions {
  readonly expiration: number | null;
  readonly expirationTtl: number | null;
  /** JSON. */
  readonly metadata: string | null;
}

export function putOptions(options: unknown): PutOptions {
  const source = dictionary(options, () => mismatch("put", 3, "PutOptions"));
  return {
    expiration: optionalInt(source["expiration"]),
    expirationTtl: optionalInt(source["expirationTtl"]),
    metadata: metadataText(source["metadata"]),
  };
}

export interface ListOptions {
  readonly limit: number | null;
  readonly prefix: string | null;
  readonly cursor: string | null;
}

export function listOptions(options: unknown): ListOptions {
  const source = dictionary(options, () => mismatch("list", 1, "ListOptions"));
  return {
    limit: optionalInt(source["limit"]),
    prefix: optionalText(source["prefix"]),
    cursor: optionalText(source["cursor"]),
  };
}

/** A value that can be put: primitives as strings, bytes, or a stream that nobody has read from. */
export function putValue(value: unknown): string | Uint8Array | ReadableStream {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return text(value);
  if (value instanceof ReadableStream) {
    if (isLocked(value)) throw new TypeError("The ReadableStream has been locked to a reader.");
    if (isDisturbed(value)) throw new TypeError("This ReadableStream is disturbed.");
    return value;
  }
  const bytes = bytesOf(value);
  if (bytes === undefined) throw new TypeError(WRONG_VALUE);
  // Copied: the message leaves at the end of the turn, and the worker may write to its buffer before.
  return bytes.slice();
}

function metadataText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const json = JSONStringify(value) as string | undefined;
  if (json === undefined) throw new TypeError("KV put() accepts only metadata that JSON can express.");
  return json;
}

function dictionary(value: unknown, refusal: () => TypeError): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" && typeof value !== "function") throw refusal();
  return value as Record<string, unknown>;
}

function text(value: unknown): string {
  if (typeof value === "symbol") throw new TypeError("Cannot convert a Symbol value to a string");
  return String(value);
}

function optionalText(value: unknown): string | null {
  return value === undefined || value === null ? null : keyName(value);
}

function optionalInt(value: unknown): number | null {
  return value === undefined ? null : toInt(value);
}
