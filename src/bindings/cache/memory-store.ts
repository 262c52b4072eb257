/** A cache store that forgets: for tests, and for a worker that shall leave no trace. */
import type { Clock } from "../../storage/clock.ts";
import { collect } from "../../storage/collect.ts";
import type { ByteRange } from "../../web/fetch/byte-range.ts";
import { type CacheLimits, cacheLimits } from "./limits.ts";
import type { CachedHead, CachedResponse, CacheStore } from "./store.ts";

interface Kept extends CachedHead {
  readonly cache: string;
  readonly body: Uint8Array;
  readonly weight: number;
}

export class MemoryCacheStore implements CacheStore {
  readonly #clock: Clock;
  readonly #limits: CacheLimits;
  /** In the order in which they were used. */
  readonly #kept = new Map<string, Kept>();
  #weight = 0;

  constructor(clock: Clock, limits: CacheLimits = cacheLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  async match(
    cache: string,
    key: string,
    choose: (found: CachedHead) => ByteRange | null,
  ): Promise<CachedResponse | null> {
    const id = idOf(cache, key);
    const kept = this.#kept.get(id);
    if (kept === undefined || kept.expiresAt <= this.#clock.now()) return null;
    this.#kept.delete(id);
    this.#kept.set(id, kept);
    const range = choose(kept);
    return { ...kept, body: range && kept.body.slice(range.start, range.end) };
  }

  async put(
    cache: string,
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    head: Omit<CachedHead, "size">,
  ): Promise<void> {
    const bytes = body instanceof Uint8Array ? new Uint8Array(body) : await collect(body);
    const weight = weightOf(key, head.headers, bytes.byteLength);
    const id = idOf(cache, key);
    this.#remove(id);
    this.#kept.set(id, { ...head, cache, body: bytes, size: bytes.byteLength, weight });
    this.#weight += weight;
    this.#shrink();
  }

  async delete(cache: string, key: string): Promise<boolean> {
    const removed = this.#remove(idOf(cache, key));
    return removed !== undefined && removed.expiresAt > this.#clock.now();
  }

  async clear(cache: string): Promise<number> {
    const ids = [...this.#kept].filter(([, kept]) => kept.cache === cache).map(([id]) => id);
    const now = this.#clock.now();
    return ids.map(id => this.#remove(id) as Kept).filter(({ expiresAt }) => expiresAt > now).length;
  }

  async close(): Promise<void> {}

  #remove(id: string): Kept | undefined {
    const kept = this.#kept.get(id);
    this.#kept.delete(id);
    this.#weight -= kept?.weight ?? 0;
    return kept;
  }

  /** Drops what has expired, if there is too much, and then what was used least recently. */
  #shrink(): void {
    const { totalBytes } = this.#limits;
    if (this.#weight <= totalBytes) return;
    const now = this.#clock.now();
    for (const [id, { expiresAt }] of this.#kept) if (expiresAt <= now) this.#remove(id);
    for (const id of this.#kept.keys()) {
      if (this.#weight <= totalBytes) return;
      this.#remove(id);
    }
  }
}

/** Two names and keys cannot make the same id: a name's length is in it. */
function idOf(cache: string, key: string): string {
  return `${cache.length}:${cache}${key}`;
}

/** What a response is counted as against the limit of all: more than its body, or many empty ones would be free. */
function weightOf(key: string, headers: readonly string[], size: number): number {
  let weight = 512 + key.length + size;
  for (const text of headers) weight += text.length;
  return weight;
}
