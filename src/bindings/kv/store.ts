import type { Readable } from "node:stream";

/**
 * What stands behind a KV binding. Another implementation (Redis, S3, …) passes the suite `describeKVStore`.
 *
 * Keys are well-formed strings, not empty, of at most 512 bytes of UTF-8, and any character may be in them, NUL
 * too. Calls on one store take effect in the order in which they are made, except that a put of a stream takes
 * effect when the stream has ended. A store may reject with any error; the worker sees its message. Limits are the
 * caller's business.
 */
export interface KVStore {
  /** The entry of a key; null when there is none or it has expired. */
  get(key: string): Promise<KVEntry | null>;

  /**
   * Makes or replaces an entry, metadata and expiration included. Resolves when a crash of the process can no longer
   * lose it. Rejects with the stream's error when that fails; the old entry then stays as it was.
   */
  put(key: string, value: Uint8Array | AsyncIterable<Uint8Array>, options: KVPutOptions): Promise<void>;

  /** Removes an entry for good; a key without one is no error. */
  delete(key: string): Promise<void>;

  /**
   * Entries that have not expired, in the order of their keys' UTF-8 bytes. A page costs the same wherever it is.
   * Rejects with an `InvalidCursorError` (src/storage/cursor.ts) for a cursor that it did not give out.
   */
  list(options: KVListOptions): Promise<KVPage>;

  /** Lets go of files and connections when the calls under way are done. */
  close(): Promise<void>;
}

export interface KVPutOptions {
  /** Seconds since the epoch; null: never. The entry is invisible from that moment on. */
  readonly expiration: number | null;
  /** JSON. */
  readonly metadata: string | null;
}

export interface KVEntry extends KVPutOptions {
  /** A small value as bytes, a large one as a stream, which the caller reads to its end or destroys. */
  readonly value: Uint8Array | Readable;
  /** The length of the value in bytes. */
  readonly size: number;
}

export interface KVListOptions {
  /** "" for all keys. */
  readonly prefix: string;
  /** At least 1. */
  readonly limit: number;
  /** The cursor of the page before; null for the first one. */
  readonly cursor: string | null;
}

export interface KVKey extends KVPutOptions {
  readonly name: string;
}

export interface KVPage {
  readonly keys: readonly KVKey[];
  /** Null on the last page. */
  readonly cursor: string | null;
}
