/** The cache store of the state folder: one SQLite database for all caches, and a folder of files for large bodies. */
import { BlobFolder, type StagedBlob } from "../../storage/blobs.ts";
import type { Clock } from "../../storage/clock.ts";
import type { StorePaths } from "../../storage/paths.ts";
import { readSmall } from "../../storage/read-small.ts";
import { openDatabase } from "../../storage/sqlite.ts";
import { CacheDatabase, MIGRATIONS } from "./database.ts";
import { type CacheLimits, cacheLimits } from "./limits.ts";
import type { ByteRange, CachedHead, CachedResponse, CacheStore } from "./store.ts";

/** Larger bodies are files: SQLite reads and writes them more slowly than the file system, and whole. */
const LARGEST_INLINE_BYTES = 100 * 1024;
const TIDY_INTERVAL_MS = 60_000;
/** What has been put is looked at when it is this part of all that may be held. */
const TIDY_SHARE = 64;
/** What a put counts as besides its body, so that many empty ones come to something. */
const PUT_BYTES = 16 * 1024;

export class SqliteCacheStore implements CacheStore {
  readonly #paths: StorePaths;
  readonly #clock: Clock;
  readonly #limits: CacheLimits;
  readonly #blobs: BlobFolder;
  #database: CacheDatabase | undefined;
  #opening: Promise<CacheDatabase> | undefined;
  #nextTidy = 0;
  /** Since the folder was last looked after. */
  #putBytes = 0;
  /** Work that nobody waits for but `close`. */
  readonly #background = new Set<Promise<void>>();

  constructor(paths: StorePaths, clock: Clock, limits: CacheLimits = cacheLimits) {
    this.#paths = paths;
    this.#clock = clock;
    this.#limits = limits;
    this.#blobs = new BlobFolder(paths.blobs);
  }

  async match(
    cache: string,
    key: string,
    choose: (found: CachedHead) => ByteRange | null,
  ): Promise<CachedResponse | null> {
    const database = this.#database ?? (await this.#open());
    for (let missing: string | undefined; ; ) {
      const now = this.#clock.now();
      const row = database.get(cache, key, now);
      if (row === undefined) return null;
      const used = database.use(row, now);
      if (used !== undefined) this.#inBackground(used);
      const { status, madeAt, expiresAt, size, blob } = row;
      const head = { status, headers: JSON.parse(row.headers) as string[], madeAt, expiresAt, size };
      const range = choose(head);
      if (range === null) return { ...head, body: null };
      if (row.body !== null) return { ...head, body: row.body.subarray(range.start, range.end) };
      const opened = await this.#blobs.open(blob as string, range);
      if (opened?.size === size) return { ...head, body: opened.stream };
      opened?.stream.destroy();
      // Replaced between the two steps: look again. If the row still names it, the file is lost, as a cache may lose it.
      if (missing === blob) return null;
      missing = blob as string;
    }
  }

  async put(
    cache: string,
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    head: Omit<CachedHead, "size">,
  ): Promise<void> {
    const database = this.#database ?? (await this.#open());
    const small = body instanceof Uint8Array ? body : await readSmall(body, LARGEST_INLINE_BYTES);
    const now = this.#clock.now();
    if (small instanceof Uint8Array && small.byteLength <= LARGEST_INLINE_BYTES) {
      this.#drop(await database.put(cache, key, small, head, now));
      this.#tidyWhenDue(database, small.byteLength);
      return;
    }
    const staged: StagedBlob = await this.#blobs.stage(small);
    try {
      this.#drop(await database.put(cache, key, staged, head, now));
      this.#tidyWhenDue(database, staged.size);
    } catch (error) {
      await staged.discard();
      throw error;
    }
  }

  async delete(cache: string, key: string): Promise<boolean> {
    const database = this.#database ?? (await this.#open());
    const removed = await database.delete(cache, key);
    this.#drop(removed?.blob ?? null);
    return removed !== undefined && removed.expiresAt > this.#clock.now();
  }

  async clear(cache: string): Promise<number> {
    const database = await this.#open();
    const removed = await database.clear(cache);
    for (const { blob } of removed) this.#drop(blob);
    const now = this.#clock.now();
    return removed.filter(({ expiresAt }) => expiresAt > now).length;
  }

  async close(): Promise<void> {
    const database = await this.#opening?.catch(() => undefined);
    database?.flush();
    while (this.#background.size > 0) await Promise.allSettled(this.#background);
    this.#database = undefined;
    database?.close();
  }

  #open(): Promise<CacheDatabase> {
    this.#opening ??= this.#openNow();
    return this.#opening;
  }

  async #openNow(): Promise<CacheDatabase> {
    try {
      const database = new CacheDatabase(await openDatabase(this.#paths.database, MIGRATIONS));
      this.#inBackground(this.#blobs.collect(database));
      this.#database = database;
      return database;
    } catch (error) {
      // What was in the way may be gone at the next call.
      this.#opening = undefined;
      throw error;
    }
  }

  /** Looks after what the folder holds: for the first put, for the many after it, and when time has passed. */
  #tidyWhenDue(database: CacheDatabase, bytes: number): void {
    const now = this.#clock.now();
    this.#putBytes += bytes + PUT_BYTES;
    const isDue = this.#putBytes * TIDY_SHARE >= this.#limits.totalBytes || now >= this.#nextTidy;
    if (isDue) this.#tidy(database, now);
  }

  #tidy(database: CacheDatabase, now: number): void {
    this.#putBytes = 0;
    this.#nextTidy = now + TIDY_INTERVAL_MS;
    this.#inBackground(
      database.tidy(now, this.#limits.totalBytes).then(({ blobs, more }) => {
        for (const blob of blobs) this.#drop(blob);
        if (more) this.#tidy(database, now);
      }),
    );
  }

  #drop(blob: string | null): void {
    if (blob !== null) this.#inBackground(this.#blobs.remove(blob));
  }

  #inBackground(work: Promise<void>): void {
    // A failure here costs disk space only, and the next start tries again.
    const settled = work
      .catch(() => {})
      .then(() => {
        this.#background.delete(settled);
      });
    this.#background.add(settled);
  }
}
