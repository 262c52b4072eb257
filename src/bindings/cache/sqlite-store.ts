/** The cache store of the state folder: one SQLite database for all caches, and a folder of files for large bodies. */
import { BlobDatabase } from "../../storage/blob-database.ts";
import { BlobFolder } from "../../storage/blobs.ts";
import type { Clock } from "../../storage/clock.ts";
import type { StorePaths } from "../../storage/paths.ts";
import { openDatabase } from "../../storage/sqlite.ts";
import type { ByteRange } from "../../web/fetch/byte-range.ts";
import { CacheDatabase, MIGRATIONS } from "./database.ts";
import { type CacheLimits, cacheLimits } from "./limits.ts";
import type { CachedHead, CachedResponse, CacheStore } from "./store.ts";

const TIDY_INTERVAL_MS = 60_000;
/** What has been put is looked at when it is this part of all that may be held. */
const TIDY_SHARE = 64;
/** What a put counts as besides its body, so that many empty ones come to something. */
const PUT_BYTES = 16 * 1024;

export class SqliteCacheStore implements CacheStore {
  readonly #clock: Clock;
  readonly #limits: CacheLimits;
  readonly #files: BlobDatabase<CacheDatabase>;
  #nextTidy = 0;
  /** Since the folder was last looked after. */
  #putBytes = 0;

  constructor({ database, blobs }: StorePaths, clock: Clock, limits: CacheLimits = cacheLimits) {
    this.#clock = clock;
    this.#limits = limits;
    this.#files = new BlobDatabase(
      new BlobFolder(blobs),
      async () => new CacheDatabase(await openDatabase(database, MIGRATIONS)),
    );
  }

  async match(
    cache: string,
    key: string,
    choose: (found: CachedHead) => ByteRange | null,
  ): Promise<CachedResponse | null> {
    const database = await this.#files.open();
    for (let missing: string | undefined; ; ) {
      const now = this.#clock.now();
      const row = database.get(cache, key, now);
      if (row === undefined) return null;
      const used = database.use(row, now);
      if (used !== undefined) this.#files.inBackground(used);
      const { status, madeAt, expiresAt, size, blob } = row;
      const head = { status, headers: JSON.parse(row.headers) as string[], madeAt, expiresAt, size };
      const range = choose(head);
      if (range === null) return { ...head, body: null };
      if (row.body !== null) return { ...head, body: row.body.subarray(range.start, range.end) };
      const opened = await this.#files.blobs.open(blob as string, range);
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
    const database = await this.#files.open();
    await this.#files.keep(body, async kept => {
      this.#files.drop([await database.put(cache, key, kept, head, this.#clock.now())]);
      this.#tidyWhenDue(database, kept instanceof Uint8Array ? kept.byteLength : kept.size);
    });
  }

  async delete(cache: string, key: string): Promise<boolean> {
    const database = await this.#files.open();
    const removed = await database.delete(cache, key);
    this.#files.drop([removed?.blob ?? null]);
    return removed !== undefined && removed.expiresAt > this.#clock.now();
  }

  async clear(cache: string): Promise<number> {
    const database = await this.#files.open();
    const removed = await database.clear(cache);
    this.#files.drop(removed.map(({ blob }) => blob));
    const now = this.#clock.now();
    return removed.filter(({ expiresAt }) => expiresAt > now).length;
  }

  close(): Promise<void> {
    return this.#files.close();
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
    this.#files.inBackground(
      database.tidy(now, this.#limits.totalBytes).then(({ blobs, more }) => {
        this.#files.drop(blobs);
        if (more) this.#tidy(database, now);
      }),
    );
  }
}
