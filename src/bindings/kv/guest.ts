/** `KVNamespace`, as a worker sees it (https://developers.cloudflare.com/kv/api/). */
import { call } from "../../guest/host.ts";
import { JSONParse, JSONStringify } from "../../guest/primordials.ts";
import {
  bytesOf,
  DOMString,
  exposeInterface,
  illegalConstructor,
  illegalInvocation,
} from "../../guest/webidl.ts";
import { ReadableStream } from "../../web/streams/guest/readable.ts";
import { readableFromBytes, readableFromHost, sendToHost } from "../../web/streams/guest/transfer.ts";
import type { BindingDescriptor } from "../contracts.ts";
import type { KVCrossingValue, KVWanted } from "./contract.ts";

const CONSTRUCTION = Symbol("construction");

const WRONG_VALUE =
  "KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.";
const WRONG_TYPE = 'Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".';

interface GetOptions {
  readonly type: string;
  readonly cacheTtl: number | null;
}

interface WithMetadata {
  value: unknown;
  metadata: unknown;
  cacheStatus: null;
}

interface ListKey {
  name: string;
  expiration?: number;
  metadata?: unknown;
}

/** A Workers KV namespace bound to a worker. */
export class KVNamespace {
  #binding: string;

  constructor(token: symbol, binding: string) {
    if (token !== CONSTRUCTION) throw illegalConstructor();
    this.#binding = binding;
  }

  async get(key: unknown, options?: unknown): Promise<unknown> {
    if (!(#binding in this)) throw illegalInvocation();
    const settings = getOptions(options);
    if (Array.isArray(key)) return getBulk(this.#binding, key, settings, false);
    return (await getOne(this.#binding, key, settings)).value;
  }

  async getWithMetadata(key: unknown, options?: unknown): Promise<unknown> {
    if (!(#binding in this)) throw illegalInvocation();
    const settings = getOptions(options);
    if (Array.isArray(key)) return getBulk(this.#binding, key, settings, true);
    return getOne(this.#binding, key, settings);
  }

  async put(key: unknown, value: unknown, options?: unknown): Promise<void> {
    if (!(#binding in this)) throw illegalInvocation();
    const name = keyName(key);
    const source = dictionary(options);
    const expiration = optionalInt(source["expiration"]);
    const ttl = optionalInt(source["expirationTtl"]);
    const metadata = metadataText(source["metadata"]);
    await call("kv.put", this.#binding, name, crossingValue(value), expiration, ttl, metadata);
  }

  async delete(key: unknown): Promise<void> {
    if (!(#binding in this)) throw illegalInvocation();
    await call("kv.delete", this.#binding, keyName(key));
  }

  async list(options?: unknown): Promise<unknown> {
    if (!(#binding in this)) throw illegalInvocation();
    const source = dictionary(options);
    const limit = optionalInt(source["limit"]);
    const prefix = optionalString(source["prefix"]);
    const [listed, cursor] = await call(
      "kv.list",
      this.#binding,
      prefix,
      limit,
      optionalString(source["cursor"]),
    );
    const keys = listed.map(([name, expiration, metadata]) => {
      const key: ListKey = { name };
      if (expiration !== null) key.expiration = expiration;
      if (metadata !== null) key.metadata = JSONParse(metadata);
      return key;
    });
    return cursor === null
      ? { keys, list_complete: true, cacheStatus: null }
      : { keys, list_complete: false, cursor, cacheStatus: null };
  }
}

exposeInterface(KVNamespace, "KvNamespace");

/** The object on `env` for a binding. */
export function createKVNamespace(descriptor: BindingDescriptor): KVNamespace {
  return new KVNamespace(CONSTRUCTION, descriptor.name);
}

async function getOne(binding: string, key: unknown, { type, cacheTtl }: GetOptions): Promise<WithMetadata> {
  const answer = await call("kv.get", binding, keyName(key), wantedFor(type), cacheTtl);
  if (answer === null) return { value: null, metadata: null, cacheStatus: null };
  const [value, metadata] = answer;
  return { value: received(value, type), metadata: parsed(metadata), cacheStatus: null };
}

async function getBulk(
  binding: string,
  keys: readonly unknown[],
  { type, cacheTtl }: GetOptions,
  withMetadata: boolean,
): Promise<Map<string, unknown>> {
  const names = keys.map(keyName);
  const answers = await call("kv.getBulk", binding, names, type, cacheTtl);
  const result = new Map<string, unknown>();
  for (let index = 0; index < names.length; index++) {
    const answer = answers[index] ?? null;
    let entry: unknown = null;
    if (answer !== null) {
      const value = type === "json" ? parsedInBulk(answer[0]) : answer[0];
      entry = withMetadata ? { value, metadata: parsed(answer[1]) } : value;
    }
    result.set(names[index] as string, entry);
  }
  return result;
}

/** As workerd: the type is looked at once there is a value, so a wrong one is wanted as nothing. */
function wantedFor(type: string): KVWanted {
  switch (type) {
    case "text":
    case "json":
      return "text";
    case "arrayBuffer":
      return "bytes";
    case "stream":
      return "stream";
    default:
      return "nothing";
  }
}

function received(value: KVCrossingValue | null, type: string): unknown {
  if (value === null) throw new TypeError(WRONG_TYPE);
  if (typeof value === "string") return type === "json" ? JSONParse(value) : value;
  if (typeof value === "number") return readableFromHost(value);
  if (type === "stream") return readableFromBytes(value as Uint8Array<ArrayBuffer>);
  const whole = value.byteOffset === 0 && value.byteLength === value.buffer.byteLength;
  return (whole ? value : value.slice()).buffer;
}

function crossingValue(value: unknown): KVCrossingValue {
  if (typeof value !== "object" && typeof value !== "function") return DOMString(value);
  if (value === null) return "null";
  if (value instanceof ReadableStream) return sendToHost(value);
  const bytes = bytesOf(value);
  if (bytes === undefined) throw new TypeError(WRONG_VALUE);
  // Copied: the message leaves at the end of the turn, and the worker may write to its buffer before.
  return bytes.slice();
}

function getOptions(options: unknown): GetOptions {
  if (typeof options === "string") return { type: options, cacheTtl: null };
  const source = dictionary(options);
  const type = source["type"];
  return {
    type: type === undefined ? "text" : DOMString(type),
    cacheTtl: optionalInt(source["cacheTtl"]),
  };
}

function keyName(key: unknown): string {
  return DOMString(key).toWellFormed();
}

function dictionary(value: unknown): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" && typeof value !== "function") {
    throw new TypeError("Incorrect type for the options: the provided value is not an object.");
  }
  return value as Record<string, unknown>;
}

function optionalString(value: unknown): string | null {
  return value === undefined || value === null ? null : DOMString(value).toWellFormed();
}

/** workerd's conversion to `int`: what is no number is 0, fractions are cut, and the range is 32 bits. */
function optionalInt(value: unknown): number | null {
  if (value === undefined) return null;
  const number = Number(value);
  if (!Number.isFinite(number)) return 0;
  const integer = Math.trunc(number);
  if (integer < -(2 ** 31) || integer >= 2 ** 31) {
    throw new TypeError("Value out of range. Must be between -2147483648 and 2147483647 (inclusive).");
  }
  return integer + 0;
}

function metadataText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const text = JSONStringify(value) as string | undefined;
  if (text === undefined) throw new TypeError("KV put() accepts only metadata that JSON can express.");
  return text;
}

function parsed(json: string | null): unknown {
  return json === null ? null : JSONParse(json);
}

function parsedInBulk(text: string): unknown {
  try {
    return JSONParse(text);
  } catch {
    throw new Error(
      "KV GET_BULK failed: 400 At least one of the requested keys corresponds to a non-json value",
    );
  }
}
