/** Workers KV on the host: checks what Cloudflare checks, in its words, and calls the store. */
import { Readable } from "node:stream";
import type { HostOps } from "../../engine/ops.ts";
import { UserError } from "../../errors.ts";
import type { Clock } from "../../storage/clock.ts";
import { InvalidCursorError } from "../../storage/cursor.ts";
import { storePaths } from "../../storage/paths.ts";
import { chooseStore, type StoreChoice } from "../stores.ts";
import type { KVAsyncOps, KVCrossingValue, KVWanted } from "./contract.ts";
import { type KVLimits, kvLimits } from "./limits.ts";
import { KVRefusal, type Method, refuse } from "./refusal.ts";
import { SqliteKVStore } from "./sqlite-store.ts";
import type { KVEntry, KVPage, KVStore } from "./store.ts";
import { bytesOf, discard, textOf } from "./value.ts";

/** A `kv_namespaces` entry of the configuration. */
export interface KVDescriptor {
  readonly type: "kv";
  /** The property of `env`. */
  readonly name: string;
  /** Namespaces with one id are one namespace, whatever the bindings are called. The binding's name unless given. */
  readonly id?: string;
}

/** What a namespace is made from, besides its descriptor: the state folder or a store, and the time. */
export interface KVEnvironment extends Clock, StoreChoice {
  readonly stateDir: string;
}

export interface KVPutSettings {
  /** Seconds since the epoch. */
  readonly expiration: number | null;
  /** Seconds from now; wins over `expiration`. */
  readonly ttl: number | null;
  /** JSON. */
  readonly metadata: string | null;
}

/** The namespace behind a binding: the store, with Cloudflare's limits in front of it. */
export class KVHost {
  readonly #store: KVStore;
  readonly #clock: Clock;
  readonly #limits: KVLimits;

  constructor(store: KVStore, clock: Clock, limits: KVLimits = kvLimits) {
    this.#store = store;
    this.#clock = clock;
    this.#limits = limits;
  }

  async get(key: string, cacheTtl: number | null): Promise<KVEntry | null> {
    this.#checkKey("GET", key);
    this.#checkCacheTtl("GET", cacheTtl);
    return (await this.#perform("GET", () => this.#store.get(key))) ?? null;
  }

  /** The values of many keys, as text, in the order of the keys. */
  async getBulk(
    keys: readonly string[],
    type: string,
    cacheTtl: number | null,
  ): Promise<(readonly [value: string, metadata: string | null] | null)[]> {
    const { bulkKeys, bulkBytes } = this.#limits;
    if (type !== "text" && type !== "json") {
      refuse("GET_BULK", 400, `"${type}" is not a valid type. Use "json" or "text"`);
    }
    if (keys.length > bulkKeys) refuse("GET_BULK", 400, `You can request a maximum of ${bulkKeys} keys`);
    if (keys.length < 1) refuse("GET_BULK", 400, "You must request a minimum of 1 key");
    for (const key of keys) this.#checkKeyOfMany(key);
    this.#checkCacheTtl("GET_BULK", cacheTtl);
    const results: (readonly [string, string | null] | null)[] = [];
    let total = 0;
    for (const key of keys) {
      const entry = await this.#perform("GET_BULK", () => this.#store.get(key));
      total += entry?.size ?? 0;
      if (total > bulkBytes) {
        discard(entry);
        refuse("GET_BULK", 413, `Total size of request exceeds the limit of ${bulkBytes / 1024 / 1024}MB`);
      }
      results.push(entry && [await textOf(entry), entry.metadata]);
    }
    return results;
  }

  /** A stream is destroyed when its put fails, so that whoever writes it hears of that. */
  async put(key: string, value: Uint8Array | Readable, settings: KVPutSettings): Promise<void> {
    try {
      this.#checkKey("PUT", key);
      const options = { expiration: this.#expirationOf(settings), metadata: settings.metadata };
      this.#checkMetadata(settings.metadata);
      if (value instanceof Uint8Array) this.#checkValue(value.byteLength);
      const body = value instanceof Uint8Array ? value : this.#measured(value);
      await this.#perform("PUT", () => this.#store.put(key, body, options));
    } catch (error) {
      if (value instanceof Readable) value.destroy();
      throw error;
    }
  }

  async delete(key: string): Promise<void> {
    this.#checkKey("DELETE", key);
    await this.#perform("DELETE", () => this.#store.delete(key));
  }

  /** A limit that is null or not positive asks for the largest page, as on workerd. */
  async list(prefix: string | null, limit: number | null, cursor: string | null): Promise<KVPage> {
    const { listKeys } = this.#limits;
    if (limit !== null && limit > listKeys) {
      refuse(
        "GET",
        400,
        `Invalid key_count_limit of ${limit}. Please specify an integer less than ${listKeys}.`,
      );
    }
    this.#checkKeyLength("GET", prefix ?? "");
    const options = {
      prefix: prefix ?? "",
      limit: limit !== null && limit > 0 ? limit : listKeys,
      cursor: cursor === "" ? null : cursor,
    };
    return this.#perform("GET", () => this.#store.list(options));
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  /** Calls the store, and words its failures as Cloudflare's service does. */
  async #perform<T>(method: Method, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof InvalidCursorError) refuse(method, 400, "Invalid cursor");
      if (error instanceof UserError) {
        throw new KVRefusal(method, 500, `${error.message} ${error.hint}`, error);
      }
      throw error;
    }
  }

  #checkKey(method: Method, key: string): void {
    if (key === "") throw new TypeError("Key name cannot be empty.");
    if (isDots(key)) throw new TypeError(`"${key}" is not allowed as a key name.`);
    this.#checkKeyLength(method, key);
  }

  /** The service words it otherwise than the binding. */
  #checkKeyOfMany(key: string): void {
    if (key === "") refuse("GET_BULK", 400, "Key names must not be empty");
    if (isDots(key)) refuse("GET_BULK", 400, `Illegal key name "${key}". Please use a different name.`);
    this.#checkKeyLength("GET_BULK", key);
  }

  #checkKeyLength(method: Method, key: string): void {
    const length = Buffer.byteLength(key);
    const { keyBytes } = this.#limits;
    if (length <= keyBytes) return;
    refuse(method, 414, `UTF-8 encoded length of ${length} exceeds key length limit of ${keyBytes}.`);
  }

  #checkCacheTtl(method: Method, cacheTtl: number | null): void {
    const minimum = this.#limits.minimumCacheTtlSeconds;
    if (cacheTtl === null || cacheTtl >= minimum) return;
    refuse(method, 400, `Invalid cache_ttl of ${cacheTtl}. Cache TTL must be at least ${minimum}.`);
  }

  #checkMetadata(metadata: string | null): void {
    const length = metadata === null ? 0 : Buffer.byteLength(metadata);
    const { metadataBytes } = this.#limits;
    if (length > metadataBytes)
      refuse("PUT", 413, `Metadata length of ${length} exceeds limit of ${metadataBytes}.`);
  }

  #checkValue(length: number): void {
    const { valueBytes } = this.#limits;
    if (length > valueBytes) refuse("PUT", 413, `Value length of ${length} exceeds limit of ${valueBytes}.`);
  }

  /** The moment an entry expires at, in seconds since the epoch. */
  #expirationOf({ expiration, ttl }: KVPutSettings): number | null {
    const minimum = this.#limits.minimumTtlSeconds;
    const now = Math.floor(this.#clock.now() / 1000);
    if (ttl !== null) {
      const invalid = `Invalid expiration_ttl of ${ttl}.`;
      if (ttl <= 0) refuse("PUT", 400, `${invalid} Please specify integer greater than 0.`);
      if (ttl < minimum) refuse("PUT", 400, `${invalid} Expiration TTL must be at least ${minimum}.`);
      return now + ttl;
    }
    if (expiration === null) return null;
    const invalid = `Invalid expiration of ${expiration}.`;
    if (expiration <= now) {
      const wanted =
        "Please specify integer greater than the current number of seconds since the UNIX epoch.";
      refuse("PUT", 400, `${invalid} ${wanted}`);
    }
    if (expiration < now + minimum) {
      refuse("PUT", 400, `${invalid} Expiration times must be at least ${minimum} seconds in the future.`);
    }
    return expiration;
  }

  /** The stream, which fails when it grows beyond the limit. */
  async *#measured(stream: Readable): AsyncGenerator<Uint8Array> {
    let length = 0;
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      length += chunk.byteLength;
      this.#checkValue(length);
      yield chunk;
    }
  }
}

/** Names that a path cannot hold. */
const isDots = (key: string) => key === "." || key === "..";

/** The namespace of a descriptor, kept in the state folder unless it has a store of its user's. Nothing is opened before the first call. */
export function createKV(descriptor: KVDescriptor, environment: KVEnvironment): KVHost {
  return new KVHost(openKVStore(descriptor.id ?? descriptor.name, environment), environment);
}

/** The store of a namespace, with no limits in front of it. */
export function openKVStore(id: string, environment: KVEnvironment): KVStore {
  const standard = () => new SqliteKVStore(storePaths(environment.stateDir, "kv", id), environment);
  return chooseStore(environment, "kv", id, standard);
}

/** The ops of Workers KV. */
export const kvOps: HostOps<KVAsyncOps> = {
  async "kv.get"(context, binding, key, wanted, cacheTtl) {
    context.countSubrequest();
    const entry = await context.resource<KVHost>("kv", binding).get(key, cacheTtl);
    if (entry === null) return null;
    const value = await crossing(entry, wanted, stream => context.streams.give(stream));
    return [value, entry.metadata];
  },

  "kv.getBulk"(context, binding, keys, type, cacheTtl) {
    context.countSubrequest();
    return context.resource<KVHost>("kv", binding).getBulk(keys, type, cacheTtl);
  },

  async "kv.put"(context, binding, key, value, expiration, ttl, metadata) {
    context.countSubrequest();
    const kv = context.resource<KVHost>("kv", binding);
    const body =
      typeof value === "number"
        ? context.streams.take(value)
        : typeof value === "string"
          ? Buffer.from(value, "utf8")
          : value;
    await kv.put(key, body, { expiration, ttl, metadata });
    return null;
  },

  async "kv.delete"(context, binding, key) {
    context.countSubrequest();
    await context.resource<KVHost>("kv", binding).delete(key);
    return null;
  },

  async "kv.list"(context, binding, prefix, limit, cursor) {
    context.countSubrequest();
    const page = await context.resource<KVHost>("kv", binding).list(prefix, limit, cursor);
    return [page.keys.map(key => [key.name, key.expiration, key.metadata] as const), page.cursor];
  },
};

async function crossing(
  entry: KVEntry,
  wanted: KVWanted,
  give: (stream: Readable) => number,
): Promise<KVCrossingValue | null> {
  const { value } = entry;
  switch (wanted) {
    case "nothing":
      discard(entry);
      return null;
    case "text":
      return textOf(entry);
    case "bytes":
      return bytesOf(entry);
    case "stream":
      return value instanceof Uint8Array ? value : give(value);
  }
}
