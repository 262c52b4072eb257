/** What crosses for Workers KV. The first argument is always the binding's name. */

/** How a value is wanted: as a string, in one buffer, as it comes, or not at all (only whether there is one). */
export type KVWanted = "text" | "bytes" | "stream" | "nothing";

/** A string or bytes; a number is the handle of a stream. */
export type KVCrossingValue = string | Uint8Array | number;

/** A key in a list: its name, its expiration in seconds since the epoch, its metadata as JSON. */
export type KVListedKey = readonly [name: string, expiration: number | null, metadata: string | null];

export interface KVAsyncOps {
  /** The value and the metadata (as JSON) of a key, or null. Wanted as a stream, a small value comes as bytes. */
  "kv.get"(
    binding: string,
    key: string,
    wanted: KVWanted,
    cacheTtl: number | null,
  ): readonly [value: KVCrossingValue | null, metadata: string | null] | null;
  /** Values as text and metadata as JSON, in the order of the keys. */
  "kv.getBulk"(
    binding: string,
    keys: readonly string[],
    type: string,
    cacheTtl: number | null,
  ): readonly (readonly [value: string, metadata: string | null] | null)[];
  /** Answers when the value is stored for good. `expiration` and `ttl` are in seconds. */
  "kv.put"(
    binding: string,
    key: string,
    value: KVCrossingValue,
    expiration: number | null,
    ttl: number | null,
    metadata: string | null,
  ): null;
  "kv.delete"(binding: string, key: string): null;
  /** The keys that start with `prefix`, in the order of their UTF-8 bytes; a cursor where there are more. */
  "kv.list"(
    binding: string,
    prefix: string | null,
    limit: number | null,
    cursor: string | null,
  ): readonly [keys: readonly KVListedKey[], cursor: string | null];
}
