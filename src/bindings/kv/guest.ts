/** `KVNamespace`, as a worker sees it (https://developers.cloudflare.com/kv/api/). */
import { call } from "../../guest/host.ts";
import { ownedBytes } from "../../guest/owned-bytes.ts";
import { JSONParse } from "../../guest/primordials.ts";
import { exposeInterface, illegalConstructor, illegalInvocation } from "../../guest/webidl.ts";
import { readableFromBytes, readableFromHost, sendToHost } from "../../web/streams/guest/transfer.ts";
import type { BindingDescriptor } from "../contracts.ts";
import type { KVCrossingValue, KVWanted } from "./contract.ts";
import {
  type GetOptions,
  getOptions,
  keyName,
  listOptions,
  putOptions,
  putValue,
  requireKey,
  requireKeyAndValue,
} from "./guest/arguments.ts";

const CONSTRUCTION = Symbol("construction");

const WRONG_TYPE = 'Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".';

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
    requireKey("get", arguments.length);
    const settings = getOptions(options);
    if (Array.isArray(key)) return getBulk(this.#binding, key, settings, false);
    return (await getOne(this.#binding, key, settings)).value;
  }

  async getWithMetadata(key: unknown, options?: unknown): Promise<unknown> {
    if (!(#binding in this)) throw illegalInvocation();
    requireKey("getWithMetadata", arguments.length);
    const settings = getOptions(options);
    if (Array.isArray(key)) return getBulk(this.#binding, key, settings, true);
    return getOne(this.#binding, key, settings);
  }

  async put(key: unknown, value: unknown, options?: unknown): Promise<void> {
    if (!(#binding in this)) throw illegalInvocation();
    requireKeyAndValue(arguments.length);
    const name = keyName(key);
    const { expiration, expirationTtl, metadata } = putOptions(options);
    const body = putValue(value);
    let failure: { readonly reason: unknown } | undefined;
    const crossing =
      typeof body === "string" || body instanceof Uint8Array
        ? body
        : sendToHost(body, reason => {
            failure = { reason };
          });
    try {
      await call("kv.put", this.#binding, name, crossing, expiration, expirationTtl, metadata);
    } catch (error) {
      // The worker's own exception, and not what the host was told of it.
      throw failure === undefined ? error : failure.reason;
    }
  }

  async delete(key: unknown): Promise<void> {
    if (!(#binding in this)) throw illegalInvocation();
    requireKey("delete", arguments.length);
    await call("kv.delete", this.#binding, keyName(key));
  }

  async list(options?: unknown): Promise<unknown> {
    if (!(#binding in this)) throw illegalInvocation();
    const { limit, prefix, cursor: after } = listOptions(options);
    const [listed, cursor] = await call("kv.list", this.#binding, prefix, limit, after);
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

async function getOne(
  binding: string,
  key: unknown,
  { type = "text", cacheTtl }: GetOptions,
): Promise<WithMetadata> {
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
  // Here, unlike for one key, an empty type is none.
  const answers = await call("kv.getBulk", binding, names, type || "text", cacheTtl);
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
  return ownedBytes(value).buffer;
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
