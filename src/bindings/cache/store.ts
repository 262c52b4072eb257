import type { Readable } from "node:stream";
import type { ByteRange } from "../../web/fetch/byte-range.ts";

/**
 * What stands behind `caches`. Another implementation (Redis, S3, …) passes the suite `describeCacheStore`.
 *
 * One store holds any number of caches, told apart by name. Names and keys are well-formed strings, and any character
 * may be in them. A store may drop what it holds at any moment, and must drop something rather than grow without end:
 * what was used least recently. It judges nothing: whether a response may be kept, and for how long, is the caller's
 * business. Calls take effect in the order in which they are made, except that a put of a stream takes effect when the
 * stream has ended. A store may reject with any error; the worker sees its message.
 */
export interface CacheStore {
  /**
   * The response kept under a key; null when there is none or it has expired. `choose` is told all about it but its
   * body, and says which bytes of that are wanted; null: none. It may be called more than once.
   */
  match(
    cache: string,
    key: string,
    choose: (found: CachedHead) => ByteRange | null,
  ): Promise<CachedResponse | null>;

  /**
   * Makes or replaces what is kept under a key. Resolves when a crash of the process can no longer lose it. Rejects
   * with the stream's error when that fails; what was kept before then stays as it was.
   */
  put(
    cache: string,
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    head: Omit<CachedHead, "size">,
  ): Promise<void>;

  /** Removes what is kept under a key for good. Whether there was something that had not expired. */
  delete(cache: string, key: string): Promise<boolean>;

  /** Empties a cache. Resolves with the number of responses that were in it. */
  clear(cache: string): Promise<number>;

  /** Lets go of files and connections when the calls under way are done. */
  close(): Promise<void>;
}

export interface CachedHead {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** When the response was made, in milliseconds since the epoch: its Age counts from then. */
  readonly madeAt: number;
  /** The response is invisible from this moment on, in milliseconds since the epoch. */
  readonly expiresAt: number;
  /** The length of the body in bytes. */
  readonly size: number;
}

export interface CachedResponse extends CachedHead {
  /** The bytes that were chosen: few of them as they are, many as a stream, which the caller reads or destroys. */
  readonly body: Uint8Array | Readable | null;
}
