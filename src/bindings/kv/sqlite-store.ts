/** The KV store of the state folder: one SQLite database a namespace, and a folder of files for large values. */

import { UserError } from "../../errors.ts";
import { BlobFolder, type StagedBlob } from "../../storage/blobs.ts";
import type { Clock } from "../../storage/clock.ts";
import { decodeCursor, encodeCursor } from "../../storage/cursor.ts";
import { GroupCommit } from "../../storage/group-commit.ts";
import { AFTER_ALL_KEYS, compareUtf8, nextAfter, successor } from "../../storage/key-order.ts";
import type { StorePaths } from "../../storage/paths.ts";
import { readSmall } from "../../storage/read-small.ts";
import { type Database, openDatabase } from "../../storage/sqlite.ts";
import type { KVEntry, KVKey, KVListOptions, KVPage, KVPutOptions, KVStore } from "./store.ts";

/** Larger values are files: SQLite reads and writes them more slowly than the file system, and whole. */
const LARGEST_INLINE_BYTES = 100 * 1024;
/** Values of 1 KB stay in the pages of their keys. */
const PAGE_BYTES = 8192;
const PURGE_INTERVAL_MS = 60_000;
const PURGE_ROWS = 1000;

/** `value` comes last, so that a list does not read the pages that long values overflow to. */
const MIGRATIONS = [
  `CREATE TABLE entries (
    key TEXT NOT NULL PRIMARY KEY,
    expiration INTEGER,
    metadata TEXT,
    size INTEGER NOT NULL,
    blob TEXT,
    value BLOB,
    CHECK ((blob IS NULL) <> (value IS NULL))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX expiring ON entries (expiration) WHERE expiration IS NOT NULL;
  CREATE INDEX blobs ON entries (blob) WHERE blob IS NOT NULL;`,
];

/** One page of keys: a search of the primary key, wherever the page is. */
export const LIST = `SELECT key AS name, expiration, metadata FROM entries
  WHERE key >= ? AND key < ? AND (expiration IS NULL OR expiration > ?) ORDER BY key LIMIT ?`;

interface Row {
  expiration: number | null;
  metadata: string | null;
  size: number;
  blob: string | null;
  value: Buffer | null;
}

export class SqliteKVStore implements KVStore {
  readonly #paths: StorePaths;
  readonly #clock: Clock;
  readonly #blobs: BlobFolder;
  #opening: Promise<OpenNamespace> | undefined;
  #nextPurge = 0;
  /** Work that nobody waits for but `close`. */
  readonly #background = new Set<Promise<void>>();

  constructor(paths: StorePaths, clock: Clock) {
    this.#paths = paths;
    this.#clock = clock;
    this.#blobs = new BlobFolder(paths.blobs);
  }

  async get(key: string): Promise<KVEntry | null> {
    const namespace = await this.#open();
    for (let missing: string | undefined; ; ) {
      const row = namespace.get(key, this.#clock.now());
      if (row === undefined) return null;
      const { expiration, metadata, size, blob, value } = row;
      if (value !== null) return { value, size, expiration, metadata };
      const opened = await this.#blobs.open(blob as string);
      if (opened?.size === size) return { value: opened.stream, size, expiration, metadata };
      opened?.stream.destroy();
      // Replaced between the two steps: look again. If the row still names it, the file is lost.
      if (missing === blob) throw this.#lostBlob(key, blob as string);
      missing = blob as string;
    }
  }

  async put(
    key: string,
    value: Uint8Array | AsyncIterable<Uint8Array>,
    options: KVPutOptions,
  ): Promise<void> {
    const namespace = await this.#open();
    this.#purgeWhenDue(namespace);
    const small = value instanceof Uint8Array ? value : await readSmall(value, LARGEST_INLINE_BYTES);
    if (small instanceof Uint8Array && small.byteLength <= LARGEST_INLINE_BYTES) {
      this.#drop(await namespace.put(key, small, options));
      return;
    }
    const staged = await this.#blobs.stage(small);
    try {
      this.#drop(await namespace.put(key, staged, options));
    } catch (error) {
      await staged.discard();
      throw error;
    }
  }

  async delete(key: string): Promise<void> {
    const namespace = await this.#open();
    this.#drop(await namespace.delete(key));
  }

  async list({ prefix, limit, cursor }: KVListOptions): Promise<KVPage> {
    const namespace = await this.#open();
    this.#purgeWhenDue(namespace);
    const after = cursor === null ? null : decodeCursor("kv", cursor);
    const keys = namespace.list(prefix, after, limit + 1, this.#clock.now());
    if (keys.length <= limit) return { keys, cursor: null };
    keys.pop();
    return { keys, cursor: encodeCursor("kv", keys.at(-1)?.name ?? "") };
  }

  async close(): Promise<void> {
    const namespace = await this.#opening?.catch(() => undefined);
    namespace?.flush();
    while (this.#background.size > 0) await Promise.allSettled(this.#background);
    namespace?.close();
  }

  #open(): Promise<OpenNamespace> {
    this.#opening ??= this.#openNow();
    return this.#opening;
  }

  async #openNow(): Promise<OpenNamespace> {
    try {
      const namespace = new OpenNamespace(await openDatabase(this.#paths.database, MIGRATIONS, PAGE_BYTES));
      this.#inBackground(this.#blobs.collect(namespace));
      return namespace;
    } catch (error) {
      // What was in the way may be gone at the next call.
      this.#opening = undefined;
      throw error;
    }
  }

  /** Removes expired entries, a bounded number at a time: they are invisible already. */
  #purgeWhenDue(namespace: OpenNamespace): void {
    const now = this.#clock.now();
    if (now < this.#nextPurge) return;
    this.#nextPurge = now + PURGE_INTERVAL_MS;
    this.#inBackground(
      namespace.purge(now).then(({ blobs, more }) => {
        if (more) this.#nextPurge = 0;
        for (const blob of blobs) this.#drop(blob);
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

  #lostBlob(key: string, blob: string): UserError {
    return new UserError(
      "STATE_DAMAGED",
      `The value of the key ${JSON.stringify(key)} is lost: ${this.#paths.blobs} lacks the file ${blob}, or a part of it.`,
      `Put the value again, delete the key, or restore ${this.#paths.blobs} from a copy.`,
    );
  }
}

/** The statements on one open database. Reads see the writes that were asked for before them. */
class OpenNamespace {
  readonly #database: Database;
  readonly #writes: GroupCommit;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#database = database;
    this.#writes = new GroupCommit(database);
    this.#statements = prepare(database);
  }

  get(key: string, now: number): Row | undefined {
    this.flush();
    return this.#database.run(() => this.#statements.get.get(key, now / 1000));
  }

  /** Resolves with the blob of the entry that was replaced. */
  put(key: string, value: Uint8Array | StagedBlob, options: KVPutOptions): Promise<string | null> {
    const { blobOf, put } = this.#statements;
    return this.#writes.write(() => {
      const replaced = blobOf.get(key);
      const inline = value instanceof Uint8Array;
      if (!inline) value.commit();
      const { expiration, metadata } = options;
      if (inline) put.run(key, expiration, metadata, value.byteLength, null, value);
      else put.run(key, expiration, metadata, value.size, value.id, null);
      return replaced ?? null;
    });
  }

  /** Resolves with the blob of the entry. */
  delete(key: string): Promise<string | null> {
    return this.#writes.write(() => this.#statements.delete.get(key) ?? null);
  }

  list(prefix: string, after: string | null, limit: number, now: number): KVKey[] {
    this.flush();
    const first = after === null ? prefix : nextAfter(after);
    const low = compareUtf8(first, prefix) < 0 ? prefix : first;
    return this.#database.run(() =>
      this.#statements.list.all(low, successor(prefix) ?? AFTER_ALL_KEYS, now / 1000, limit),
    );
  }

  purge(now: number): Promise<{ blobs: (string | null)[]; more: boolean }> {
    return this.#writes.write(() => {
      const blobs = this.#statements.purge.all(now / 1000, PURGE_ROWS);
      return { blobs, more: blobs.length === PURGE_ROWS };
    });
  }

  unreferenced(ids: readonly string[]): readonly string[] {
    return this.#database.run(() => ids.filter(id => this.#statements.refers.get(id) === undefined));
  }

  exclusively(work: () => void): void {
    this.#database.transaction(work);
  }

  flush(): void {
    this.#writes.flush();
  }

  close(): void {
    this.#database.close();
  }
}

type PutParameters = [
  key: string,
  expiration: number | null,
  metadata: string | null,
  size: number,
  blob: string | null,
  value: Uint8Array | null,
];

function prepare(database: Database) {
  return {
    get: database.prepare<[string, number], Row>(
      `SELECT expiration, metadata, size, blob, value FROM entries
      WHERE key = ? AND (expiration IS NULL OR expiration > ?)`,
    ),
    blobOf: database.prepare<[string], string | null>("SELECT blob FROM entries WHERE key = ?").pluck(),
    put: database.prepare<PutParameters, never>(
      `INSERT INTO entries (key, expiration, metadata, size, blob, value) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET expiration = excluded.expiration, metadata = excluded.metadata,
        size = excluded.size, blob = excluded.blob, value = excluded.value`,
    ),
    delete: database
      .prepare<[string], string | null>("DELETE FROM entries WHERE key = ? RETURNING blob")
      .pluck(),
    list: database.prepare<[string, string | Buffer, number, number], KVKey>(LIST),
    purge: database
      .prepare<[number, number], string | null>(
        `DELETE FROM entries WHERE key IN (SELECT key FROM entries WHERE expiration <= ? LIMIT ?) RETURNING blob`,
      )
      .pluck(),
    refers: database.prepare<[string], number>("SELECT 1 FROM entries WHERE blob = ?").pluck(),
  };
}
