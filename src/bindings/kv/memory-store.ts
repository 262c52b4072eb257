/** A KV store that forgets: for tests, and for a worker that shall leave no trace. */

import { type Clock, systemClock } from "../../storage/clock.ts";
import { collect } from "../../storage/collect.ts";
import { decodeCursor, encodeCursor } from "../../storage/cursor.ts";
import { compareUtf8, firstNotBefore } from "../../storage/key-order.ts";
import type { KVEntry, KVKey, KVListOptions, KVPage, KVPutOptions, KVStore } from "./store.ts";

interface Stored extends KVPutOptions {
  readonly value: Uint8Array;
}

export class MemoryKVStore implements KVStore {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Stored>();
  /** The keys in order; undefined when one has come or gone since. */
  #order: string[] | undefined;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  async get(key: string): Promise<KVEntry | null> {
    const stored = this.#visible(key);
    return stored === undefined
      ? null
      : { ...stored, value: new Uint8Array(stored.value), size: stored.value.byteLength };
  }

  async put(
    key: string,
    value: Uint8Array | AsyncIterable<Uint8Array>,
    { expiration, metadata }: KVPutOptions,
  ): Promise<void> {
    const bytes = value instanceof Uint8Array ? new Uint8Array(value) : await collect(value);
    if (!this.#entries.has(key)) this.#order = undefined;
    this.#entries.set(key, { value: bytes, expiration, metadata });
  }

  async delete(key: string): Promise<void> {
    if (this.#entries.delete(key)) this.#order = undefined;
  }

  async list({ prefix, limit, cursor }: KVListOptions): Promise<KVPage> {
    const after = cursor === null ? null : decodeCursor("kv", cursor);
    this.#order ??= [...this.#entries.keys()].sort(compareUtf8);
    const order = this.#order;
    let index = firstNotBefore(order, prefix);
    if (after !== null) {
      const next = firstNotBefore(order, after);
      index = Math.max(index, order[next] === after ? next + 1 : next);
    }
    const keys: KVKey[] = [];
    for (; index < order.length; index++) {
      const name = order[index] as string;
      if (!name.startsWith(prefix)) break;
      const stored = this.#visible(name);
      if (stored === undefined) continue;
      if (keys.length === limit) return { keys, cursor: encodeCursor("kv", keys[limit - 1]?.name ?? "") };
      keys.push({ name, expiration: stored.expiration, metadata: stored.metadata });
    }
    return { keys, cursor: null };
  }

  async close(): Promise<void> {}

  /** The entry of a key, unless it has expired, which ends it. */
  #visible(key: string): Stored | undefined {
    const stored = this.#entries.get(key);
    if (stored === undefined || stored.expiration === null || stored.expiration * 1000 > this.#clock.now()) {
      return stored;
    }
    this.#entries.delete(key);
    return undefined;
  }
}
